import { Temporal } from 'temporal-polyfill';

/**
 * The instant that a text says, in milliseconds since 1970: RFC 3339 with an offset, or a local time that is read in the zone.
 * Undefined when it says none, or the zone is none. An hour that a clock skips is the one after it; of two alike the first.
 */
export function instantOf(text: string, timeZone: string): number | undefined {
  try {
    if (/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone, {
      disambiguation: 'compatible',
    }).epochMilliseconds;
  } catch {
    return undefined; // what it throws quotes the text
  }
}
