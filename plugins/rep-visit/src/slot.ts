import { instantOf } from '@sojourn/plugin-kit/mail';
import { Temporal } from 'temporal-polyfill';
import { ranked } from './route.ts';

// When a visit is proposed. The representative proposes another time where it does not fit.

/** When the visit may be. */
export interface WindowConfig {
  /** Dates, or dates and times; local times are the representative's. */
  window?: { from: string; to: string };
  /** From now: an ISO 8601 duration. */
  within?: string;
  durationMinutes?: number;
}

/** Local times, in minutes, between which a visit may be. */
const hours = [
  [9 * 60, 12 * 60],
  [13 * 60, 17 * 60],
] as const;
const stepMinutes = 30;
const dayMs = 86_400_000;
const mostDays = 62;
const leastNoticeMs = dayMs;

/**
 * A time within the window, on a working day of the representative's, in milliseconds since 1970; undefined when there is none.
 * Deterministic, and spread by `key`; it stays when the window moves a little.
 */
export function slotFor(
  { window, within = 'P14D', durationMinutes = 30 }: WindowConfig,
  given: { timeZone: string; key: string; now: number },
): number | undefined {
  const { timeZone, key, now } = given;
  const from = window ? instantOf(window.from, timeZone) : now;
  const to = window ? endOf(window.to, timeZone) : laterBy(now, within);
  if (from === undefined || to === undefined || !isZone(timeZone)) return undefined;
  const first = Math.max(from, now + (window ? 0 : leastNoticeMs));
  const last = to - durationMinutes * 60_000;
  // Local times are put in order first: only a few of them have to be found in their zone.
  for (const local of ranked(
    localTimes(first, { timeZone, durationMinutes, last }),
    (text) => `${key}\n${text}`,
  )) {
    const time = instantOf(local, timeZone);
    if (time !== undefined && time >= first && time <= last) return time;
  }
  return undefined;
}

/** Every working half hour from the day of `first` to that of `last`, as local times. */
function localTimes(
  first: number,
  { timeZone, durationMinutes, last }: { timeZone: string; durationMinutes: number; last: number },
): string[] {
  const found: string[] = [];
  const from = Temporal.Instant.fromEpochMilliseconds(first).toZonedDateTimeISO(timeZone);
  const days = Math.min(Math.ceil((last - first) / dayMs) + 1, mostDays);
  for (let count = 0; count < days; count += 1) {
    const day = from.toPlainDate().add({ days: count });
    if (day.dayOfWeek > 5) continue;
    for (const [begin, end] of hours)
      for (let minute = begin; minute + durationMinutes <= end; minute += stepMinutes)
        found.push(`${day.toString()}T${clockText(minute)}`);
  }
  return found;
}

const clockText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** The end of a window: a date alone is the end of that day. */
function endOf(text: string, timeZone: string): number | undefined {
  const time = instantOf(text, timeZone);
  return time === undefined || /T/i.test(text) ? time : time + dayMs;
}

function laterBy(now: number, duration: string): number | undefined {
  try {
    return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO('UTC').add(duration)
      .epochMilliseconds;
  } catch {
    return undefined;
  }
}

function isZone(timeZone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    return true;
  } catch {
    return false;
  }
}
