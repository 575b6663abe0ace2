/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { subjectName } from '../names.ts';
import type { ErasureRecord, ErasureStore } from '../ports.ts';
import { createTable } from './table.ts';

/** Erasures under way in memory. `wipe` is put together from the stores that hold something. */
export function createErasures(wipe: ErasureStore['wipe']): ErasureStore {
  const erasures = createTable<ErasureRecord>();
  return {
    async begin(erasure) {
      const name = subjectName(erasure);
      if (erasures.get(name)?.destroyedAt !== undefined) erasures.remove(name);
      erasures.insert(name, erasure);
    },
    underWay: async (limit) =>
      erasures
        .where(() => true)
        .toSorted((a, b) => a.at - b.at)
        .slice(0, limit),
    async isUnderWay(type, key) {
      const erasure = erasures.get(subjectName({ type, key }));
      return erasure !== undefined && erasure.destroyedAt === undefined;
    },
    async markDestroyed(type, key, at) {
      const name = subjectName({ type, key });
      const erasure = erasures.get(name);
      if (erasure) erasures.put(name, { destroyedAt: at, ...erasure });
    },
    async finish(type, key) {
      const name = subjectName({ type, key });
      if (erasures.get(name)?.destroyedAt !== undefined) erasures.remove(name);
    },
    wipe,
  };
}
