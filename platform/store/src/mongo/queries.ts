import mongoose, { type Model } from 'mongoose';

import { decodeCursor } from '../pages.ts';
import type { PageRequest } from '../ports.ts';

const duplicateKey = 11_000;

/** Whether a write was refused because its key is taken. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === duplicateKey;
}

/** Inserts a row; false when its key is taken (S1). */
export async function insertOnce<Row>(model: Model<Row>, row: Row): Promise<boolean> {
  try {
    await new model(row as never).save();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** The bytes of a field, as the driver answers them. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof mongoose.mongo.Binary) return value.buffer.subarray(0, value.position);
  if (value instanceof Uint8Array) return value;
  throw new Error('a field that holds bytes holds something else');
}

/** Reads JSON that this store wrote. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- A cast with a name: what was written.
export function parse<Value>(text: string): Value {
  return JSON.parse(text) as Value;
}

/** An update that sets what is there and unsets what is undefined: what is absent has no field (R2). */
export function replacing(fields: Record<string, unknown>): {
  $set: Record<string, unknown>;
  $unset: Record<string, 1>;
} {
  const entries = Object.entries(fields);
  return {
    $set: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    $unset: Object.fromEntries(
      entries.filter(([, value]) => value === undefined).map(([name]) => [name, 1]),
    ),
  };
}

/** What of a list sorted by an instant and the id, latest first, comes after the cursor. */
export function olderThan({ cursor }: PageRequest, instant: string): Record<string, unknown> {
  if (cursor === undefined) return {};
  const [at, id] = decodeCursor(cursor, ['number', 'string']);
  return { $or: [{ [instant]: { $lt: at } }, { [instant]: at, _id: { $lt: id } }] };
}

/** The ids that begin with these words. */
export function idsFrom(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: `${prefix}\u{10ffff}` };
}

/** Filters and updates that are put together piece by piece, for Mongoose. */
export type Pieces = Record<string, unknown>;

/**
 * Of a bulk that failed, the indexes of the writes that were refused because their key is taken. Throws the error when
 * anything else was wrong.
 */
export function duplicatesIn(error: unknown): number[] {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) throw error;
  const refused: mongoose.mongo.WriteError[] = [error.writeErrors].flat();
  const onlyDuplicates =
    refused.length > 0 &&
    refused.every(({ code }) => code === duplicateKey) &&
    error.result.getWriteConcernError() === undefined;
  if (!onlyDuplicates) throw error;
  return refused.map(({ index }) => index);
}

/**
 * Runs a conditional upsert: first as one, and when that is refused as a duplicate, as a plain update.
 *
 * A refusal says that a row stands, not that the condition fails on it: two writers may both have found no row, and the
 * one that came second may be the one whose condition holds. The plain update decides.
 */
export async function upsertOrUpdate<Answer>(
  write: (upsert: boolean) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await write(true);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return write(false);
  }
}
