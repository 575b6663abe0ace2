import { randomBytes } from 'node:crypto';

import { decrypt, encrypt } from './boxes.ts';
import { subjectName } from './names.ts';
import type { Root } from './root-record.ts';
import { keyUnder, type Roots } from './roots.ts';

// One key for each person, and nothing of theirs readable without it.
//
//   Y1. A key is random and stands wrapped under a root of the deployment, bound to its name and its person; it is made once, whoever
//       asks first. The row says under which; wrapped anew it stays the same key, and one that was destroyed stays so.
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
  /** Of the root that it is wrapped under. */
  generation: number;
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
  /** Those with a key under an earlier generation, by their names, after one. */
  wrappedBefore(generation: number, after: string, limit: number): Promise<KeyRow[]>;
  /** Puts each in the place of the same key as it was wrapped under `before`; what is not so any more is left alone. */
  rewrap(rows: readonly (KeyRow & { before: number })[]): Promise<void>;
  /** How many keys stand under each generation. */
  count(): Promise<ReadonlyMap<number, number>>;
}

/** Wraps keys of subjects, and opens them. */
export interface KeyWrapping {
  wrapped(key: Uint8Array, row: Pick<KeyRow, 'id' | 'subject'>, root: Root): Uint8Array;
  /** Undefined when it was destroyed. */
  opened(row: KeyRow): Promise<Uint8Array | undefined>;
}

/** The wrapping of subject keys under roots. */
export function createKeyWrapping(roots: Pick<Roots, 'of'>): KeyWrapping {
  const wrapping = keyUnder('sojourn/subject-keys', 'wrap');
  const placeOf = ({ id, subject }: Pick<KeyRow, 'id' | 'subject'>) => `${id} ${subject}`;
  return {
    wrapped: (key, row, root) => encrypt(wrapping(root), key, placeOf(row)),
    opened: async (row) =>
      row.wrapped && decrypt(wrapping(await roots.of(row.generation)), row.wrapped, placeOf(row)),
  };
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
/** How many bytes at the end of the name of a deployment's own key say under which generation it is. */
const ownBytes = 3;
const cachedKeys = 10_000;
const cachedForMs = 60_000;

/** The name of the deployment's own key under a generation: it seals what belongs to no run that is known. */
export function ownKeyId(generation: number): string {
  const bytes = Buffer.alloc(keyIdBytes);
  bytes.writeUIntBE(generation - 1, keyIdBytes - ownBytes, ownBytes);
  return bytes.toString('base64url');
}

/** The generation in such a name; undefined when it is another key's. */
export function generationOfOwn(id: string): number | undefined {
  const bytes = Buffer.from(id, 'base64url');
  const isOwn =
    bytes.length === keyIdBytes &&
    bytes.subarray(0, keyIdBytes - ownBytes).every((byte) => byte === 0);
  return isOwn ? bytes.readUIntBE(keyIdBytes - ownBytes, ownBytes) + 1 : undefined;
}

/** A name that nobody else has, and no own key ever will have. */
function newId(): string {
  for (;;) {
    const id = randomBytes(keyIdBytes).toString('base64url');
    if (generationOfOwn(id) === undefined) return id;
  }
}

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

/** Keys over rows, wrapped under the newest root. */
export function createKeyRing(
  rows: Pick<KeyRows, 'current' | 'byId' | 'insert' | 'bury' | 'retire'>,
  roots: Pick<Roots, 'newest' | 'of'>,
): KeyRing {
  const wrapping = createKeyWrapping(roots);
  const bySubject = createCache<SubjectKey>(cachedKeys, cachedForMs);
  /** What is looked up by name just now: whoever asks meanwhile waits for the same answer. */
  const asked = new Map<string, Promise<SubjectKey | undefined>>();
  const byName = createCache<SubjectKey>(cachedKeys, cachedForMs);

  const opened = async (row: KeyRow): Promise<SubjectKey | undefined> => {
    const key = await wrapping.opened(row);
    if (!key) return undefined;
    const found = { id: row.id, key };
    byName.set(row.id, found);
    return found;
  };

  const lookUp = async (id: string): Promise<SubjectKey | undefined> => {
    const row = await rows.byId(id);
    if (!row) throw new Error(`the key '${id}' of a subject is missing: was its collection lost?`); // Y3
    return await opened(row);
  };

  const make = async (subject: string): Promise<void> => {
    const id = newId();
    const root = roots.newest();
    const wrapped = wrapping.wrapped(randomBytes(32), { id, subject }, root); // Y1
    await rows.insert({ id, subject, wrapped, generation: root.generation });
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
      const found = row && (await opened(row));
      if (!found) throw new SubjectErasedError(); // Y2
      bySubject.set(subject, found);
      return found;
    },
    async byId(id) {
      const known = byName.get(id);
      if (known) return known;
      let answer = asked.get(id);
      if (!answer) {
        answer = lookUp(id).finally(() => asked.delete(id));
        asked.set(id, answer);
      }
      return await answer;
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
      if (!before) return;
      byName.delete(before.id);
      asked.delete(before.id);
    },
    async renew(type, key) {
      const subject = subjectName({ type, key });
      if (!(await rows.retire(subject))) return false;
      await make(subject);
      return true;
    },
  };
}
