import { describe, expect, it } from 'vitest';
import { slotFor, type WindowConfig } from './slot.ts';

const now = Date.parse('2027-01-01T00:00:00Z'); // a Friday
const slot = (config: WindowConfig = {}, key = 'k', timeZone = 'Asia/Taipei', at = now) =>
  slotFor(config, { timeZone, key, now: at });
const local = (ms: number, timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).format(ms);

describe('the time of a visit', () => {
  it.each(['Asia/Taipei', 'Europe/London', 'America/New_York'])(
    'is in working hours of %s, a day ahead and within the window',
    (timeZone) => {
      for (let index = 0; index < 200; index += 1) {
        const time = slot({ durationMinutes: 60 }, `k${index}`, timeZone) ?? 0;
        const [day = '', clock = ''] = local(time, timeZone).split(' ');
        expect(day.replace(',', '')).toMatch(/Mon|Tue|Wed|Thu|Fri/);
        expect(clock).toMatch(/^(09|10|13|14|15):[03]0$|^(11|16):00$/);
        expect(time).toBeGreaterThanOrEqual(now + 86_400_000);
        expect(time + 3_600_000).toBeLessThanOrEqual(now + 14 * 86_400_000);
      }
    },
  );

  it('is spread, and the same on every attempt of one effect', () => {
    const all = Array.from({ length: 100 }, (_, index) => slot({}, `k${index}`));
    const moved = all.filter(
      (time, index) => time !== slot({}, `k${index}`, 'Asia/Taipei', now + 3_600_000),
    );

    expect(new Set(all).size).toBeGreaterThan(40);
    expect(all).toEqual(Array.from({ length: 100 }, (_, index) => slot({}, `k${index}`)));
    expect(moved.length).toBeLessThan(5);
  });

  it('is within a window of days, of which the last counts whole', () => {
    const window = { from: '2027-01-04', to: '2027-01-04' };
    const time = slot({ window });

    expect(time && new Date(time + 8 * 3_600_000).toISOString()).toMatch(/^2027-01-04/);
  });

  it('is within a window of hours', () => {
    const window = { from: '2027-01-04T10:00', to: '2027-01-04T10:30' };

    expect(slot({ window })).toBe(Date.parse('2027-01-04T10:00:00+08:00'));
  });

  it.each<[string, WindowConfig, string?]>([
    ['a weekend', { window: { from: '2027-01-02', to: '2027-01-03' } }],
    ['a night', { window: { from: '2027-01-04T18:00', to: '2027-01-05T08:00' } }],
    ['a window that is none', { window: { from: 'soon', to: 'later' } }],
    ['too short a time', { within: 'P1D' }],
    ['a zone that is none', {}, 'Nowhere/None'],
  ])('is none in %s', (_, config, timeZone) => {
    expect(slot(config, 'k', timeZone)).toBeUndefined();
  });
});
