import { present } from '../json.ts';
import { SubjectErasedError, type KeyRow, type KeyRows } from '../keys.ts';
import { subjectOf } from '../names.ts';
import { keyIdIn } from '../seals.ts';
import { bytesOf, isDuplicate } from './queries.ts';
import type { Models, RunRow, SubjectKeyRow } from './rows.ts';

/** Rows of keys in MongoDB, in a collection of their own, so that they can be backed up apart. */
export function createKeyRows({ subjectKeys }: Models): KeyRows {
  const { collection } = subjectKeys;
  const rowOf = (row: unknown): KeyRow | undefined => {
    if (row === null) return undefined;
    const { _id, sub, key } = row as SubjectKeyRow;
    return present<KeyRow>({
      id: _id,
      subject: sub,
      wrapped: key === undefined ? undefined : bytesOf(key),
    });
  };
  const insert = async ({ id, subject, ...rest }: Omit<KeyRow, 'wrapped'> & Buried) => {
    try {
      await collection.insertOne({ _id: id as never, sub: subject, now: 1, ...rest });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  };

  return {
    current: async (subject) => rowOf(await collection.findOne({ sub: subject, now: 1 })),
    byId: async (id) => rowOf(await collection.findOne({ _id: id as never })),
    insert: ({ id, subject, wrapped }) =>
      insert({ id, subject, ...(wrapped === undefined ? {} : { key: Buffer.from(wrapped) }) }),
    async bury(subject, id, at) {
      const bury = () =>
        collection.updateOne(
          { sub: subject, now: 1 },
          { $unset: { key: 1 }, $set: { destroyedAt: at } },
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
  };
}

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

interface Buried {
  key?: Buffer;
  destroyedAt?: number;
}
