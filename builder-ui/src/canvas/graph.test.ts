import { describe, expect, it } from 'vitest';
import { entryPlace } from './graph.ts';
import type { JourneyDocument } from '@sojourn/schemas';

const document = { start: 'begin' } as JourneyDocument;

describe('the card of the beginning', () => {
  it('lies above the first step', () => {
    const positions = { begin: { x: 10, y: 200 }, done: { x: 10, y: 292 } };

    expect(entryPlace({ document, positions })).toEqual({ x: 10, y: 108 });
  });

  it('lies beside that place when another card is there', () => {
    const positions = { done: { x: 0, y: 0 }, begin: { x: 0, y: 92 } };

    expect(entryPlace({ document, positions })).toEqual({ x: 232, y: 0 });
  });
});
