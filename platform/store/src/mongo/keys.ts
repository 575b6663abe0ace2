import { present } from '../json.ts';
import { SubjectErasedError, type KeyRow, type KeyRows } from '../keys.ts';
import { subjectOf } from '../names.ts';
import { keyIdIn } from '../seals.ts';
import { bytesOf, isDuplicate } from './queries.ts';
import type { Models, RunRow, SubjectKeyRow } from './rows.ts';

/** A key as its row says; undefined when there is none. */
export function rowOfKey(row: unknown): KeyRow | undefined {
  if (row === null) return undefined;
  const { _id, sub, key, g } = row as SubjectKeyRow;
  return present<KeyRow>({
    id: _id,
    subject: sub,
    wrapped: key === undefined ? undefined : bytesOf(key),
    generation: g ?? 1,
  });
}

/** Rows of keys in MongoDB, in a collection of their own, so that they can be backed up apart. */
export function createKeyRows({ subjectKeys }: Models): KeyRows {
  const { collection } = subjectKeys;
  const insert = async ({ id, subject, ...rest }: Pick<KeyRow, 'id' | 'subject'> & Stored) => {
    try {
      await collection.insertOne({ _id: id as never, sub: subject, now: 1, ...rest });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  };

  return {
    current: async (subject) => rowOfKey(await collection.findOne({ sub: subject, now: 1 })),
    byId: async (id) => rowOfKey(await collection.findOne({ _id: id as never })),
    insert: ({ id, subject, wrapped, generation }) =>
      insert({ id, subject, ...(wrapped === undefined ? {} : wrappedKey(wrapped, generation)) }),
    async bury(subject, id, at) {
      const bury = () =>
        collection.updateOne(
          { sub: subject, now: 1 },
          { $unset: { key: 1, g: 1 }, $set: { destroyedAt: at } },
        );
      const { matchedCount } = await bury();
      if (matchedCount === 0 && !(await insert({ id, subject, destroyedAt: at }))) await bury();
    },
    async retire(subject) {
      const { matchedCount } = await collection.updateOne(
        { sub: subject, now: 1, key: { $exists: false } },
        { $unset: { now: 1 } },
      );
      return matchedCount === 1;
    },
    async wrappedBefore(generation, after, limit) {
      const rows = await collection
        .find({ _id: { $gt: after as never }, key: isThere, ...isUnder({ $lt: generation }) })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return rows.map((row) => rowOfKey(row)).filter((row) => row !== undefined);
    },
    async rewrap(anew) {
      if (anew.length === 0) return;
      await collection.bulkWrite(
        anew.map(({ id, wrapped = new Uint8Array(), before, generation }) => ({
          updateOne: {
            filter: { _id: id as never, key: isThere, ...isUnder(before) },
            update: { $set: wrappedKey(wrapped, generation) },
          },
        })),
        { ordered: false },
      );
    },
    async count() {
      const found = await collection
        .aggregate<{ _id: number; count: number }>([
          { $match: { key: isThere } },
          { $group: { _id: { $ifNull: ['$g', 1] }, count: { $sum: 1 } } },
        ])
        .toArray();
      return new Map(found.map(({ _id, count }) => [_id, count]));
    },
  };
}

const isThere = { $exists: true };

/** Rows of a generation. Those of the first have no number: so it was before there were more. */
function isUnder(generation: number | { $lt: number }): Record<string, unknown> {
  const isFirst = typeof generation === 'object' || generation === 1;
  return isFirst ? { $or: [{ g: generation }, { g: { $exists: false } }] } : { g: generation };
}

const wrappedKey = (wrapped: Uint8Array, generation: number): Stored => ({
  key: Buffer.from(wrapped),
  ...(generation === 1 ? {} : { g: generation }),
});

/** The name of a run's key, which stands in front of its state; of one from before states were sealed, whose it is. */
export async function keyIdOfRun(
  { runs }: Models,
  runId: string,
): Promise<{ keyId?: string; subject: { type: string; key: string } } | undefined> {
  const row = (await runs.collection.findOne(
    { _id: runId as never },
    { projection: { st: 1, sub: 1 } },
  )) as unknown as Pick<RunRow, 'st' | 'sub'> | null;
  if (row === null) return undefined;
  if (row.st === '') throw new SubjectErasedError(); // wiped
  const subject = subjectOf(row.sub);
  return typeof row.st === 'string' ? { subject } : { subject, keyId: keyIdIn(bytesOf(row.st)) };
}

interface Stored {
  key?: Buffer;
  g?: number;
  destroyedAt?: number;
}
