import type { ContactRecord } from './ports.ts';

/** More than any caps can count together: what is older is forgotten. */
const mostPlaces = 1_000;

/** The places of others that still count, by their instants. */
export function othersOf(
  places: readonly ContactRecord[],
  effect: string,
  now: number,
): ContactRecord[] {
  return inOrder(places.filter((place) => place.effect !== effect && place.countsUntil > now));
}

/** The places with one more, bounded. */
export function withPlace(others: readonly ContactRecord[], place: ContactRecord): ContactRecord[] {
  return inOrder([...others, place]).slice(-mostPlaces);
}

/** By their instants. */
export function inOrder(places: readonly ContactRecord[]): ContactRecord[] {
  return places.toSorted((a, b) => a.at - b.at || (a.effect < b.effect ? -1 : 1));
}
