import { dayMs, weekdayOf } from '../time/civil.ts';
import { offsetAt, zoneTable } from '../time/zones.ts';
import type { Hours } from './facts.ts';

// What clocks on a wall show.
//
//   W1. Inside or outside is read from the clock on the wall at that instant, so an hour that is shown twice is judged twice.
//   W2. "Next" is the first instant after, to the second: also when it is the change of the clocks itself.

const dayNames = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const;

/** What is added to UTC to get local time, in milliseconds. The zone is one that `isZone` knows. */
function offsetOf(at: number, zone: string): number {
  const table = zoneTable(zone);
  if (!table) throw new Error(`'${zone}' is no time zone`);
  return offsetAt(table, at);
}

/** Whether the clock in a zone shows a time within these hours (W1). */
export function isWithin(hours: Hours, at: number, zone: string): boolean {
  const local = at + offsetOf(at, zone);
  const day = Math.floor(local / dayMs);
  const time = local - day * dayMs;
  const from = timeOf(hours.from);
  const to = timeOf(hours.to);
  if (from < to) return time >= from && time < to && begins(hours, day);
  return (time >= from && begins(hours, day)) || (time < to && begins(hours, day - 1));
}

function begins({ days }: Hours, day: number): boolean {
  return days === undefined || days.includes(dayNames[weekdayOf(day)] ?? '');
}

/** The first instant after `at` that is within these hours, or that is not; undefined when there is none in nine days (W2). */
export function nextWhere(
  hours: Hours,
  isWanted: boolean,
  at: number,
  zone: string,
): number | undefined {
  const today = localDay(at, zone);
  for (let day = today - 1; day <= today + 9; day += 2) {
    const next = [...edgesOf(hours, day, zone), ...edgesOf(hours, day + 1, zone)]
      .filter((instant) => instant > at && isWithin(hours, instant, zone) === isWanted)
      .sort((a, b) => a - b)[0];
    if (next !== undefined) return next;
  }
  return undefined;
}

/** The instants of a local day at which it may become otherwise. */
function edgesOf({ from, to }: Hours, day: number, zone: string): number[] {
  const midnight = day * dayMs; // a day on which the hours do not begin may begin here
  const edges = [midnight, midnight + timeOf(from), midnight + timeOf(to)];
  const changes = changeOf(midnight - dayMs, midnight + 2 * dayMs, zone).filter(
    (instant) => localDay(instant, zone) <= day,
  );
  return [...edges.flatMap((local) => instantsOf(local, zone)), ...changes];
}

/** When the calendar window around `at` began, and when the next one begins. */
export function calendarWindow(
  unit: 'day' | 'week' | 'month',
  at: number,
  zone: string,
): { start: number; next: number } {
  const today = localDay(at, zone);
  const [first, following] = daysOfWindow(unit, today);
  const start = instantsOf(first * dayMs, zone).filter((instant) => instant <= at)[0] ?? at;
  for (let day = following; ; day += 1) {
    const next = instantsOf(day * dayMs, zone).find((instant) => instant > at);
    if (next !== undefined) return { start, next };
  }
}

function daysOfWindow(unit: 'day' | 'week' | 'month', today: number): [number, number] {
  if (unit === 'day') return [today, today + 1];
  if (unit === 'week') {
    const monday = today - weekdayOf(today);
    return [monday, monday + 7];
  }
  const date = new Date(today * dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return [Date.UTC(year, month, 1) / dayMs, Date.UTC(year, month + 1, 1) / dayMs];
}

function localDay(at: number, zone: string): number {
  return Math.floor((at + offsetOf(at, zone)) / dayMs);
}

function timeOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return (hour * 60 + minute) * 60_000;
}

/** When the clock shows a local time: twice, once, or, where it is skipped, when it is passed. */
function instantsOf(local: number, zone: string): number[] {
  const offsets = [offsetOf(local - dayMs, zone), offsetOf(local + dayMs, zone)];
  const instants = [...new Set(offsets.map((offset) => local - offset))].filter(
    (instant) => instant + offsetOf(instant, zone) === local,
  );
  if (instants.length > 0) return instants.sort((a, b) => a - b);
  return changeOf(local - dayMs, local + dayMs, zone);
}

/** The instant, if any, at which the clocks change between two others, to the second. */
function changeOf(from: number, to: number, zone: string): number[] {
  const before = offsetOf(from, zone);
  if (offsetOf(to, zone) === before) return [];
  let [same, other] = [Math.floor(from / 1_000), Math.ceil(to / 1_000)];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offsetOf(middle * 1_000, zone) === before) same = middle;
    else other = middle;
  }
  return [other * 1_000];
}
