import { calendars, type Window } from '@sojourn/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEmptyWindow, nextInWindow } from './windows.ts';

const zones = ['UTC', 'Asia/Taipei', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe'];
const time = fc
  .integer({ min: 0, max: 95 })
  .map((n) => `${String(n >> 2).padStart(2, '0')}:${String((n % 4) * 15).padStart(2, '0')}`);
const days = fc.uniqueArray(
  fc.constantFrom<NonNullable<Window['days']>[number]>('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'),
  { minLength: 1 },
);
const rule: fc.Arbitrary<Window> = fc.record({ days, from: time, to: time }, { requiredKeys: [] });
const calendar = fc.constantFrom(undefined, ...calendars);
const instant = fc.integer({
  min: Date.parse('2025-01-03T00:00:00Z'),
  max: Date.parse('2026-06-30T00:00:00Z'),
});

describe('the next moment inside a window', () => {
  it('is inside, and the last moment before its end is too; the end is not', () => {
    fc.assert(
      fc.property(rule, instant, fc.constantFrom(...zones), calendar, (window, at, zone, days) => {
        fc.pre(!isEmptyWindow(window));
        const answer = nextInWindow(window, at, zone, days);
        expect(answer.type).toBe('open');
        if (answer.type !== 'open') return;
        const { from, until } = answer;

        expect(from).toBeGreaterThanOrEqual(at);
        expect(until).toBeGreaterThan(from);
        expect(nextInWindow(window, from, zone, days)).toEqual({ type: 'open', from, until });
        expect(nextInWindow(window, until - 1, zone, days)).toMatchObject({ from: until - 1 });
        // Whatever lies between is outside: it leads to the same opening.
        if (from > at)
          for (const between of [at + 1, from - 1])
            expect(nextInWindow(window, between, zone, days)).toMatchObject({ from });
      }),
      { numRuns: 1_000 },
    );
  });

  it('is said to be never, soon, where a window does not open', () => {
    const holidays: Record<string, string> = {};
    for (let at = Date.UTC(2000, 0, 1); at < Date.UTC(2100, 0, 1); at += 86_400_000)
      holidays[new Date(at).toISOString().slice(0, 10)] = 'Holiday';
    const years = Array.from({ length: 100 }, (_, index) => 2000 + index);
    const began = performance.now();

    expect(
      nextInWindow({}, Date.UTC(2026, 0, 1), 'UTC', { years, holidays, workdays: {} }),
    ).toEqual({ type: 'never' });
    expect(nextInWindow({ from: '09:00', to: '09:00' }, 0, 'UTC')).toEqual({ type: 'never' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('has no answer for a year that a calendar does not know, before it and after it', () => {
    const at = (text: string) => Date.parse(text);
    const tw = calendars.find(({ id }) => id === 'tw');

    expect(nextInWindow({}, at('2024-12-31T04:00:00Z'), 'Asia/Taipei', tw)).toEqual({
      type: 'unknown-year',
      year: 2024,
    });
    expect(nextInWindow({}, at('2028-01-03T04:00:00Z'), 'Asia/Taipei', tw)).toEqual({
      type: 'unknown-year',
      year: 2028,
    });
  });
});
