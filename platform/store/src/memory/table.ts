import { decodeCursor, pageOf } from '../pages.ts';
import type { Page, PageRequest } from '../ports.ts';

/** A copy through JSON, as a database makes one: what the caller changes later changes nothing here. */
export function copy<Value>(value: Value): Value {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as Value);
}

/** Rows under unique keys. */
export interface Table<Row> {
  get(key: string): Row | undefined;
  /** False when the key is taken. */
  insert(key: string, row: Row): boolean;
  put(key: string, row: Row): void;
  remove(key: string): boolean;
  where(test: (row: Row) => boolean): Row[];
}

/** Makes an empty table that gives out copies. */
export function createTable<Row>(): Table<Row> {
  const rows = new Map<string, Row>();
  return {
    get: (key) => copy(rows.get(key)),
    insert(key, row) {
      if (rows.has(key)) return false;
      rows.set(key, copy(row));
      return true;
    },
    put: (key, row) => void rows.set(key, copy(row)),
    remove: (key) => rows.delete(key),
    where: (test) => [...rows.values()].filter(test).map(copy),
  };
}

type Comparable = string | number;
type InstantKey = readonly [number, string];
const compare = (a: Comparable, b: Comparable) => (a < b ? -1 : a > b ? 1 : 0);

/** A page in the order of one key, lowest first. */
export function ascending<Item>(
  items: readonly Item[],
  page: PageRequest,
  keyOf: (item: Item) => Comparable,
): Page<Item> {
  const sorted = items.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  const first = sorted[0];
  if (page.cursor === undefined || first === undefined)
    return pageOf(sorted.slice(0, page.limit + 1), page, (item) => [keyOf(item)]);
  const kind = typeof keyOf(first) === 'number' ? 'number' : 'string';
  const [after] = decodeCursor(page.cursor, [kind]);
  const rest = sorted.filter((item) => compare(keyOf(item), after) > 0);
  return pageOf(rest.slice(0, page.limit + 1), page, (item) => [keyOf(item)]);
}

/** A page in the order of an instant and an id, latest first. */
export function latestFirst<Item>(
  items: readonly Item[],
  page: PageRequest,
  keyOf: (item: Item) => InstantKey,
): Page<Item> {
  return inOrder(items, page, keyOf, (a, b) => compare(b[0], a[0]) || compare(b[1], a[1]));
}

/** A page in the order of an instant and an id, earliest first. */
export function earliestFirst<Item>(
  items: readonly Item[],
  page: PageRequest,
  keyOf: (item: Item) => InstantKey,
): Page<Item> {
  return inOrder(items, page, keyOf, (a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
}

function inOrder<Item>(
  items: readonly Item[],
  page: PageRequest,
  keyOf: (item: Item) => InstantKey,
  order: (a: InstantKey, b: InstantKey) => number,
): Page<Item> {
  const sorted = items.toSorted((a, b) => order(keyOf(a), keyOf(b)));
  const after =
    page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number', 'string']);
  const rest =
    after === undefined ? sorted : sorted.filter((item) => order(keyOf(item), after) > 0);
  return pageOf(rest.slice(0, page.limit + 1), page, keyOf);
}
