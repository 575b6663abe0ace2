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

/** Whether every write of a bulk that failed was refused because its key is taken. */
export function isDuplicateOnly(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return isDuplicate(error);
  const failed = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return (
    failed.length > 0 &&
    failed.every(({ code }) => code === duplicateKey) &&
    error.result.getWriteConcernError() === undefined
  );
}
