import { describe, expect, it } from 'vitest';
import { extensionOf, idIn, isDay, present, textIn } from './elements.ts';

describe('elements of FHIR', () => {
  it.each([
    ['Coverage/c1', 'c1'],
    ['https://fhir.example/r4/Coverage/c1', 'c1'],
    ['Patient/c1', undefined],
    ['Coverage/', undefined],
    ['c1', undefined],
    [undefined, undefined],
  ])('name in the reference %j the coverage %j', (reference, id) => {
    expect(idIn({ reference }, 'Coverage')).toBe(id);
  });

  it.each([
    ['2028-02-29', true],
    ['2026-02-29', false],
    ['2026-2-1', false],
    ['2026-02-01T00:00:00Z', false],
    ['tomorrow', false],
  ])('take %s for a day: %s', (text, is) => {
    expect(isDay(text)).toBe(is);
  });

  it('are there or not, and never empty', () => {
    expect(present({ a: 1, b: undefined })).toEqual({ a: 1 });
    expect([textIn(' '), textIn(7), textIn('Ada')]).toEqual([undefined, undefined, 'Ada']);
    expect(extensionOf({ extension: [{ url: 'a' }, { url: 'b' }] }, 'b')).toEqual({ url: 'b' });
    expect(extensionOf({}, 'b')).toBeUndefined();
  });
});
