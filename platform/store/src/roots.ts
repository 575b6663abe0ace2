import { hkdfSync, randomBytes } from 'node:crypto';

import {
  DeploymentKeyError,
  unwrapped,
  wrappedRoot,
  type Root,
  type RootRecord,
  type RootRows,
} from './root-record.ts';

// The roots of a deployment: the secrets that everything derives from which it seals or signs with keys of its own. How they are stored,
// and X1, X3 to X5, stand in root-record.ts.
//
//   X2. The newest generation seals and signs. Every one that there ever was opens and verifies.
//   X6. A generation that is not known here is looked for in the database before it is an error: another process may have begun it.

/** The roots as one process knows them. */
export interface Roots {
  /** What is sealed and signed now is under this one (X2). */
  newest(): Root;
  /** Every one, the newest first. */
  all(): readonly Root[];
  /** The one of a generation; undefined when it is not known here yet. */
  known(generation: number): Root | undefined;
  /** The one of a generation, from the database when it must be (X6). Rejects when there is none. */
  of(generation: number): Promise<Root>;
  /** Learns what the database has, as it stands after the call. */
  refresh(): Promise<void>;
}

/** Roots over a record that was opened. */
export function createRoots(
  rows: RootRows,
  deploymentKey: Uint8Array,
  record: RootRecord,
): Roots & RootChanges {
  let roots: Root[] = [];
  roots = opened(record);
  let reading: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const learn = async (): Promise<void> => {
    roots = opened(await standing());
  };
  const refresh = (): Promise<void> => {
    if (!reading) {
      reading = learn().finally(() => (reading = undefined));
      return reading;
    }
    // What is being read may have been read before the call: the next reading is for everybody who asks meanwhile.
    next ??= reading
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return refresh();
      });
    return next;
  };
  const change = async (to: (standing: RootRecord) => RootRecord | undefined): Promise<void> => {
    for (;;) {
      const before = await standing();
      opened(before); // with another key than it is wrapped by now, nothing is added to it
      const after = to(before);
      if (!after || (await rows.replace({ ...after, revision: before.revision + 1 }))) break; // X5
    }
    await refresh();
  };
  const newest = (): Root => {
    const [root] = roots;
    if (!root) throw new Error('there is no root');
    return root;
  };

  return {
    newest,
    all: () => roots,
    known,
    refresh,
    async of(generation) {
      const found = known(generation);
      if (found) return found;
      await refresh();
      const learnt = known(generation);
      if (!learnt)
        throw new Error(
          `generation ${generation} of the deployment's keys is missing: was it lost?`,
        );
      return learnt;
    },
    async begin() {
      await change((before) => {
        if (before.renewing !== undefined) return undefined;
        const generation = Math.max(...before.roots.map((root) => root.generation)) + 1;
        const root = { generation, secret: randomBytes(32) };
        return {
          ...before,
          roots: [...before.roots, wrappedRoot(root, deploymentKey)],
          renewing: generation,
        };
      });
      return newest().generation;
    },
    async finish(generation) {
      await change(({ renewing, ...before }) => (renewing === generation ? before : undefined));
    },
    renewing: async () => (await standing()).renewing,
  };

  function known(generation: number): Root | undefined {
    return roots.find((root) => root.generation === generation);
  }

  async function standing(): Promise<RootRecord> {
    const found = await rows.read();
    if (!found) throw new Error("the deployment's keys are missing: was their collection lost?");
    return found;
  }

  /** The roots of a record; those that were known stay the same objects. */
  function opened(from: RootRecord): Root[] {
    const found = unwrapped(from, deploymentKey);
    if (!found) throw new DeploymentKeyError('exchanged');
    return found.map((root) => {
      const before = known(root.generation);
      return before && Buffer.compare(before.secret, root.secret) === 0 ? before : root;
    });
  }
}

/** How a new generation begins, and everything is said to be under it. */
export interface RootChanges {
  /** Adds a generation, or answers the one that everything is being wrapped under already. */
  begin(): Promise<number>;
  /** Says that everything is under it. */
  finish(generation: number): Promise<void>;
  /** The generation under which everything is being wrapped anew. */
  renewing(): Promise<number | undefined>;
}

/** Roots that nobody changes: these secrets, from generation 1. */
export function fixedRoots(...secrets: readonly Uint8Array[]): Roots {
  const roots = secrets.map((secret, index) => ({ generation: index + 1, secret })).reverse();
  const known = (generation: number) => roots.find((root) => root.generation === generation);
  return {
    newest: () => roots[0] ?? { generation: 0, secret: new Uint8Array() },
    all: () => roots,
    known,
    of(generation) {
      const root = known(generation);
      return root ? Promise.resolve(root) : Promise.reject(new Error('there is no such root'));
    },
    refresh: () => Promise.resolve(),
  };
}

/** What is made of a root, made once. */
export function perRoot<Made extends object>(make: (root: Root) => Made): (root: Root) => Made {
  const kept = new WeakMap<Root, Made>();
  return (root) => {
    const standing = kept.get(root);
    if (standing) return standing;
    const made = make(root);
    kept.set(root, made);
    return made;
  };
}

/** A key of a purpose, derived from a root. */
export const keyUnder = (purpose: string, info: string): ((root: Root) => Uint8Array) =>
  perRoot(({ secret }) => new Uint8Array(hkdfSync('sha256', secret, purpose, info, 32)));
