// Numbers, dates and durations in the viewer's language.

const units = [
  ['Y', 'year'],
  ['M', 'month'],
  ['W', 'week'],
  ['D', 'day'],
] as const;
const timeUnits = [
  ['H', 'hour'],
  ['M', 'minute'],
  ['S', 'second'],
] as const;

/** An ISO 8601 duration in words ("10 days"); the text itself when it is none. */
export function durationText(duration: string, language: string): string {
  const match = /^-?P(?=.)([^T]*)(?:T(.+))?$/.exec(duration);
  if (!match) return duration;
  const parts = [
    ...partsOf(match[1] ?? '', units, language),
    ...partsOf(match[2] ?? '', timeUnits, language),
  ];
  return parts.join(' ') || duration;
}

function partsOf(
  text: string,
  table: readonly (readonly [string, string])[],
  language: string,
): string[] {
  return table.flatMap(([letter, unit]) => {
    const amount = new RegExp(`(\\d+(?:\\.\\d+)?)${letter}`).exec(text)?.[1];
    return amount === undefined ? [] : [unitText(Number(amount), unit, language, 'long')];
  });
}

function unitText(
  amount: number,
  unit: string,
  language: string,
  unitDisplay: 'long' | 'narrow',
): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay }).format(amount);
}

/** A length of time, as an age on screens: "48m", "2d 3h". */
export function spanText(milliseconds: number, language: string): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const narrow = (amount: number, unit: string): string =>
    unitText(amount, unit, language, 'narrow');
  if (seconds < 60) return narrow(seconds, 'second');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return narrow(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours < 24)
    return hours < 6 && minutes % 60 > 0
      ? `${narrow(hours, 'hour')} ${narrow(minutes % 60, 'minute')}`
      : narrow(hours, 'hour');
  const days = Math.floor(hours / 24);
  return days < 10 && hours % 24 > 0
    ? `${narrow(days, 'day')} ${narrow(hours % 24, 'hour')}`
    : narrow(days, 'day');
}

/** An instant as a date with its time of day; the year only when it is not this one. */
export function momentText(instant: string | number, language: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  const sameYear = date.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(date);
}

/** An instant as a time of day. */
export function clockText(instant: number | string, language: string, seconds = false): string {
  return new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(new Date(instant));
}

/** An instant as a day: "2 November", or "Mon 2" within a week. */
export function dayText(instant: string | number, language: string, inWeek = false): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(language, options).format(date);
  if (inWeek) return `${part({ weekday: 'short' })} ${part({ day: 'numeric' })}`;
  const sameYear = date.getFullYear() === new Date().getFullYear();
  return part({ day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) });
}

/** A number with the separators of the language. */
export function numberText(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}
