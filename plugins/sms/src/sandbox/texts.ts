import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAssembly, type Assembled, type Part } from '../assembly.ts';
import type { Encoding } from '../parts.ts';

// What the SMSC has: texts, parts of texts, and what it still owes its client. One append-only file.
//
//   F1. Whatever is answered for is in the file before it is answered.
//   F2. What is owed is owed until the client says that it has it.

/** How a text stands. One that came from a phone is delivered when the client has taken it. */
export type TextState = 'sent' | 'delivered' | 'undelivered' | 'cancelled';

/** A text to or from a phone. */
export interface Text {
  id: string;
  direction: 'out' | 'in';
  to: string;
  from: string;
  text: string;
  encoding: Encoding;
  parts: number;
  /** RFC 3339 */
  at: string;
  state: TextState;
  /** The hash of the idempotency key that came with it. */
  key?: string;
  /** The ids of those of its messages that asked for a receipt. */
  receipts: string[];
}

/** Something the client is to be told: a receipt, or a text that came in. */
export interface Debt {
  id: string;
  textId: string;
  receipt?: { of: string; state: string; error: string };
  /** Milliseconds since 1970: not before. */
  dueAt: number;
}

/** What came with one message. */
export interface Submission {
  id: string;
  key?: string;
  wantsReceipt: boolean;
  encoding: Encoding;
}

type Entry =
  | { part: Part; submission: Submission }
  | { text: Text; last?: Part }
  | { id: string; state: TextState }
  | { owed: Debt }
  | { paid: string };

/** The SMSC's memory. */
export interface Texts {
  newId(): string;
  put(text: Text): void;
  /** Keeps a part; answers the text once it is whole. */
  addPart(part: Part, submission: Submission): Text | undefined;
  setState(id: string, state: TextState): Text;
  /** Newest first; those to or from one phone when `phone` is given. */
  list(filter: { phone?: string; limit: number }): Text[];
  get(id: string): Text | undefined;
  byKey(key: string): Text | undefined;
  owe(debt: Omit<Debt, 'id'>): Debt;
  pay(id: string): void;
  /** Oldest first. */
  debts(): Debt[];
  close(): void;
}

/** Opens the memory in a folder, made when it is missing. A line cut off by a crash is left out: it was never answered for. */
export function openTexts(directory: string): Texts {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'texts.jsonl');
  const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const texts = new Map<string, Text>();
  const keys = new Map<string, string>();
  const debts = new Map<string, Debt>();
  const assembly = createAssembly<Submission>();

  const remember = (entry: Entry): void => {
    if ('part' in entry) assembly.add(entry.part, entry.submission, 0);
    else if ('text' in entry) {
      texts.set(entry.text.id, entry.text);
      if (entry.text.key !== undefined) keys.set(entry.text.key, entry.text.id);
    } else if ('owed' in entry) debts.set(entry.owed.id, entry.owed);
    else if ('paid' in entry) debts.delete(entry.paid);
    else {
      const text = texts.get(entry.id);
      if (text) text.state = entry.state;
    }
  };
  for (const entry of entriesIn(written)) {
    if ('text' in entry && entry.last)
      assembly.add(entry.last, { id: '', wantsReceipt: false, encoding: 'gsm-7' }, 0); // its parts are no longer waited for
    remember(entry);
  }
  const file = openSync(path, 'a', 0o600);
  if (written !== '' && !written.endsWith('\n')) appendFileSync(file, '\n');
  const write = (entry: Entry): void => {
    appendFileSync(file, `${JSON.stringify(entry)}\n`); // F1
  };
  const keep = (entry: Entry): void => {
    write(entry);
    remember(entry);
  };
  const newId = (): string => randomBytes(8).toString('hex'); // never again, though the folder is emptied

  return {
    newId,
    put: (text) => keep({ text }),
    addPart(part, submission) {
      const whole = assembly.add(part, submission, 0);
      if (!whole) {
        write({ part, submission });
        return undefined;
      }
      const text = textOf(whole, submission);
      keep({ text, last: part });
      return text;
    },
    setState(id, state) {
      keep({ id, state });
      const text = texts.get(id);
      if (!text) throw new Error(`there is no text '${id}'`);
      return text;
    },
    list({ phone, limit }) {
      const wanted = phone?.replace(/\D/g, '');
      const isAsked = ({ to, from }: Text): boolean =>
        wanted === undefined || [to, from].some((number) => number.replace(/\D/g, '') === wanted);
      return [...texts.values()].reverse().filter(isAsked).slice(0, limit);
    },
    get: (id) => texts.get(id),
    byKey: (key) => texts.get(keys.get(key) ?? ''),
    owe(given) {
      const owed = { ...given, id: newId() };
      keep({ owed });
      return owed;
    },
    pay: (paid) => keep({ paid }), // F2
    debts: () => [...debts.values()],
    close: () => closeSync(file),
  };
}

function textOf(
  { from, to, text, parts, held }: Assembled<Submission>,
  { id, key, encoding }: Submission,
): Text {
  return {
    ...{ id, direction: 'out', from, to, text, parts, encoding, state: 'sent' },
    at: new Date().toISOString(),
    ...(key === undefined ? {} : { key }),
    receipts: held.filter(({ wantsReceipt }) => wantsReceipt).map((item) => item.id),
  };
}

function entriesIn(written: string): Entry[] {
  return written.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Entry];
    } catch (error) {
      if (error instanceof SyntaxError) return []; // the last line of a process that was killed
      throw error;
    }
  });
}
