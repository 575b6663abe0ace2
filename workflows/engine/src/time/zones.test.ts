import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it, vi } from 'vitest';
import { dateOf, dateText, daysOf, weekdayOf } from './civil.ts';
import { parseDuration } from './duration.ts';
import { addDuration, exactInstant, instantText, isZone, momentOf } from './instants.ts';
import { instantOf, offsetAt, zoneTable, type ZoneTable } from './zones.ts';

// The polyfill of Temporal is the oracle: slow, and written by somebody else.
vi.setConfig({ testTimeout: 60_000 });

const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'EST', 'Etc/GMT+8', 'US/Pacific'];
const zone = fc.constantFrom(...zones);
const century = 100 * 365.25 * 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');
const instant = fc.oneof(
  fc.integer({ min: now - century, max: now + century }),
  // Near changes of summer time of these years, which is where mistakes are.
  fc
    .tuple(fc.integer({ min: 2015, max: 2036 }), fc.constantFrom(0, 2, 3, 8, 9, 10), fc.double())
    .map(([year, month, part]) =>
      Math.round(
        Date.UTC(year, month, 1) +
          (Number.isFinite(part) ? Math.abs(part % 1) : 0) * 31 * 86_400_000,
      ),
    ),
);
const duration = fc
  .record({
    years: fc.nat({ max: 30 }),
    months: fc.nat({ max: 40 }),
    weeks: fc.nat({ max: 60 }),
    days: fc.nat({ max: 500 }),
    hours: fc.nat({ max: 100 }),
    minutes: fc.nat({ max: 200 }),
    seconds: fc.nat({ max: 200 }),
    sign: fc.constantFrom('', '-'),
    kept: fc.integer({ min: 1, max: 127 }),
  })
  .map((parts) => {
    const kept = (bit: number, value: number, unit: string): string =>
      (parts.kept & (1 << bit)) > 0 ? `${value}${unit}` : '';
    const date = `${kept(0, parts.years, 'Y')}${kept(1, parts.months, 'M')}${kept(2, parts.weeks, 'W')}${kept(3, parts.days, 'D')}`;
    const time = `${kept(4, parts.hours, 'H')}${kept(5, parts.minutes, 'M')}${kept(6, parts.seconds, 'S')}`;
    return `${parts.sign}P${date}${time === '' ? '' : `T${time}`}`;
  });

const zonedBy = (at: number, name: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name);

function table(name: string): ZoneTable {
  const found = zoneTable(name);
  if (!found) throw new Error(`${name} is no zone`);
  return found;
}

describe('the table of a zone', () => {
  it('tells the offset that Temporal tells', () => {
    fc.assert(
      fc.property(instant, zone, (at, name) => {
        expect(offsetAt(table(name), at)).toBe(zonedBy(at, name).offsetNanoseconds / 1e6);
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells the instant of a local time that Temporal tells, in gaps and overlaps too (T2)', () => {
    fc.assert(
      fc.property(instant, zone, (local, name) => {
        const wall = Temporal.Instant.fromEpochMilliseconds(local)
          .toZonedDateTimeISO('UTC')
          .toPlainDateTime();
        expect(instantOf(table(name), local)).toBe(wall.toZonedDateTime(name).epochMilliseconds);
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells every change of six years in every zone, and the local times around it', () => {
    const minute = 60_000;
    for (const name of zones) {
      let change = zonedBy(Date.parse('2024-01-01T00:00:00Z'), name).getTimeZoneTransition('next');
      while (change && change.year < 2030) {
        const at = change.epochMilliseconds;
        for (const moved of [-1, 0, 1])
          expect(offsetAt(table(name), at + moved)).toBe(
            zonedBy(at + moved, name).offsetNanoseconds / 1e6,
          );
        for (let around = -180; around <= 180; around += 20) {
          const local = at + change.offsetNanoseconds / 1e6 + around * minute;
          const wall = zonedBy(local, 'UTC').toPlainDateTime();
          expect(instantOf(table(name), local)).toBe(wall.toZonedDateTime(name).epochMilliseconds);
        }
        change = change.getTimeZoneTransition('next');
      }
    }
  });

  it('answers for any finite instant (Z3)', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        zone,
        duration,
        (at, name, text) => {
          const length = parseDuration(text);
          if (!length) return;
          const moved = addDuration(at, length, name);

          expect(Number.isFinite(moved)).toBe(true);
          expect(instantText(moved)).toMatch(/Z$/);
        },
      ),
    );
  });

  it('repeats itself after the year 2500 as Temporal does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: daysOf(1700, 1, 1), max: daysOf(9000, 1, 1) }),
        zone,
        (day, name) => {
          const at = day * 86_400_000;
          expect(offsetAt(table(name), at)).toBe(zonedBy(at, name).offsetNanoseconds / 1e6);
        },
      ),
    );
  });

  it('is not kept for every text that somebody may send (Z2)', () => {
    for (let index = 0; index < 3_000; index += 1) expect(isZone(`No/Zone${index}`)).toBe(false);

    expect(isZone('x'.repeat(100_000))).toBe(false);
    expect(isZone('Asia/Taipei')).toBe(true);
  });
});

describe('instants', () => {
  it('are moved by a duration as Temporal moves them (T1, T2)', () => {
    fc.assert(
      fc.property(instant, duration, zone, (at, text, name) => {
        const length = parseDuration(text);
        if (!length) return;
        const sign = length.negative ? -1 : 1;
        const { years, months, weeks, days, exactMs } = length;
        const moved = zonedBy(at, name).add({
          years: sign * years,
          months: sign * months,
          weeks: sign * weeks,
          days: sign * days,
        });
        expect(addDuration(at, length, name)).toBe(moved.epochMilliseconds + sign * exactMs);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are read from text as Temporal reads them', () => {
    const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    const text = fc
      .tuple(
        fc.integer({ min: 0, max: 9_999 }).map((n) => String(n).padStart(4, '0')),
        two(13),
        two(32),
        two(24),
        two(60),
        fc.constantFrom('', ':00', ':59', ':60', ':61', ':07.5', ':07.123456789'),
        fc.constantFrom('', 'Z', '+08:00', '-03:30', '+23:59', '+24:00', '-00:00'),
        fc.boolean(),
      )
      .map(([year, month, day, hour, minute, second, offset, dateOnly]) =>
        dateOnly
          ? `${year}-${month}-${day}`
          : `${year}-${month}-${day}T${hour}:${minute}${second}${offset}`,
      );
    const orUndefined = <T>(read: () => T): T | undefined => {
      try {
        return read();
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(text, (written) => {
        const exact = orUndefined(() => Temporal.Instant.from(written).epochMilliseconds);
        expect(exactInstant(written)).toBe(exact);
        const wall = orUndefined(() =>
          Temporal.PlainDateTime.from(written, { overflow: 'reject' }).toZonedDateTime(
            'Europe/Berlin',
          ),
        );
        expect(momentOf({ at: written }, 'Europe/Berlin')).toBe(exact ?? wall?.epochMilliseconds);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    '',
    'tomorrow',
    '2027-1-5',
    '2027-01-05 09:00',
    '2027-01-05T9:00',
    '20270105',
    '+002027-01-05',
  ])('are none in %j', (text) => {
    expect(momentOf({ at: text }, 'UTC')).toBeUndefined();
  });

  it('know the zones that Temporal knows, and no other', () => {
    const others = [
      '',
      'UTC ',
      'PST',
      'ist',
      'Mars/Olympus',
      '+08:00',
      '-03',
      'GMT+8',
      'Z',
      'T10:00Z',
      'Asia/Taipei\n',
    ];
    for (const name of [...zones, ...zones.map((one) => one.toLowerCase()), ...others]) {
      let known = true;
      try {
        zonedBy(0, name);
      } catch {
        known = false;
      }
      expect([name, isZone(name)]).toEqual([name, known && !/^[+-]/.test(name)]);
    }
  });
});

describe('a civil date', () => {
  it('is counted as Temporal counts it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -90_000_000, max: 90_000_000 }), (days) => {
        const date = Temporal.PlainDate.from('1970-01-01').add({ days });
        expect(dateOf(days)).toEqual({ year: date.year, month: date.month, day: date.day });
        expect(daysOf(date.year, date.month, date.day)).toBe(days);
        expect(weekdayOf(days)).toBe(date.dayOfWeek - 1);
        if (date.year >= 0 && date.year <= 9_999) expect(dateText(days)).toBe(date.toString());
      }),
    );
  });
});
