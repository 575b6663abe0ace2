import type { JourneyDocument } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import {
  addJoin,
  addParallel,
  addStep,
  clip,
  connect,
  freshId,
  moveInBranch,
  moveItems,
  nameStep,
  noteAbout,
  parallelBefore,
  paste,
  removeItems,
  replaceStep,
  slugOf,
} from './edits.ts';

/** hello → pause → done, with pause also leading to late. */
function aJourney(): JourneyDocument {
  return {
    format: 1,
    key: 'welcome',
    name: 'Welcome',
    subject: 'person',
    entry: [{ on: 'manual' }],
    start: 'hello',
    steps: {
      hello: { kind: 'action', uses: 'email/send', with: { subject: 'Hello' } },
      pause: { kind: 'wait', for: [{ port: 'due', after: 'P1D' }] },
      done: { kind: 'end', outcome: 'completed' },
    },
    edges: [
      { from: 'hello', port: 'sent', to: 'pause' },
      { from: 'pause', port: 'due', to: 'done' },
    ],
    layout: { hello: { x: 0, y: 0 }, pause: { x: 0, y: 92 }, done: { x: 0, y: 184 } },
  };
}

describe('adding a step after a port', () => {
  it('takes over where the port led', () => {
    const { document, id } = addStep(
      aJourney(),
      { kind: 'set', vars: { n: '1' } },
      { idBase: 'set', after: { step: 'hello', port: 'sent' }, firstPort: 'next' },
    );

    expect(document.edges).toContainEqual({ from: 'hello', port: 'sent', to: id });
    expect(document.edges).toContainEqual({ from: id, port: 'next', to: 'pause' });
  });

  it('covers no other card', () => {
    const { document, id } = addStep(
      aJourney(),
      { kind: 'end', outcome: 'late' },
      { idBase: 'end', after: { step: 'hello', port: 'failed' } },
    );

    const place = document.layout?.[id];
    const others = Object.entries(document.layout ?? {}).filter(([other]) => other !== id);
    expect(place).toBeDefined();
    for (const [, other] of others)
      expect(Math.abs(other.x - place!.x) >= 208 || Math.abs(other.y - place!.y) >= 56).toBe(true);
  });

  it('becomes the start of an empty journey', () => {
    const empty = { ...aJourney(), steps: {}, edges: [], layout: {} };

    const { document } = addStep(empty, { kind: 'end', outcome: 'ok' }, { idBase: 'end' });

    expect(document.start).toBe('end');
  });
});

describe('adding a parallel step', () => {
  const parallel = { kind: 'parallel', branches: ['first', 'second'] } as const;
  const step = () => ({ ...parallel, branches: [...parallel.branches] });
  const after = { step: 'hello', port: 'sent' };

  it('brings its join along, and what was there comes after the join', () => {
    const { document, id, join } = addParallel(aJourney(), step(), { idBase: 'parallel', after });

    expect(document.steps[join]).toEqual({ kind: 'join', of: id });
    expect(document.edges).toEqual([
      { from: 'hello', port: 'sent', to: id },
      { from: 'pause', port: 'due', to: 'done' },
      { from: id, port: 'first', to: join },
      { from: id, port: 'second', to: join },
      { from: join, port: 'joined', to: 'pause' },
    ]);
  });

  it('gets its join later too, for the branches that lead nowhere', () => {
    const bare = addStep(aJourney(), step(), { idBase: 'parallel', after });
    const led = connect(bare.document, bare.id, 'first', 'done');

    const { document, id } = addJoin(led, bare.id);

    expect(document.edges.filter((edge) => edge.to === id)).toEqual([
      { from: bare.id, port: 'second', to: id },
    ]);
    expect(document.edges).toContainEqual({ from: bare.id, port: 'first', to: 'done' });
  });

  it('takes its edges along when a branch is renamed, and away when it is removed', () => {
    const { document, id, join } = addParallel(aJourney(), step(), { idBase: 'parallel', after });

    const renamed = replaceStep(
      document,
      id,
      { kind: 'parallel', branches: ['mail', 'second'] },
      { renamed: { first: 'mail' } },
    );
    const removed = replaceStep(
      renamed,
      id,
      { kind: 'parallel', branches: ['mail'] },
      { gone: ['second'] },
    );

    expect(renamed.edges).toContainEqual({ from: id, port: 'mail', to: join });
    expect(removed.edges.filter((edge) => edge.from === id)).toEqual([
      { from: id, port: 'mail', to: join },
    ]);
  });

  it('is what a join added behind it brings together', () => {
    const one = addParallel(aJourney(), step(), { idBase: 'parallel', after });
    const two = addStep(one.document, step(), { idBase: 'parallel' });

    expect(parallelBefore(two.document, one.join)).toBe(one.id);
    expect(parallelBefore(two.document, 'done')).toBe(one.id);
    expect(parallelBefore(two.document)).toBe(two.id);
    expect(parallelBefore(aJourney(), 'done')).toBeUndefined();
  });

  it('is the copy that a copied join brings together', () => {
    const { document, id, join } = addParallel(aJourney(), step(), { idBase: 'parallel', after });

    const both = paste(document, clip(document, [id, join]));
    const alone = paste(document, clip(document, [join]));

    expect(both.document.steps['join-2']).toEqual({ kind: 'join', of: 'parallel-2' });
    expect(alone.document.steps['join-2']).toEqual({ kind: 'join', of: id });
  });
});

describe('a note', () => {
  it('says which steps it is about, or of none in particular', () => {
    const noted = { ...aJourney(), notes: [{ id: 'note', text: 'Why', x: 0, y: 0 }] };

    const about = noteAbout(noted, 'note', ['hello']);

    expect(about.notes).toEqual([{ id: 'note', text: 'Why', x: 0, y: 0, steps: ['hello'] }]);
    expect(noteAbout(about, 'note', []).notes).toEqual(noted.notes);
  });
});

describe('moving within a branch', () => {
  it('changes places with the next step, and leads what led to one to the other', () => {
    const document = moveInBranch(aJourney(), 'hello', 1);

    expect(document.start).toBe('pause');
    expect(document.edges).toEqual([
      { from: 'hello', port: 'sent', to: 'done' },
      { from: 'pause', port: 'due', to: 'hello' },
    ]);
    expect(document.layout).toMatchObject({ hello: { x: 0, y: 92 }, pause: { x: 0, y: 0 } });
  });

  it('is taken back by moving the other way', () => {
    const there = moveInBranch(aJourney(), 'hello', 1);

    expect(moveInBranch(there, 'hello', -1)).toEqual(aJourney());
  });

  it.each([
    ['before the beginning', aJourney(), 'hello', -1],
    ['behind the end', aJourney(), 'pause', 1],
    ['over a fork', connect(aJourney(), 'pause', 'late', 'done'), 'hello', 1],
    ['over a join', connect(aJourney(), 'done', 'again', 'pause'), 'hello', 1],
    ['out of a loop of two', connect(aJourney(), 'pause', 'due', 'hello'), 'hello', 1],
  ] as const)('does not go %s', (_, document, id, by) => {
    expect(moveInBranch(document, id, by)).toBe(document); // D1
  });
});

describe('removing a step', () => {
  it('closes the gap when there is one way on', () => {
    const document = removeItems(aJourney(), ['pause']);

    expect(document.edges).toEqual([{ from: 'hello', port: 'sent', to: 'done' }]);
    expect(document.layout).not.toHaveProperty('pause');
  });

  it('leaves no edge to a step that is gone (D2)', () => {
    const document = removeItems(aJourney(), ['done']);

    expect(document.edges).toEqual([{ from: 'hello', port: 'sent', to: 'pause' }]);
  });

  it('begins at the heir when the start is removed', () => {
    expect(removeItems(aJourney(), ['hello']).start).toBe('pause');
  });
});

describe('connecting', () => {
  it('lets go of what the port led to before', () => {
    const document = connect(aJourney(), 'hello', 'sent', 'done');

    expect(document.edges.filter((edge) => edge.from === 'hello')).toEqual([
      { from: 'hello', port: 'sent', to: 'done' },
    ]);
  });

  it('answers the same document when nothing changes (D1)', () => {
    const before = aJourney();

    expect(connect(before, 'hello', 'sent', 'pause')).toBe(before);
    expect(connect(before, 'hello', 'sent', 'nowhere')).toBe(before);
  });
});

describe('replacing a step', () => {
  it('moves edges along when a port is renamed', () => {
    const document = replaceStep(
      aJourney(),
      'pause',
      { kind: 'wait', for: [{ port: 'later', after: 'P1D' }] },
      { renamed: { due: 'later' } },
    );

    expect(document.edges).toContainEqual({ from: 'pause', port: 'later', to: 'done' });
  });

  it('drops the edges of ports that are gone', () => {
    const document = replaceStep(
      aJourney(),
      'pause',
      { kind: 'wait', for: [{ port: 'other', after: 'P1D' }] },
      { gone: ['due'] },
    );

    expect(document.edges).toEqual([{ from: 'hello', port: 'sent', to: 'pause' }]);
  });
});

describe('naming a step', () => {
  it('writes only the language on screen when the name has several', () => {
    const named = replaceStep(aJourney(), 'done', {
      kind: 'end',
      outcome: 'completed',
      name: { en: 'Done', 'zh-Hant': '完成' },
    });

    const document = nameStep(named, 'done', 'Finished', 'en');

    expect(document.steps['done']?.name).toEqual({ en: 'Finished', 'zh-Hant': '完成' });
  });

  it('takes the name away when it is emptied', () => {
    const named = nameStep(aJourney(), 'done', 'Done', 'en');

    expect(nameStep(named, 'done', '', 'en').steps['done']).not.toHaveProperty('name');
  });
});

describe('copying', () => {
  it('keeps the edges between the copies and gives every copy a new id', () => {
    const before = aJourney();

    const { document, ids } = paste(before, clip(before, ['pause', 'done']));

    expect(ids).toEqual(['pause-2', 'done-2']);
    expect(document.edges).toContainEqual({ from: 'pause-2', port: 'due', to: 'done-2' });
    expect(document.edges).toHaveLength(3);
  });
});

describe('moving', () => {
  it('keeps whole numbers and changes nothing but the layout', () => {
    const document = moveItems(aJourney(), { hello: { x: 10.4, y: 3.6 } });

    expect(document.layout?.['hello']).toEqual({ x: 10, y: 4 });
    expect(document.steps).toEqual(aJourney().steps);
  });
});

describe('ids', () => {
  it.each([
    ['Refill reminder, e-mail', 'refill-reminder-e-mail'],
    ['  42 days', 'days'],
    ['續領', ''],
  ])('makes %o into %o', (text, slug) => {
    expect(slugOf(text)).toBe(slug);
  });

  it('counts up until an id is free', () => {
    expect(freshId('wait', (id) => ['wait', 'wait-2'].includes(id))).toBe('wait-3');
  });
});
