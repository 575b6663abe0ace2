import type { SubjectKey } from '../keys.ts';
import type { Seals } from '../seals.ts';
import { bytesOf } from './queries.ts';
import type { Sealed } from './rows.ts';

/** What stands for a value that nobody can read any more. */
export const erasedValue = { erased: true };
export const erasedText = JSON.stringify(erasedValue);

/** Seals a value of one run or row, for its field. */
export type Sealing = (value: unknown, field: string) => Buffer;

/** Seals with one key for the fields of one owner. */
export const sealing =
  (seals: Seals, key: SubjectKey, owner: string): Sealing =>
  (value, field) =>
    seals.seal(key, JSON.stringify(value), `${owner} ${field}`);

/** The text of a field, whether it is sealed or was written before values were; undefined when its key was destroyed. */
export async function openText(
  seals: Seals,
  value: Sealed,
  place: string,
): Promise<string | undefined> {
  return typeof value === 'string' ? value : await seals.open(bytesOf(value), place);
}
