import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';

// What a sandbox keeps: one file, to which lines are added and in which nothing is changed.
//
//   J1. An entry is on disk before `append` returns, whole or not at all: what a provider answered for is there after any crash.
//   J2. A line that a crash cut off was never answered for: it is taken away when the file is opened.

/** An append-only file of JSON lines. */
export interface Journal<Entry> {
  append(entry: Entry): void;
  close(): void;
}

/** Opens a journal in a folder, made when it is missing, and tells every entry in it, the oldest first. */
export function openJournal<Entry>(
  directory: string,
  name: string,
  onEntry: (entry: Entry) => void,
): Journal<Entry> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  if (existsSync(path)) {
    const written = readFileSync(path);
    const end = written.lastIndexOf('\n') + 1;
    if (end < written.length) truncateSync(path, end); // J2
    for (const line of written.subarray(0, end).toString().split('\n'))
      if (line !== '') onEntry(JSON.parse(line) as Entry);
  }
  const file = openSync(path, 'a', 0o600);
  return {
    append: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`), // J1
    close: () => closeSync(file),
  };
}
