import type { Diagnostic } from './engine.ts';

type Patch = NonNullable<Diagnostic['fix']>['patch'];

/** The value after a JSON Patch (RFC 6902: add, remove, replace). Operations whose place is not there are passed over. */
export function applyPatch(value: unknown, patch: Patch): unknown {
  return patch.reduce<unknown>(
    (current, { op, path, value: given }) =>
      change(current, path.split('/').slice(1).map(unescape), op, given),
    value,
  );
}

function unescape(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function change(
  value: unknown,
  path: readonly string[],
  op: Patch[number]['op'],
  given: unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return op === 'remove' ? undefined : given;
  if (Array.isArray(value)) return changeList(value, key, rest, op, given);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  if (rest.length > 0)
    return key in record ? { ...record, [key]: change(record[key], rest, op, given) } : value;
  if (op !== 'remove') return { ...record, [key]: given };
  const { [key]: _gone, ...others } = record;
  return others;
}

function changeList(
  list: readonly unknown[],
  key: string,
  rest: readonly string[],
  op: Patch[number]['op'],
  given: unknown,
): unknown {
  const index = key === '-' ? list.length : Number(key);
  if (rest.length > 0)
    return list.map((item, at) => (at === index ? change(item, rest, op, given) : item));
  if (op === 'add') return [...list.slice(0, index), given, ...list.slice(index)];
  if (op === 'remove') return list.filter((_, at) => at !== index);
  return list.map((item, at) => (at === index ? given : item));
}
