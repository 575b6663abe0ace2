// The cold chain: 2 to 8 °C.
//
//   T1. Out of range is below 2 °C and above 8 °C; 2 and 8 are in range.
//   T2. It lasts from the first reading out of range until the next that is in range: what lies between is not known to be cold.
//       After the last reading nothing is known, and nothing is said.
//   T3. Up to thirty minutes at a time are borne, longer is an excursion. Short ones are not added up.

/** One reading of a logger that travels with a shipment. */
export interface Reading {
  atMs: number;
  celsius: number;
}

const coldest = 2;
const warmest = 8;
const longestMs = 1_800_000;

/** Whether the goods were out of range for too long. Readings may come in any order. */
export function isExcursion(readings: readonly Reading[]): boolean {
  let sinceMs: number | undefined;
  for (const { atMs, celsius } of [...readings].sort((a, b) => a.atMs - b.atMs)) {
    if (sinceMs !== undefined && atMs - sinceMs > longestMs) return true; // T3
    if (celsius >= coldest && celsius <= warmest) sinceMs = undefined;
    else sinceMs ??= atMs; // T2
  }
  return false;
}

/** The coldest and the warmest reading; undefined when there is none. */
export function extremesOf(readings: readonly Reading[]): { min: number; max: number } | undefined {
  const values = readings.map(({ celsius }) => celsius);
  return values.length === 0 ? undefined : { min: Math.min(...values), max: Math.max(...values) };
}
