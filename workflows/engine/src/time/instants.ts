import { Temporal } from 'temporal-polyfill';
import { isCalendar, parseDuration, type Duration } from './duration.ts';

// The one module that decides instants.
//
//   T1. Years, months, weeks and days are calendar arithmetic in the given zone; hours, minutes and seconds are exact.
//   T2. A local time that does not exist is taken later by the length of the gap; one that exists twice, the first time.
//       (Temporal's disambiguation `compatible`.)
//   T3. The zone is always named: the machine's own is never read.

/** Whether `zone` is an IANA zone this build knows. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** `at` moved by a duration in a zone (T1, T2), in milliseconds since 1970. */
export function addDuration(at: number, duration: Duration, zone: string): number {
  const sign = duration.negative ? -1 : 1;
  if (!isCalendar(duration)) return at + sign * duration.exactMs;
  const moved = Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .add(calendarPart(duration), { overflow: 'constrain' });
  return moved.epochMilliseconds + sign * duration.exactMs;
}

function calendarPart(duration: Duration): Temporal.DurationLike {
  const sign = duration.negative ? -1 : 1;
  return {
    years: sign * duration.years,
    months: sign * duration.months,
    weeks: sign * duration.weeks,
    days: sign * duration.days,
  };
}

/** What the alternative `at` of a wait may hold. */
export interface MomentRule {
  /** A date, a local date and time, or an instant, in ISO 8601. */
  at: string;
  offset?: string | undefined;
  /** Local time of day, HH:MM. */
  time?: string | undefined;
}

/**
 * The instant a moment rule means in a zone, in the order date, offset, time. Undefined when its text is no date or instant.
 *
 * A date without a time begins at its midnight, and stays a date while the offset's calendar part is added, so that a
 * midnight that does not exist on some day in between moves nothing.
 */
export function momentOf(rule: MomentRule, zone: string): number | undefined {
  const offset = rule.offset === undefined ? undefined : parseDuration(rule.offset);
  if (rule.offset !== undefined && offset === undefined) return undefined;
  const local = localDateTime(rule.at, zone);
  if (local === undefined) return undefined;
  const sign = offset?.negative ? -1 : 1;
  const exactMs = sign * (offset?.exactMs ?? 0);
  const moved = offset ? local.add(calendarPart(offset), { overflow: 'constrain' }) : local;
  if (rule.time === undefined) {
    const exact = exactInstant(rule.at);
    if (exact !== undefined && offset) return addDuration(exact, offset, zone);
    return exact ?? toInstant(moved, zone) + exactMs;
  }
  const day =
    exactMs === 0
      ? moved.toPlainDate()
      : instantToLocal(toInstant(moved, zone) + exactMs, zone).toPlainDate();
  return toInstant(day.toPlainDateTime(Temporal.PlainTime.from(rule.time)), zone);
}

function toInstant(local: Temporal.PlainDateTime, zone: string): number {
  return local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds; // T2
}

function instantToLocal(at: number, zone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime();
}

const dateOnly = /^\d{4}-\d{2}-\d{2}$/;
const withTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function localDateTime(text: string, zone: string): Temporal.PlainDateTime | undefined {
  try {
    if (dateOnly.test(text))
      return Temporal.PlainDate.from(text, { overflow: 'reject' }).toPlainDateTime();
    if (withTime.test(text)) return Temporal.PlainDateTime.from(text, { overflow: 'reject' });
    const exact = exactInstant(text);
    return exact === undefined ? undefined : instantToLocal(exact, zone);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Milliseconds since 1970 of an ISO 8601 instant with `Z` or an offset; undefined for any other text. */
export function exactInstant(text: string): number | undefined {
  if (!instant.test(text)) return undefined;
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** RFC 3339 text in UTC. */
export function instantText(at: number): string {
  return new Date(at).toISOString();
}
