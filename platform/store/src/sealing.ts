import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '@sojourn/engine';

import { decrypt, encrypt } from './boxes.ts';
import type { Root } from './root-record.ts';
import { keyUnder, type Roots } from './roots.ts';

// Secrets of connections at rest.
//
//   Z1. AES-256-GCM with a key of the record's own: random, wrapped by a key derived from a root of the deployment.
//   Z2. Bound to its place: a sealed text moved to another record or field does not open.
//   Z3. A field is secret when its schema says `x-secret: true`, at the top or within an object: then its path names it, as in
//       `inbound/password`. Within lists nothing is.
//   Z4. The text says under which generation it stands: `1.…` under the first, as ever, `2.<generation>.…` under a later one. Wrapped
//       anew, the key is wrapped by another root, and what it sealed stays as it is.

/** Seals texts, and opens them again at the same place. */
export interface Sealer {
  seal(text: string, place: string): string;
  /** Throws when it was sealed under another root, for another place, or altered. */
  open(sealed: string, place: string): string;
}

/** A sealer under the newest root of the deployment. */
export function createSealer(roots: Pick<Roots, 'newest' | 'known'>): Sealer {
  return {
    seal(text, place) {
      const key = randomBytes(32);
      const root = roots.newest();
      return textOf({
        generation: root.generation,
        wrapped: encrypt(wrappingOf(root), key, place),
        body: encrypt(key, Buffer.from(text, 'utf8'), place).toString('base64url'),
      });
    },
    open(sealed, place) {
      const { body, ...wrapped } = partsOf(sealed);
      const key = recordKey(roots, wrapped, place);
      return decrypt(key, Buffer.from(body, 'base64url'), place).toString('utf8');
    },
  };
}

const wrappingOf = keyUnder('sojourn/secrets', 'wrap');

/** A sealed text, taken apart (Z4). */
interface SealedText {
  generation: number;
  wrapped: Uint8Array;
  body: string;
}

function textOf({ generation, wrapped, body }: SealedText): string {
  const rest = `${Buffer.from(wrapped).toString('base64url')}.${body}`;
  return generation === 1 ? `1.${rest}` : `2.${generation}.${rest}`;
}

function partsOf(sealed: string): SealedText {
  const [form, generation, wrapped, body] = sealed.startsWith('1.')
    ? ['1', '1', ...sealed.split('.').slice(1)]
    : sealed.split('.');
  if (form !== '1' && form !== '2')
    throw new Error(`a secret is sealed in a form this release does not know: ${form ?? ''}`);
  return {
    generation: Number(generation),
    wrapped: Buffer.from(wrapped ?? '', 'base64url'),
    body: body ?? '',
  };
}

function recordKey(
  roots: Pick<Roots, 'known'>,
  { generation, wrapped }: Omit<SealedText, 'body'>,
  place: string,
): Uint8Array {
  const root = roots.known(generation);
  if (!root)
    throw new Error(
      `a secret is sealed under generation ${generation} of the deployment's keys, which this process does not know: start it again with the deployment's key as it is now`,
    );
  return decrypt(wrappingOf(root), wrapped, place);
}

type SchemaLike = Record<string, unknown>;

/** The paths of the fields that a connection's schema marks as secret (Z3). */
export function secretFields(schema: SchemaLike): string[] {
  const properties = schema['properties'];
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties as Record<string, SchemaLike>).flatMap(([name, rules]) =>
    rules['x-secret'] === true ? [name] : secretFields(rules).map((path) => `${name}/${path}`),
  );
}

/** Settings with every secret field as `{ sealed: text }`, an object as its JSON; what is sealed already stays as it is. */
export function sealSettings(
  sealer: Sealer,
  connectionId: string,
  settings: JsonObject,
  secrets: readonly string[],
): JsonObject {
  return mapFields(settings, (value, path) =>
    secrets.includes(path) && value !== null && !isSealed(value)
      ? sealedValue(sealer, value, placeOf(connectionId, path))
      : undefined,
  );
}

/** Settings with every secret in clear. For the length of a call only: never to be stored, logged or answered. */
export function openSettings(
  sealer: Sealer,
  connectionId: string,
  settings: JsonObject,
): JsonObject {
  return mapFields(settings, (value, path) =>
    isSealed(value) ? openedValue(sealer, value, placeOf(connectionId, path)) : undefined,
  );
}

/** Settings as they may be shown: `{ sealed: true }` in the place of every secret. */
export function shownSettings(settings: JsonObject): JsonObject {
  return mapFields(settings, (value) => (isSealed(value) ? { sealed: true } : undefined));
}

/** Settings with every secret of an earlier generation wrapped anew under this root (Z4). */
export function rewrapSettings(
  roots: Pick<Roots, 'known'>,
  to: Root,
  connectionId: string,
  settings: JsonObject,
): JsonObject {
  return mapFields(settings, (value, path): JsonObject | undefined => {
    if (!isSealed(value)) return undefined;
    const { body, ...before } = partsOf(value.sealed);
    if (before.generation >= to.generation) return value;
    const place = placeOf(connectionId, path);
    const wrapped = encrypt(wrappingOf(to), recordKey(roots, before, place), place);
    const rest: JsonObject = value;
    return { ...rest, sealed: textOf({ generation: to.generation, wrapped, body }) };
  });
}

/** Under which generation each secret of some settings is sealed. */
export function generationsIn(settings: JsonObject): number[] {
  const found: number[] = [];
  mapFields(settings, (value) => {
    if (isSealed(value) && /^[12]\./.test(value.sealed))
      found.push(partsOf(value.sealed).generation);
    return undefined;
  });
  return found;
}

/** Settings with fields replaced, by their path. Where `replace` answers nothing, an object is looked into. */
function mapFields(
  settings: JsonObject,
  replace: (value: Json, path: string) => Json | undefined,
  within = '',
): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const path = `${within}${name}`;
      const kept = isPlainObject(value) && !isSealed(value);
      return [name, replace(value, path) ?? (kept ? mapFields(value, replace, `${path}/`) : value)];
    }),
  );
}

function sealedValue(sealer: Sealer, value: Json, place: string): JsonObject {
  if (typeof value === 'string') return { sealed: sealer.seal(value, place) };
  return { sealed: sealer.seal(JSON.stringify(value), place), json: true };
}

function openedValue(sealer: Sealer, { sealed, json }: SealedValue, place: string): Json {
  const text = sealer.open(sealed, place);
  return json === true ? (JSON.parse(text) as Json) : text;
}

interface SealedValue {
  sealed: string;
  /** Whether it is the text of some JSON. */
  json?: unknown;
}

function isSealed(value: Json): value is JsonObject & SealedValue {
  return isPlainObject(value) && typeof value['sealed'] === 'string';
}

function isPlainObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const placeOf = (connectionId: string, path: string): string =>
  `connection/${connectionId}/${path}`;
