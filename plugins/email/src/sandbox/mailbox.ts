import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@sojourn/plugin-kit';

/** A mail as it arrived. */
export interface Mail {
  id: string;
  messageId: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  links: string[];
  /** RFC 3339 */
  receivedAt: string;
  headers: Record<string, string>;
}

/** Mails kept in one append-only file: what was answered with 250 is there after any crash of ours. */
export interface Mailbox {
  /** Stores a mail before it returns. Answers it with its id. */
  put(mail: Omit<Mail, 'id'>): Mail;
  /** Newest first. */
  list(filter: { to?: string; limit: number }): Mail[];
  get(id: string): Mail | undefined;
  has(messageId: string): boolean;
  close(): void;
}

/** Opens the mailbox in a folder, made when it is missing. A line cut off by a crash is left out. */
export function openMailbox(directory: string): Mailbox {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'mail.jsonl');
  const mails: Mail[] = existsSync(path) ? readLines(path) : [];
  const messageIds = new Set(mails.map((mail) => mail.messageId));
  const file = openSync(path, 'a', 0o600);
  if (existsSync(path) && !readFileSync(path, 'utf8').endsWith('\n') && mails.length > 0)
    appendFileSync(file, '\n');
  return {
    put: (given) => {
      const mail = { ...given, id: `m${mails.length + 1}` };
      appendFileSync(file, `${JSON.stringify(mail)}\n`);
      mails.push(mail);
      messageIds.add(mail.messageId);
      return mail;
    },
    list: ({ to, limit }) => {
      const wanted = to?.toLowerCase();
      const found: Mail[] = [];
      for (let index = mails.length - 1; index >= 0 && found.length < limit; index -= 1) {
        const mail = mails[index];
        if (mail && (wanted === undefined || mail.to.toLowerCase().includes(wanted)))
          found.push(mail);
      }
      return found;
    },
    get: (id) => mails.find((mail) => mail.id === id),
    has: (messageId) => messageIds.has(messageId),
    close: () => closeSync(file),
  };
}

function readLines(path: string): Mail[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Mail];
      } catch (error) {
        if (error instanceof SyntaxError) return []; // the last line of a process that was killed: it was never answered
        throw error;
      }
    });
}

/** A mail as a sandbox item. */
export function asItem(mail: Mail): JsonObject & { id: string; to: string } {
  return { ...mail };
}
