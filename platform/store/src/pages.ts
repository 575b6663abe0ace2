import type { Page, PageRequest } from './ports.ts';

/** What the items of a list are sorted by; unique in the list. */
export type SortKey = readonly (string | number)[];

/** A cursor that this store did not give out. */
export class InvalidCursorError extends Error {
  constructor(cursor: string) {
    super(`cursor '${cursor}' is none that this list gave out: ask for the first page without one`);
    this.name = 'InvalidCursorError';
  }
}

/** The cursor that continues after the item with this key. */
export function encodeCursor(key: SortKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The key in a cursor; its parts must have these types. */
export function decodeCursor<const Kinds extends readonly ('string' | 'number')[]>(
  cursor: string,
  kinds: Kinds,
): { [Index in keyof Kinds]: Kinds[Index] extends 'string' ? string : number } {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidCursorError(cursor);
  }
  if (
    !Array.isArray(key) ||
    key.length !== kinds.length ||
    !kinds.every((kind, index) => typeof key[index] === kind)
  )
    throw new InvalidCursorError(cursor);
  return key as { [Index in keyof Kinds]: Kinds[Index] extends 'string' ? string : number };
}

/** Makes a page of one item more than was asked for: the extra one tells whether there is a next page. */
export function pageOf<Item>(
  found: readonly Item[],
  { limit }: PageRequest,
  keyOf: (item: Item) => SortKey,
): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  return { items, nextCursor: encodeCursor(keyOf(last)) };
}
