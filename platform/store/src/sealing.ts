import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '@sojourn/engine';

// Secrets of connections at rest.
//
//   Z1. AES-256-GCM with a key of the record's own: random, wrapped by a key derived from the deployment's.
//   Z2. Bound to its place: a sealed text moved to another record or field does not open.
//   Z3. A field is secret when its schema says `x-secret: true`, at the top or within an object: then its path names it, as in
//       `inbound/password`. Within lists nothing is.

/** Seals texts, and opens them again at the same place. */
export interface Sealer {
  seal(text: string, place: string): string;
  /** Throws when it was sealed with another key, for another place, or altered. */
  open(sealed: string, place: string): string;
}

/** A sealer under the deployment's key (32 bytes). */
export function createSealer(deploymentKey: Uint8Array): Sealer {
  const wrapping = new Uint8Array(hkdfSync('sha256', deploymentKey, 'sojourn/secrets', 'wrap', 32));
  return {
    seal: (text, place) => {
      const key = randomBytes(32);
      return `1.${encrypt(wrapping, key, place)}.${encrypt(key, Buffer.from(text, 'utf8'), place)}`;
    },
    open: (sealed, place) => {
      const [version, wrapped = '', body = ''] = sealed.split('.');
      if (version !== '1')
        throw new Error(
          `a secret is sealed in a form this release does not know: ${version ?? ''}`,
        );
      return decrypt(decrypt(wrapping, wrapped, place), body, place).toString('utf8');
    },
  };
}

function encrypt(key: Uint8Array, plain: Uint8Array, place: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(place, 'utf8')); // Z2
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

function decrypt(key: Uint8Array, text: string, place: string): Buffer {
  const sealed = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(place, 'utf8'));
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return Buffer.concat([
    decipher.update(sealed.subarray(12, sealed.length - 16)),
    decipher.final(),
  ]);
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
