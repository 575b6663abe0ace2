import type { Window } from '@sojourn/schemas';
import { dateOf, dateText, dayMs, weekdayOf } from './civil.ts';
import { timeOfDay } from './instants.ts';
import { instantOf, offsetAt, zoneTable, type ZoneTable } from './zones.ts';

// When a window opens.
//
//   N1. A window begins on a day and belongs to it, over midnight too: Friday 22:00 to 06:00 is open on Saturday at 05:00, whatever
//       Saturday is. Its end is outside.
//   N2. `from` and `to` are local times (T2): in a gap later by its length, shown twice the first time. A window that this leaves
//       without length is closed on that day, and so is one of a day that the zone skipped.
//   N3. With a calendar its holidays are closed. Its moved working days are open if `days` are Monday to Friday, or not given:
//       then they mean business days. No day of a year that the calendar does not know is guessed.

/** What a window must know of a calendar. */
export interface CalendarDays {
  years: readonly number[];
  holidays: Readonly<Record<string, string>>;
  workdays: Readonly<Record<string, string>>;
}

/**
 * When a window is next open: `from` is the given instant itself if it is inside, `until` is when it closes. Or a year that must be
 * known to say so, or that it never opens.
 */
export type WindowAnswer =
  | { type: 'open'; from: number; until: number }
  | { type: 'unknown-year'; year: number }
  | { type: 'never' };

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const business: readonly string[] = weekdays.slice(0, 5);
// Longer than any row of holidays: whoever looks farther finds nothing.
const farthestDays = 800;

/** Whether a window has no length, so that it never opens. */
export function isEmptyWindow(rule: Pick<Window, 'from' | 'to'>): boolean {
  return (rule.from ?? '00:00') === (rule.to ?? '24:00');
}

/** The next time at or after `at` at which a window is open in a zone. The zone must be one. */
export function nextInWindow(
  rule: Window,
  at: number,
  zone: string,
  calendar?: CalendarDays,
): WindowAnswer {
  const table = zoneTable(zone);
  const from = timeOfDay(rule.from ?? '00:00');
  const to = timeOfDay(rule.to ?? '24:00');
  if (!table || from === undefined || to === undefined || from === to) return { type: 'never' };
  const today = Math.floor((at + offsetAt(table, at)) / dayMs);
  // A window of the day before may still be open, and so may one of two days before where a zone skipped a day.
  for (let day = today - 2; day < today + farthestDays; day += 1) {
    const opens = instantOf(table, day * dayMs + from);
    const closes = instantOf(table, (to > from ? day : day + 1) * dayMs + to);
    if (closes <= at || closes <= opens || isSkipped(table, day)) continue; // N2
    const isOpen = opensOn(rule, day, calendar);
    if (typeof isOpen === 'number') return { type: 'unknown-year', year: isOpen };
    if (isOpen) return { type: 'open', from: Math.max(opens, at), until: closes };
  }
  return { type: 'never' };
}

/** Whether no clock ever showed this day, as 30 December 2011 in Apia. */
function isSkipped(table: ZoneTable, day: number): boolean {
  return instantOf(table, day * dayMs) >= instantOf(table, (day + 1) * dayMs);
}

/** Whether a window begins on a day (N3); the year that the calendar does not know, when that decides. */
function opensOn(rule: Window, day: number, calendar: CalendarDays | undefined): boolean | number {
  const weekday = weekdays[weekdayOf(day)] ?? 'MO';
  const isNamed = (rule.days ?? (calendar ? business : weekdays)).includes(weekday);
  if (!calendar) return isNamed;
  const meansBusiness = rule.days === undefined || isBusiness(rule.days);
  if (!isNamed && !meansBusiness) return false;
  const { year } = dateOf(day);
  if (!calendar.years.includes(year)) return year;
  const date = dateText(day);
  if (calendar.holidays[date] !== undefined) return false;
  return isNamed || calendar.workdays[date] !== undefined;
}

function isBusiness(days: readonly string[]): boolean {
  return days.length === business.length && days.every((day) => business.includes(day));
}
