import type { JsonObject } from '@sojourn/engine';

import { createKeyWrapping, type KeyRow, type KeyRows } from './keys.ts';
import type {
  ConnectionStore,
  KeysStanding,
  RenewalOptions,
  RenewalProgress,
  RootStore,
} from './ports.ts';
import type { RootChanges, Roots } from './roots.ts';
import { generationsIn, rewrapSettings } from './sealing.ts';

// A new root, and everything that is wrapped under an earlier one wrapped anew under it.
//
//   N1. The record says that it is under way until it is done: cut off anywhere, the next renewal goes on with the same generation.
//   N2. Nothing is wrapped anew before every process has had the time to learn of the generation: afterwards nobody seals under an
//       earlier one.
//   N3. Each row is replaced only as it was read: what was saved meanwhile stays as it was saved, who was erased stays erased.

/** How long a process may not know of a new generation. */
export const learnMs = 5_000;
const settleMs = 2 * learnMs;
const batch = 250;
const attempts = 20;

/** The roots, with what stands under them in these rows. */
export function createRootStore(
  roots: Roots & RootChanges,
  rows: KeyRows,
  connections: Pick<ConnectionStore, 'get' | 'list' | 'amend'>,
): RootStore {
  const wrapping = createKeyWrapping(roots);

  const standing = async (): Promise<KeysStanding> => {
    await roots.refresh();
    const [keys, list, renewing] = await Promise.all([
      rows.count(),
      connections.list(),
      roots.renewing(),
    ]);
    const secrets = list.flatMap(({ settings }) => generationsIn(settings));
    return {
      newest: roots.newest().generation,
      isRenewing: renewing !== undefined,
      generations: roots
        .all()
        .map(({ generation }) => ({
          generation,
          subjectKeys: keys.get(generation) ?? 0,
          secrets: secrets.filter((item) => item === generation).length,
        }))
        .reverse(),
    };
  };

  const renew = async ({
    report = () => undefined,
    pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }: RenewalOptions): Promise<RenewalProgress> => {
    const generation = await roots.begin(); // N1
    const to = await roots.of(generation);
    await pause(settleMs); // N2
    const progress: RenewalProgress = { generation, done: 0, total: 0, failed: [] };
    const list = await connections.list();
    for (const [under, count] of await rows.count())
      if (under < generation) progress.total += count;
    progress.total += list.length;
    const tell = (done: number): void => {
      progress.done += done;
      report({ ...progress, failed: [...progress.failed] });
    };

    for (let after = ''; ;) {
      const found = await rows.wrappedBefore(generation, after, batch);
      const last = found.at(-1);
      if (!last) break;
      const anew = await Promise.all(found.map(wrapKey));
      await rows.rewrap(anew.filter((row) => row !== undefined)); // N3
      after = last.id;
      tell(found.length);
    }
    for (const { id } of list) {
      if (!(await wrapConnection(id))) progress.failed.push(`connection ${id}`);
      tell(1);
    }
    if (progress.failed.length === 0) await roots.finish(generation);
    return progress;

    async function wrapKey(row: KeyRow): Promise<(KeyRow & { before: number }) | undefined> {
      try {
        const key = await wrapping.opened(row);
        if (!key) return undefined;
        const { id, subject, generation: before } = row;
        return { id, subject, before, generation, wrapped: wrapping.wrapped(key, row, to) };
      } catch {
        progress.failed.push(`key ${row.id}`); // altered: the others are not kept waiting for it
        return undefined;
      }
    }

    /** False when a secret of it does not open. */
    async function wrapConnection(id: string): Promise<boolean> {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const connection = await connections.get(id);
        if (!connection || generationsIn(connection.settings).every((item) => item >= generation))
          return true;
        const anew = (settings: JsonObject): JsonObject => rewrapSettings(roots, to, id, settings);
        try {
          anew(connection.settings);
        } catch {
          return false; // altered: the others are not kept waiting for it
        }
        if (await connections.amend(id, anew)) return true; // N3
      }
      return false;
    }
  };

  return {
    newest: () => roots.newest(),
    all: () => roots.all(),
    known: (generation) => roots.known(generation),
    of: (generation) => roots.of(generation),
    refresh: () => roots.refresh(),
    standing,
    renew: (options = {}) => renew(options),
  };
}
