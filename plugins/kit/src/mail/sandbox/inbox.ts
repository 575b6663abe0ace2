import { randomUUID } from 'node:crypto';
import { openJournal } from './journal.ts';

/** Mails that wait to be fetched. */
export interface Inbox {
  put(raw: Buffer): void;
  /** Oldest first. */
  list(): WaitingRaw[];
  remove(id: string): void;
  close(): void;
}

export interface WaitingRaw {
  id: string;
  raw: Buffer;
}

type Entry = { id: string; raw: string } | { removed: string };

/** Opens the mailbox in a folder. What was put and not removed is there after any crash. */
export function openInbox(directory: string): Inbox {
  const journal = openJournal<Entry>(directory, 'inbox.jsonl');
  const waiting = new Map<string, Buffer>();
  for (const entry of journal.entries)
    if ('removed' in entry) waiting.delete(entry.removed);
    else waiting.set(entry.id, Buffer.from(entry.raw, 'base64'));
  return {
    put(raw) {
      const id = randomUUID();
      journal.write({ id, raw: raw.toString('base64') });
      waiting.set(id, raw);
    },
    list: () => [...waiting].map(([id, raw]) => ({ id, raw })),
    remove(id) {
      if (waiting.delete(id)) journal.write({ removed: id });
    },
    close: () => journal.close(),
  };
}
