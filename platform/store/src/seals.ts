import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import {
  createCache,
  generationOfOwn,
  keyIdBytes,
  ownKeyId,
  SubjectErasedError,
  type KeyRing,
  type SubjectKey,
} from './keys.ts';
import type { Root } from './root-record.ts';
import { keyUnder, type Roots } from './roots.ts';

// Values about a person at rest.
//
//   V1. AES-256-GCM with the key of the person they are about; the key's name stands in front, so that whoever opens need not know
//       whose it is.
//   V2. Bound to its place: sealed bytes moved to another row or field do not open.
//   V3. What was written before values were sealed is text, and is read as it stands.
//   V4. What cannot be opened because its key was destroyed is undefined, never an error.
//   V5. Longer texts are deflated first: what is sealed the database cannot compress.
//   V6. What is about nobody that is known is sealed with the deployment's own key, under its newest root. Its name says under which.
//
// Layout: 1 byte (1 as it is, 2 deflated), 9 bytes the key's name, 12 the nonce, the text, 16 the tag.

/** Seals and opens values. */
export interface Seals {
  ofSubject(subject: { type: string; key: string }): Promise<SubjectKey>;
  /** The key of a run's person, as it was when the run began. */
  ofRun(runId: string): Promise<SubjectKey>;
  /** The deployment's own, for what is about nobody that is known (V6). */
  own(): SubjectKey;
  /** Notes whose key a run has, for whoever asks next. */
  note(runId: string, key: SubjectKey): void;
  seal(key: SubjectKey, text: string, place: string): Buffer;
  open(sealed: Uint8Array, place: string): Promise<string | undefined>;
}

const head = 1 + keyIdBytes;
const deflateFrom = 200;
const ownUnder = keyUnder('sojourn/subject-keys', 'own');
const ownKey = (root: Root): SubjectKey => ({ id: ownKeyId(root.generation), key: ownUnder(root) });

/** Seals over keys. `keyIdOfRun` finds the name of a run's key, or whose run it is; undefined when there is no such run. */
export function createSeals(
  keys: Pick<KeyRing, 'of' | 'byId'>,
  roots: Pick<Roots, 'newest' | 'of'>,
  lookUp: (
    runId: string,
  ) => Promise<{ keyId?: string; subject: { type: string; key: string } } | undefined>,
): Seals {
  const ofRuns = createCache<string>(20_000, 3_600_000); // a run's key never changes
  const required = async (id: string): Promise<SubjectKey> => {
    const found = await keys.byId(id);
    if (!found) throw new SubjectErasedError();
    return found;
  };
  const own = (): SubjectKey => ownKey(roots.newest());

  return {
    ofSubject: ({ type, key }) => keys.of(type, key),
    async ofRun(runId) {
      const known = ofRuns.get(runId);
      if (known !== undefined) return await required(known);
      const run = await lookUp(runId);
      if (!run) return own();
      const key =
        run.keyId === undefined
          ? await keys.of(run.subject.type, run.subject.key)
          : await required(run.keyId);
      ofRuns.set(runId, key.id);
      return key;
    },
    own,
    note: (runId, { id }) => ofRuns.set(runId, id),
    seal({ id, key }, text, place) {
      const plain = Buffer.from(text, 'utf8');
      const deflated = plain.length < deflateFrom ? plain : deflateRawSync(plain, { memLevel: 5 });
      const isShorter = deflated.length < plain.length;
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(place, 'utf8')); // V2
      return Buffer.concat([
        Buffer.from([isShorter ? 2 : 1]),
        Buffer.from(id, 'base64url'),
        nonce,
        cipher.update(isShorter ? deflated : plain),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },
    async open(sealed, place) {
      const id = keyIdIn(sealed);
      const generation = generationOfOwn(id);
      const found =
        generation === undefined ? await keys.byId(id) : ownKey(await roots.of(generation));
      if (!found) return undefined; // V4
      const decipher = createDecipheriv('aes-256-gcm', found.key, sealed.subarray(head, head + 12));
      decipher.setAAD(Buffer.from(place, 'utf8'));
      decipher.setAuthTag(sealed.subarray(sealed.length - 16));
      const plain = Buffer.concat([
        decipher.update(sealed.subarray(head + 12, sealed.length - 16)),
        decipher.final(),
      ]);
      return (sealed[0] === 2 ? inflateRawSync(plain) : plain).toString('utf8');
    },
  };
}

/** The name of the key that something was sealed with. */
export function keyIdIn(sealed: Uint8Array): string {
  const form = sealed[0];
  if (form !== 1 && form !== 2)
    throw new Error(`a value is sealed in a form this release does not know: ${form ?? 'none'}`);
  return Buffer.from(sealed.subarray(1, head)).toString('base64url');
}
