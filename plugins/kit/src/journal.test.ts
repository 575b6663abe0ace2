import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from './journal.ts';

interface Entry {
  [key: string]: string;
  id: string;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (): string => join(directory, 'deep', 'orders.jsonl');
const open = () => {
  const read: Entry[] = [];
  const journal = openJournal<Entry>(join(directory, 'deep'), 'orders.jsonl', (entry) =>
    read.push(entry),
  );
  return { journal, read };
};

describe('a journal', () => {
  it('has an entry on disk before it goes on, for nobody else to read (J1)', () => {
    const { journal } = open();
    journal.append({ id: 'o1', note: 'two\nlines' });

    expect(readFileSync(path(), 'utf8')).toBe('{"id":"o1","note":"two\\nlines"}\n');
    expect(statSync(path()).mode & 0o077).toBe(0);
    journal.close();
  });

  it('tells what is in it when it is opened again, the oldest first', () => {
    const first = open();
    first.journal.append({ id: 'o1' });
    first.journal.append({ id: 'o2' });
    first.journal.close();

    const second = open();
    second.journal.close();
    expect(first.read).toEqual([]);
    expect(second.read).toEqual([{ id: 'o1' }, { id: 'o2' }]);
  });

  it('leaves out a line that was cut off, and writes on whole lines after it (J2)', () => {
    const first = open();
    first.journal.append({ id: 'o1' });
    first.journal.close();
    appendFileSync(path(), '{"id":"o2","no');

    const second = open();
    second.journal.append({ id: 'o3' });
    second.journal.close();
    const third = open();
    third.journal.close();
    expect(second.read).toEqual([{ id: 'o1' }]);
    expect(third.read).toEqual([{ id: 'o1' }, { id: 'o3' }]);
  });
});
