import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { subjectName } from './names.ts';

// One key for each person, and nothing of theirs readable without it.
//
//   Y1. A key is random and stands wrapped by the deployment's, bound to its name and its person; it is made once, whoever asks first.
//   Y2. A destroyed key leaves a tombstone: nobody makes another in silence for the person who was erased. Only `renew` does, when
//       they are made known again.
//   Y3. A name that was never given out is an error, and one that was destroyed is an answer: a lost key is not an erasure.
//   Y4. What is kept of keys in a process is bounded, forgotten after a minute, and at once when a key is destroyed here.

/** A key of a subject, and its name, which says nothing about whose it is. */
export interface SubjectKey {
  id: string;
  key: Uint8Array;
}

/** Says that a person was erased: nothing about them may be written. */
export class SubjectErasedError extends Error {
  constructor() {
    super('the person was erased: nothing more is kept about them');
    this.name = 'SubjectErasedError';
  }
}

/** A key as it stands in its collection; without `wrapped` it was destroyed. */
export interface KeyRow {
  id: string;
  /** `type/key`. */
  subject: string;
  wrapped?: Uint8Array;
}

/** Where keys are kept. */
export interface KeyRows {
  /** The row that counts for a subject, a tombstone too. */
  current(subject: string): Promise<KeyRow | undefined>;
  byId(id: string): Promise<KeyRow | undefined>;
  /** False when a row counts for the subject already. */
  insert(row: KeyRow): Promise<boolean>;
  /** Takes the key out of the row that counts, or puts a tombstone where none is. */
  bury(subject: string, id: string, at: number): Promise<void>;
  /** Makes a tombstone count no longer. False when none counted. */
  retire(subject: string): Promise<boolean>;
}

/** Keys of subjects, as the rest of the store uses them. */
export interface KeyRing {
  /** The key of a subject, made when there is none. Rejects with a `SubjectErasedError` when it was destroyed. */
  of(type: string, key: string): Promise<SubjectKey>;
  /** Undefined when it was destroyed (Y3). */
  byId(id: string): Promise<SubjectKey | undefined>;
  isErased(type: string, key: string): Promise<boolean>;
  destroy(type: string, key: string, at: number): Promise<void>;
  renew(type: string, key: string): Promise<boolean>;
}

export const keyIdBytes = 9;
const cachedKeys = 10_000;
const cachedForMs = 60_000;

/** A map that holds so many, each for so long. */
export function createCache<Value>(most: number, forMs: number) {
  const kept = new Map<string, { value: Value; until: number }>();
  return {
    get(name: string): Value | undefined {
      const found = kept.get(name);
      if (!found) return undefined;
      if (found.until > Date.now()) return found.value;
      kept.delete(name);
      return undefined;
    },
    set(name: string, value: Value): void {
      kept.delete(name);
      if (kept.size >= most) kept.delete(kept.keys().next().value ?? ''); // the oldest
      kept.set(name, { value, until: Date.now() + forMs });
    },
    delete: (name: string) => void kept.delete(name),
  };
}

/** Keys over rows, wrapped by the deployment's key. */
export function createKeyRing(rows: KeyRows, deploymentKey: Uint8Array): KeyRing {
  const wrapping = new Uint8Array(
    hkdfSync('sha256', deploymentKey, 'sojourn/subject-keys', 'wrap', 32),
  );
  const bySubject = createCache<SubjectKey>(cachedKeys, cachedForMs);
  const byName = createCache<SubjectKey>(cachedKeys, cachedForMs);
  const newId = () => randomBytes(keyIdBytes).toString('base64url');

  const opened = ({ id, subject, wrapped }: KeyRow): SubjectKey | undefined => {
    if (!wrapped) return undefined;
    const found = { id, key: unwrap(wrapping, wrapped, `${id} ${subject}`) };
    byName.set(id, found);
    return found;
  };

  const make = async (subject: string): Promise<void> => {
    const id = newId();
    const wrapped = wrap(wrapping, randomBytes(32), `${id} ${subject}`); // Y1
    await rows.insert({ id, subject, wrapped });
  };

  return {
    async of(type, key) {
      const subject = subjectName({ type, key });
      const known = bySubject.get(subject);
      if (known) return known;
      let row = await rows.current(subject);
      if (!row) {
        await make(subject);
        row = await rows.current(subject);
      }
      const found = row && opened(row);
      if (!found) throw new SubjectErasedError(); // Y2
      bySubject.set(subject, found);
      return found;
    },
    async byId(id) {
      const known = byName.get(id);
      if (known) return known;
      const row = await rows.byId(id);
      if (!row)
        throw new Error(`the key '${id}' of a subject is missing: was its collection lost?`); // Y3
      return opened(row);
    },
    async isErased(type, key) {
      const row = await rows.current(subjectName({ type, key }));
      return row !== undefined && row.wrapped === undefined;
    },
    async destroy(type, key, at) {
      const subject = subjectName({ type, key });
      const before = await rows.current(subject);
      await rows.bury(subject, newId(), at);
      bySubject.delete(subject); // Y4
      if (before) byName.delete(before.id);
    },
    async renew(type, key) {
      const subject = subjectName({ type, key });
      if (!(await rows.retire(subject))) return false;
      await make(subject);
      return true;
    },
  };
}

function wrap(wrapping: Uint8Array, key: Uint8Array, about: string): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce);
  cipher.setAAD(Buffer.from(about, 'utf8'));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(wrapping: Uint8Array, wrapped: Uint8Array, about: string): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', wrapping, wrapped.subarray(0, 12));
  decipher.setAAD(Buffer.from(about, 'utf8'));
  decipher.setAuthTag(wrapped.subarray(wrapped.length - 16));
  return Buffer.concat([
    decipher.update(wrapped.subarray(12, wrapped.length - 16)),
    decipher.final(),
  ]);
}
