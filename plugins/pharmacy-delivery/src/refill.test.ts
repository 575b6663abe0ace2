import { PluginError } from '@sojourn/plugin-kit';
import { describe, expect, it } from 'vitest';
import { daysLeft, isTooSoon } from './refill.ts';

const at = (text: string): number => Date.parse(text);

describe('a supply', () => {
  it.each([
    // filled, days' supply, ordered, left
    ['2026-01-01', 28, '2026-01-22', 7],
    ['2026-01-31', 28, '2026-02-21', 7], // over the end of a month
    ['2026-02-01', 28, '2026-03-01', 0], // the first day without medicine
    ['2028-02-01', 29, '2028-03-01', 0], // a leap year
    ['2028-02-28', 2, '2028-03-01', 0],
    ['2026-12-15', 30, '2027-01-07', 7], // over the end of a year
    ['2026-01-01', 28, '2026-02-05', -7], // it has run out
  ])('of %s for %i days has on %s so many left: %i (R2)', (date, daysSupply, today, left) => {
    expect(daysLeft({ date, daysSupply }, at(`${today}T12:00:00Z`), 'UTC')).toBe(left);
  });

  it('is counted in days where the person lives (R1)', () => {
    const lastFill = { date: '2026-01-01', daysSupply: 28 };
    const evening = at('2026-01-21T20:00:00Z'); // in Taipei the 22nd has begun

    expect(daysLeft(lastFill, evening, 'Asia/Taipei')).toBe(7);
    expect(daysLeft(lastFill, evening, 'UTC')).toBe(8);
    expect(daysLeft(lastFill, at('2026-01-22T03:00:00Z'), 'America/New_York')).toBe(8);
  });

  it('may be known by the moment it was handed over: of it the day there counts (R1)', () => {
    const lastFill = { date: '2026-01-01T20:00:00Z', daysSupply: 28 };
    const now = at('2026-01-22T12:00:00Z');

    expect(daysLeft(lastFill, now, 'Asia/Taipei')).toBe(8);
    expect(daysLeft(lastFill, now, 'UTC')).toBe(7);
  });

  it.each([
    ['2026-03-28', '2026-04-04T22:00:00Z'],
    ['2026-10-24', '2026-10-31T23:00:00Z'],
  ])('loses no day when clocks change after %s (R1)', (date, midnight) => {
    const left = (nowMs: number) => daysLeft({ date, daysSupply: 14 }, nowMs, 'Europe/Berlin');
    expect([left(at(midnight) - 1), left(at(midnight))]).toEqual([7, 6]);
  });

  it.each([
    ['2026-02-30', 'UTC', 'is no day'],
    ['2026-13-01', 'UTC', 'is no day'],
    ['2026-02-01Tnoon', 'UTC', 'is no moment'],
    ['2026-02-01T10:00:00Z', 'Mars/Olympus', 'is no time zone'],
  ])('of %s in %s cannot be counted', (date, zone, why) => {
    const count = () => daysLeft({ date, daysSupply: 28 }, at('2026-02-01'), zone);
    expect(count).toThrow(PluginError);
    expect(count).toThrow(why);
  });
});

describe('a refill', () => {
  const lastFill = { date: '2026-01-31', daysSupply: 28 }; // runs out on the 28th of February
  const tooSoon = (today: string, earlyDays = 7): boolean =>
    isTooSoon(lastFill, { earlyDays, nowMs: at(`${today}T00:00:00Z`), timeZone: 'UTC' });

  it('is in time on the seventh day before the end, and too soon on the eighth (R3)', () => {
    expect(tooSoon('2026-02-21')).toBe(false);
    expect(tooSoon('2026-02-20')).toBe(true);
  });

  it('may wait until the last day, or come any time, as the step says (R3)', () => {
    expect([tooSoon('2026-02-27', 0), tooSoon('2026-02-28', 0)]).toEqual([true, false]);
    expect(tooSoon('2026-01-31', 28)).toBe(false);
  });
});
