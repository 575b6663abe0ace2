import { hkdfSync, randomBytes } from 'node:crypto';

import { decrypt, encrypt } from './boxes.ts';

// The roots of a deployment as they are stored, and the key that opens them.
//
//   X1. A root is random, and stands wrapped by the deployment's key, bound to its generation. All stand in one record: they are
//       wrapped anew together or not at all.
//   X3. A database from before there were roots keeps the key that it had as generation 1, once that key has opened what stands
//       there: what is sealed stays readable, and links that were sent stay good.
//   X4. A key that does not open the roots changes nothing. Beside the key before, which does, it takes that one's place.
//   X5. The record is replaced only by who has read it as it stands: of two who change it at once, the later one looks again.

/** A root: 32 bytes, and which one it is, from 1. */
export interface Root {
  generation: number;
  secret: Uint8Array;
}

/** The record of the roots as it is stored. */
export interface RootRecord {
  /** Grows by one with each change, from 1. */
  revision: number;
  roots: { generation: number; wrapped: Uint8Array }[];
  /** The generation under which everything is being wrapped anew, until that is done. */
  renewing?: number;
}

/** Where the record is kept. */
export interface RootRows {
  read(): Promise<RootRecord | undefined>;
  /** Puts a record in the place of the one before its revision. False when that one does not stand (X5). */
  replace(record: RootRecord): Promise<boolean>;
}

/** What a database holds that has no roots. */
export interface EarlierContent {
  isEmpty: boolean;
  /** Whether what is sealed there opens under a root; true when nothing is. */
  opensUnder(root: Root): Promise<boolean>;
}

/** The keys that a process is started with, 32 bytes each. */
export interface DeploymentKeys {
  deploymentKey: Uint8Array;
  /** Those before it: what one of them wrapped is wrapped anew. */
  formerKeys?: readonly Uint8Array[];
}

const wordsOf = {
  refused: "the deployment's keys do not open with the key that was given",
  exchanged:
    "the deployment's key was exchanged while this process ran: start it again with the new one",
  altered:
    "some of the deployment's keys were altered: restore the collection 'roots' from a backup",
} as const;

/** Says that the roots do not open: to this key never, no longer, or not all of them. */
export class DeploymentKeyError extends Error {
  readonly code: keyof typeof wordsOf;

  constructor(code: keyof typeof wordsOf) {
    super(wordsOf[code]);
    this.name = 'DeploymentKeyError';
    this.code = code;
  }
}

/**
 * Opens the roots, and makes the first one where there is none. `exchanged` when they were wrapped anew by a new key. Rejects with a
 * `DeploymentKeyError` when no key opens them; nothing was changed then (X4).
 */
export async function openRoots(
  rows: RootRows,
  { deploymentKey, formerKeys = [] }: DeploymentKeys,
  earlier: () => Promise<EarlierContent>,
): Promise<{ record: RootRecord; exchanged: boolean }> {
  for (let exchanged = false; ;) {
    const record = await rows.read();
    if (record) {
      if (unwrapped(record, deploymentKey)) return { record, exchanged };
      const roots = formerKeys.map((key) => unwrapped(record, key)).find((found) => found);
      if (!roots) throw new DeploymentKeyError('refused'); // X4
      exchanged = await rows.replace(wrapped(record, roots, deploymentKey));
    } else {
      const root = await firstRoot([...formerKeys, deploymentKey], await earlier());
      await rows.replace(recordOf(root, deploymentKey));
    }
  }
}

/** The record of a deployment that begins with this root. */
export function recordOf(root: Root, deploymentKey: Uint8Array): RootRecord {
  return wrapped({ revision: 0, roots: [] }, [root], deploymentKey);
}

async function firstRoot(keys: readonly Uint8Array[], content: EarlierContent): Promise<Root> {
  if (content.isEmpty) return { generation: 1, secret: randomBytes(32) };
  for (const secret of keys) {
    const root = { generation: 1, secret };
    if (await content.opensUnder(root)) return root; // X3
  }
  throw new DeploymentKeyError('refused');
}

// ── Wrapping ────────────────────────────────────────────────────────────────────────────────────────────────────────

const wrappingOf = (deploymentKey: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', deploymentKey, 'sojourn/roots', 'wrap', 32));
const placeOf = (generation: number): string => `root/${generation}`;

export function wrappedRoot({ generation, secret }: Root, deploymentKey: Uint8Array) {
  return {
    generation,
    wrapped: encrypt(wrappingOf(deploymentKey), secret, placeOf(generation)), // X1
  };
}

function wrapped(before: RootRecord, roots: readonly Root[], key: Uint8Array): RootRecord {
  return {
    ...before,
    revision: before.revision + 1,
    roots: roots.map((root) => wrappedRoot(root, key)),
  };
}

/** The roots of a record, the newest first; undefined when none opens. One that does not open among others that do was altered: an error. */
export function unwrapped({ roots }: RootRecord, deploymentKey: Uint8Array): Root[] | undefined {
  const wrapping = wrappingOf(deploymentKey);
  const found = roots.flatMap(({ generation, wrapped: text }) => {
    try {
      return [{ generation, secret: new Uint8Array(decrypt(wrapping, text, placeOf(generation))) }];
    } catch {
      return []; // another key's, or altered
    }
  });
  if (found.length === 0) return undefined;
  if (found.length < roots.length) throw new DeploymentKeyError('altered');
  return found.sort((a, b) => b.generation - a.generation);
}
