import { PluginError } from '@sojourn/plugin-kit';
import { isDay } from '@sojourn/plugin-kit/fhir';

// Whether a refill is asked for too soon.
//
//   R1. Days are days of the calendar where the person lives: neither the hour nor a change of clocks matters.
//   R2. A supply of n days that was handed over on a day runs out n days later: that day is the first without medicine.
//   R3. An order that many days before is in time; one day earlier it is too soon.

/** The last time that medicine was handed over. */
export interface LastFill {
  /** A day, or a moment: of it the day counts on which it was there. */
  date: string;
  daysSupply: number;
}

const dayMs = 86_400_000;

/** How many days are left before the supply runs out (R1, R2); below zero it has run out. Throws `PluginError` of kind `config`. */
export function daysLeft({ date, daysSupply }: LastFill, nowMs: number, timeZone: string): number {
  return dayOf(date, timeZone) + daysSupply - dayOf(new Date(nowMs).toISOString(), timeZone);
}

/** Whether an order now is earlier than `earlyDays` before the supply runs out (R3). */
export function isTooSoon(
  lastFill: LastFill,
  { earlyDays, nowMs, timeZone }: { earlyDays: number; nowMs: number; timeZone: string },
): boolean {
  return daysLeft(lastFill, nowMs, timeZone) > earlyDays;
}

/** The number of a day, counted from 1970. */
function dayOf(text: string, timeZone: string): number {
  const day = text.includes('T') ? dayThere(text, timeZone) : text;
  if (!isDay(day))
    throw wrong('/lastFill/date: it is no day of the calendar: write it as 2026-02-28');
  return Date.parse(`${day}T00:00:00Z`) / dayMs;
}

function dayThere(text: string, timeZone: string): string {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs))
    throw wrong('/lastFill/date: it is no moment: write it as 2026-02-28T10:00:00Z');
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(atMs);
  } catch {
    throw wrong('/timeZone: it is no time zone: write it as Asia/Taipei');
  }
}

function wrong(detail: string): PluginError {
  return new PluginError({ code: 'order-invalid', kind: 'config', detail });
}
