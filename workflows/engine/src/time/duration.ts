/** An ISO 8601 duration taken apart. Calendar units are kept apart from the exact part. */
export interface Duration {
  years: number;
  months: number;
  weeks: number;
  days: number;
  /** Hours, minutes and seconds together, in milliseconds; exact. */
  exactMs: number;
  negative: boolean;
}

const pattern =
  /^(-)?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

// A run reads the same few durations again and again.
const known = new Map<string, Duration | undefined>();
const mostKnown = 1_000;

// A hundred years: longer than any journey, and far inside what dates can hold.
const longestMs = 100 * 366 * 86_400_000;

/** The parts of an ISO 8601 duration such as P3D or PT15M; undefined when the text is none, or longer than 100 years. */
export function parseDuration(text: string): Duration | undefined {
  if (known.has(text)) return known.get(text);
  const duration = parsed(text);
  if (known.size >= mostKnown) known.clear();
  known.set(text, duration);
  return duration;
}

function parsed(text: string): Duration | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const number = (index: number): number => Number(match[index] ?? 0);
  const duration: Duration = {
    years: number(2),
    months: number(3),
    weeks: number(4),
    days: number(5),
    exactMs: Math.round(number(6) * 3_600_000 + number(7) * 60_000 + number(8) * 1_000),
    negative: match[1] === '-',
  };
  return approximateMs(duration) > longestMs ? undefined : duration;
}

/** Whether a duration has calendar units, so that its length depends on where and when it starts. */
export function isCalendar(duration: Duration): boolean {
  return duration.years + duration.months + duration.weeks + duration.days > 0;
}

/** About how long it is, a year as 366 days and a month as 31: an upper bound, without a sign. */
export function approximateMs(duration: Duration): number {
  const days = duration.years * 366 + duration.months * 31 + duration.weeks * 7 + duration.days;
  return days * 86_400_000 + duration.exactMs;
}
