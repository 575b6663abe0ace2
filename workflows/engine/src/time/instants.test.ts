import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantText } from './instants.ts';

describe('the text of an instant', () => {
  it('is what the platform writes', () => {
    const century = 100 * 366 * 86_400_000;
    fc.assert(
      fc.property(fc.double({ min: -century, max: 2 * century, noNaN: true }), (at) => {
        expect(instantText(at)).toBe(new Date(at).toISOString());
      }),
      { numRuns: 5_000 },
    );
    expect(instantText(-1)).toBe('1969-12-31T23:59:59.999Z');
  });
});
