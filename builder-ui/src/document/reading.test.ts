import type { JourneyDocument, Step } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { outlineOf, visibleRows } from './outline.ts';
import { readingOf } from './reading.ts';
import { positionsOf, tidied } from './layout.ts';
import { readDraft } from './draft.ts';

const wait = (...ports: string[]): Step => ({
  kind: 'wait',
  for: ports.map((port) => ({ port, after: 'P1D' })),
});

/** a → b (yes → c, no → d); c → a again; e stands alone. */
function aLoop(): JourneyDocument {
  return readDraft(
    {
      start: 'a',
      steps: {
        a: wait('due'),
        b: wait('yes', 'no', 'open'),
        c: { kind: 'repeat', times: 3 },
        d: { kind: 'end', outcome: 'ok' },
        e: { kind: 'end', outcome: 'lost' },
      },
      edges: [
        { from: 'a', port: 'due', to: 'b' },
        { from: 'b', port: 'yes', to: 'c' },
        { from: 'b', port: 'no', to: 'd' },
        { from: 'c', port: 'again', to: 'a' },
        { from: 'c', port: 'done', to: 'd' },
      ],
    },
    'loop',
  );
}

describe('reading a journey', () => {
  it('goes down each port in turn and comes to lost steps last', () => {
    expect(readingOf(aLoop()).order).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('tells the edges that lead back', () => {
    expect([...readingOf(aLoop()).back]).toEqual(['c:again']);
  });

  it('tells the steps that nobody gets to', () => {
    expect([...readingOf(aLoop()).unreachable]).toEqual(['e']);
  });

  it('reads 2,000 steps in a row', () => {
    const ids = Array.from({ length: 2000 }, (_, index) => `s${index}`);
    const document = readDraft(
      {
        start: 's0',
        steps: Object.fromEntries(ids.map((id) => [id, wait('due')])),
        edges: ids.slice(1).map((to, index) => ({ from: `s${index}`, port: 'due', to })),
      },
      'long',
    );

    expect(readingOf(document).order).toHaveLength(2000);
  });
});

describe('the outline', () => {
  it('shows each step once, links to steps met before, and ports that lead nowhere', () => {
    const rows = outlineOf(aLoop(), []);

    expect(rows.map((row) => `${row.level}${row.type}:${row.step}`)).toEqual([
      '1step:a',
      '1step:b',
      '2step:c',
      '3link:a',
      '3step:d',
      '2link:d',
      '2open:b',
      '1step:e',
    ]);
  });

  it('hides everything below a closed step', () => {
    const rows = visibleRows(outlineOf(aLoop(), []), new Set(['b']));

    expect(rows.map((row) => row.step)).toEqual(['a', 'b', 'e']);
  });
});

describe('layout', () => {
  it('puts every step below the one that leads to it', () => {
    const places = tidied(aLoop());

    expect(places['a']).toEqual({ x: 0, y: 0 });
    expect(places['b']!.y).toBe(92);
    expect(places['c']!.y).toBe(184);
  });

  it('leaves saved places alone when a step has none', () => {
    const document = { ...aLoop(), layout: { a: { x: 500, y: 500 } } };

    expect(positionsOf(document)['a']).toEqual({ x: 500, y: 500 });
    expect(Object.keys(positionsOf(document))).toHaveLength(5);
  });
});

describe('reading a draft', () => {
  it.each([[null], ['text'], [{ steps: { a: 1, b: { kind: 'nonsense' } }, edges: 'none' }]])(
    'draws what there is of %o',
    (json) => {
      const document = readDraft(json, 'odd');

      expect(document).toMatchObject({ key: 'odd', steps: {}, edges: [] });
    },
  );

  it('gives a wait without alternatives an empty list', () => {
    expect(readDraft({ steps: { w: { kind: 'wait' } } }, 'k').steps['w']).toEqual({
      kind: 'wait',
      for: [],
    });
  });
});
