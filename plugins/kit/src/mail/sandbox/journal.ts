import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Entries kept in one append-only file. */
export interface Journal<Entry> {
  /** What was there when it was opened. */
  entries: Entry[];
  /** Stores an entry before it returns. */
  write(entry: Entry): void;
  close(): void;
}

/** Opens a journal in a folder, made when it is missing. A line cut off by a crash is left out: it was never answered for. */
export function openJournal<Entry>(directory: string, name: string): Journal<Entry> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const entries = entriesIn<Entry>(written);
  const file = openSync(path, 'a', 0o600);
  if (written !== '' && !written.endsWith('\n')) appendFileSync(file, '\n');
  return {
    entries,
    write: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  };
}

function entriesIn<Entry>(written: string): Entry[] {
  return written.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Entry];
    } catch (error) {
      if (error instanceof SyntaxError) return []; // the last line of a process that was killed
      throw error;
    }
  });
}
