/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import type { KeyRow, KeyRows } from '../keys.ts';

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
      rows.set(standing, { id: standing, subject });
      counting.set(subject, standing);
    },
    async retire(subject) {
      const standing = current(subject);
      if (!standing || standing.wrapped) return false;
      return counting.delete(subject);
    },
  };
}
