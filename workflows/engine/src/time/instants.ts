import { addMonths, dayMs, daysInMonth, daysOf } from './civil.ts';
import { isCalendar, parseDuration, type Duration } from './duration.ts';
import { instantOf, offsetAt, zoneTable, type ZoneTable } from './zones.ts';

// The one module that decides instants.
//
//   T1. Years, months, weeks and days are calendar arithmetic in the given zone; hours, minutes and seconds are exact.
//   T2. A local time that does not exist is taken later by the length of the gap; one that exists twice, the first time.
//       (Temporal's disambiguation `compatible`.)
//   T3. The zone is always named: the machine's own is never read.
//   T4. Any finite number is an instant. What would lie outside the dates that JavaScript can write is the nearest inside.

const farthestMs = 8_640_000_000_000_000;

/** Whether `zone` is an IANA zone this build knows. */
export function isZone(zone: string): boolean {
  return zoneTable(zone) !== undefined;
}

function tableOf(zone: string): ZoneTable {
  const table = zoneTable(zone);
  if (!table) throw new RangeError(`'${zone.slice(0, 64)}' is no time zone`);
  return table;
}

/** `at` moved by a duration in a zone (T1, T2), in milliseconds since 1970. */
export function addDuration(at: number, duration: Duration, zone: string): number {
  const from = within(at);
  const exactMs = duration.negative ? -duration.exactMs : duration.exactMs;
  if (!isCalendar(duration)) return within(from + exactMs);
  const table = tableOf(zone);
  const local = addCalendar(from + offsetAt(table, from), duration);
  return within(instantOf(table, local) + exactMs);
}

/** A local time moved by the calendar part of a duration, without asking whether any clock shows it. */
function addCalendar(local: number, duration: Duration): number {
  const sign = duration.negative ? -1 : 1;
  const day = Math.floor(local / dayMs);
  const moved = addMonths(day, sign * duration.years, sign * duration.months);
  return (moved + sign * (duration.weeks * 7 + duration.days)) * dayMs + (local - day * dayMs);
}

function within(at: number): number {
  return Math.min(farthestMs, Math.max(-farthestMs, at)); // T4
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
  const table = tableOf(zone);
  const match = dateAndTime.exec(rule.at);
  const exact = match ? exactOf(match) : undefined;
  const local = exact === undefined ? localOf(match) : exact + offsetAt(table, exact);
  if (local === undefined) return undefined;
  if (rule.time === undefined && exact !== undefined)
    return offset ? addDuration(exact, offset, zone) : exact;
  const exactMs = (offset?.negative ? -1 : 1) * (offset?.exactMs ?? 0);
  const moved = offset ? addCalendar(local, offset) : local;
  if (rule.time === undefined) return instantOf(table, moved) + exactMs;
  const time = timeOfDay(rule.time);
  if (time === undefined) return undefined;
  return instantOf(table, startOfDay(exactMs === 0 ? moved : later(table, moved, exactMs)) + time);
}

/** The local time an exact length after a local time. */
function later(table: ZoneTable, local: number, exactMs: number): number {
  const at = instantOf(table, local) + exactMs;
  return at + offsetAt(table, at);
}

function startOfDay(local: number): number {
  return Math.floor(local / dayMs) * dayMs;
}

const dateAndTime =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d{2}):(\d{2}))?)?$/;

/** What a clock would show, in milliseconds; undefined for no date, and for one that names an offset. */
function localOf(match: RegExpExecArray | null): number | undefined {
  return match && !match[8] && !match[9] ? shownBy(match) : undefined;
}

/** Milliseconds since 1970 of an ISO 8601 instant with `Z` or an offset; undefined for any other text. */
export function exactInstant(text: string): number | undefined {
  const match = dateAndTime.exec(text);
  return match ? exactOf(match) : undefined;
}

function exactOf(match: RegExpExecArray): number | undefined {
  if (!match[8] && !match[9]) return undefined;
  const shown = shownBy(match);
  const [hours, minutes] = [Number(match[10] ?? 0), Number(match[11] ?? 0)];
  if (shown === undefined || hours > 23 || minutes > 59) return undefined;
  const offsetMs = (hours * 60 + minutes) * 60_000;
  return match[9] === '-' ? shown + offsetMs : shown - offsetMs;
}

function shownBy(match: RegExpExecArray): number | undefined {
  const number = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [number(1), number(2), number(3)];
  const [hour, minute, second] = [number(4), number(5), number(6)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  // A leap second is taken as the second before it.
  const time = (hour * 60 + minute) * 60_000 + Math.min(second, 59) * 1_000 + ms;
  return daysOf(year, month, day) * dayMs + time;
}

/** A time of day such as 09:00, in milliseconds after midnight; `24:00` is the end of the day. Undefined for any other text. */
export function timeOfDay(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$|^24:00$/.exec(text);
  if (!match) return undefined;
  if (match[1] === undefined) return dayMs;
  return (Number(match[1]) * 60 + Number(match[2])) * 60_000 + Number(match[3] ?? 0) * 1_000;
}

/** RFC 3339 text in UTC. */
export function instantText(at: number): string {
  const instant = Math.trunc(within(at));
  const day = Math.floor(instant / dayMs);
  const ms = instant - day * dayMs;
  return `${dayText(day)}T${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1_000) % 60)}.${String(ms % 1_000).padStart(3, '0')}Z`;
}

const mostDays = 2_000;
const days = new Map<number, string>();
const twoDigits = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

function two(value: number): string {
  return twoDigits[value] ?? String(value);
}

/** The date of a day since 1970. Kept: a run's instants share few days, and this is asked at every decision. */
function dayText(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * dayMs).toISOString().split('T', 1)[0] ?? '';
  if (days.size >= mostDays) days.clear();
  days.set(day, text);
  return text;
}
