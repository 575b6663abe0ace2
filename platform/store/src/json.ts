import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '@sojourn/engine';

/** Applies a JSON merge patch (RFC 7396): `null` removes, objects are merged, everything else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else if (isObject(value)) merged.set(name, mergePatch(objectOr(merged.get(name)), value));
    else merged.set(name, value);
  }
  // Not by assignment: a key named `__proto__` is a key like any other.
  return Object.fromEntries(merged);
}

/** The names under which two objects differ. */
export function changedNames(before: JsonObject, after: JsonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(own(before, name), own(after, name)));
}

const own = (object: JsonObject, name: string) =>
  Object.hasOwn(object, name) ? object[name] : undefined;
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOr = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

/** A type whose optional properties may also be there and undefined. */
type Loose<Type> = {
  [Key in keyof Type]: object extends Pick<Type, Key> ? Type[Key] | undefined : Type[Key];
};

/** The same without what is undefined: in our types what is absent is not there. */
export function present<Type extends object>(value: Loose<Type>): Type {
  return Object.fromEntries(
    Object.entries(value).filter(([, property]) => property !== undefined),
  ) as Type;
}
