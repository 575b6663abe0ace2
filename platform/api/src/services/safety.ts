import { readFileSync } from 'node:fs';
import type { Store } from '@sojourn/store';
import type { Clock } from '../ports.ts';
import { nameHash } from './ids.ts';

// Words that may mean an adverse event.
//
//   W1. Whoever wrote one, and whatever their journey does with it, somebody who knows is given a task. Nothing is judged here.
//   W2. Each message raises one task, however often it is looked at.

/** A message that was looked at. */
export interface WrittenMessage {
  /** Ours. */
  id: string;
  text: string;
  channel: string;
  at: number;
  effect?: string;
  subject?: { type: string; key: string };
}

export interface Safety {
  /** The words in a text that may mean an adverse event, as they are listed. */
  wordsIn(text: string): string[];
  /** Raises a task when a message holds such words. Answers whether it does. */
  look(message: WrittenMessage): Promise<boolean>;
}

/** The team that reads such messages. */
const queue = 'safety';
/** A day: what companies give themselves at most, see docs/safety.md. */
const dueMs = 86_400_000;

/** The service that hands possible adverse events on. */
export function createSafety(dependencies: { store: Pick<Store, 'tasks'>; clock: Clock }): Safety {
  const { store, clock } = dependencies;
  const wordsIn = finder(listedWords());
  return {
    wordsIn,
    async look({ id, text, channel, at, effect, subject }) {
      const found = wordsIn(text);
      if (found.length === 0) return false;
      await store.tasks.add({
        id: nameHash('adverse-event', id).slice(0, 22), // W2
        ...(subject === undefined ? {} : { subject }),
        queue,
        title: 'Possible adverse event in a message',
        script: [
          `Somebody wrote by ${channel}:`,
          quoted(text),
          `Words that may mean one: ${found.join(', ')}.`,
          effect === undefined ? '' : `It answers \`${effect}\`.`,
          'Read it, ask where needed, and report what is one. No journey of theirs was changed by this.',
        ]
          .filter((line) => line !== '')
          .join('\n\n'),
        priority: 'high',
        outcomes: [
          { port: 'reported', label: 'Reported' },
          { port: 'no-event', label: 'No adverse event' },
        ],
        createdAt: at,
        dueAt: clock() + dueMs,
      });
      return true;
    },
  };
}

/** The list that comes with Sojourn, every language together: people write as they like. */
function listedWords(): string[] {
  const file = new URL('../../../../schemas/safety/adverse-event-words.json', import.meta.url);
  const { words } = JSON.parse(readFileSync(file, 'utf8')) as { words: Record<string, string[]> };
  return [...new Set(Object.values(words).flat())];
}

/** Latin words stand alone, whatever their case; Chinese ones stand anywhere. Full-width letters are letters. */
function finder(words: readonly string[]): (text: string) => string[] {
  const patterns = words.map((word) => {
    const source = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const isLatin = /^[\u0000-\u024f]+$/.test(word);
    return {
      word,
      pattern: isLatin
        ? new RegExp(String.raw`(?<![\p{L}\p{N}])${source}(?![\p{L}\p{N}])`, 'iu')
        : new RegExp(source, 'u'),
    };
  });
  return (text) => {
    const plain = text.normalize('NFKC').replaceAll('’', "'");
    return patterns.filter(({ pattern }) => pattern.test(plain)).map(({ word }) => word);
  };
}

/** A text as a quotation in Markdown, with nothing in it that Markdown would read. */
function quoted(text: string): string {
  return text
    .slice(0, 4_000)
    .split(/\r?\n/)
    .map((line) => `> ${line.replace(/[\\`*_{}[\]()<>#+!|~-]/g, String.raw`\$&`)}`)
    .join('\n');
}
