import type { JsonObject } from '../plan.ts';

/** Whom and what a policy is about. */
interface Selectors {
  journeys?: readonly string[];
  purposes?: readonly string[];
  channels?: readonly string[];
  countries?: readonly string[];
}

/**
 * Whether a policy is about contacts of this journey, purpose and channel. A contact that names no purpose is held to the
 * rules of every purpose.
 */
export function selects(
  { journeys, purposes, channels }: Selectors,
  contact: { journey: string; purpose?: string | undefined; channel: string },
): boolean {
  return (
    (journeys?.includes(contact.journey) ?? true) &&
    (contact.purpose === undefined || (purposes?.includes(contact.purpose) ?? true)) &&
    (channels?.includes(contact.channel) ?? true)
  );
}

/** Whether a policy holds where a person is: by the attributes `country` (US) and `region` (US-FL). */
export function holdsFor({ countries }: Selectors, subject: JsonObject): boolean {
  if (countries === undefined) return true;
  const places = [subject['country'], subject['region']].filter(
    (place) => typeof place === 'string',
  );
  return places.some((place) => countries.includes(place) || countries.includes(place.slice(0, 2)));
}
