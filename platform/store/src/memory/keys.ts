/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import type { KeyRow, KeyRows } from '../keys.ts';
import type { RootRecord, RootRows } from '../root-record.ts';

/** Rows of keys in memory. */
export function createKeyRows(): KeyRows {
  const rows = new Map<string, KeyRow>();
  const counting = new Map<string, string>();
  const current = (subject: string) => rows.get(counting.get(subject) ?? '');

  return {
    current: async (subject) => current(subject),
    byId: async (id) => rows.get(id),
    async insert(row) {
      if (counting.has(row.subject)) return false;
      rows.set(row.id, row);
      counting.set(row.subject, row.id);
      return true;
    },
    async bury(subject, id) {
      const standing = current(subject)?.id ?? id;
      rows.set(standing, { id: standing, subject, generation: 1 });
      counting.set(subject, standing);
    },
    async retire(subject) {
      const standing = current(subject);
      if (!standing || standing.wrapped) return false;
      return counting.delete(subject);
    },
    wrappedBefore: async (generation, after, limit) =>
      [...rows.values()]
        .filter((row) => row.wrapped && row.generation < generation && row.id > after)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    async rewrap(anew) {
      for (const { before, ...row } of anew) {
        const standing = rows.get(row.id);
        if (standing?.wrapped && standing.generation === before) rows.set(row.id, row);
      }
    },
    async count() {
      const counts = new Map<number, number>();
      for (const { wrapped, generation } of rows.values())
        if (wrapped) counts.set(generation, (counts.get(generation) ?? 0) + 1);
      return counts;
    },
  };
}

/** The record of the roots in memory. */
export function createRootRows(standing?: RootRecord): RootRows {
  let record = standing;
  return {
    read: async () => record,
    async replace(next) {
      if ((record?.revision ?? 0) !== next.revision - 1) return false;
      record = next;
      return true;
    },
  };
}
