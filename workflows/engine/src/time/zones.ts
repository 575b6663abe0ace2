import { dayMs, daysOf } from './civil.ts';

// Which offset a zone has at an instant, remembered.
//
//   Z1. `Intl` alone is asked, always about a named zone and an explicit instant: no clock, no locale, never the machine's zone.
//   Z2. What is remembered are answers that never change: forgetting them costs time and nothing else. Memory is bounded: so many
//       zones, and so many blocks of a zone.
//   Z3. Every finite instant has an offset: before 1800 the zone's first; from 2500 on that of the same moment 400 years earlier,
//       since weekdays and leap years repeat after 400 years and rules of summer time name nothing else.

/** A zone with what is known of it so far. */
export interface ZoneTable {
  /** The offset in milliseconds as `Intl` tells it: slow. */
  ask: (at: number) => number;
  blocks: (Block | undefined)[];
}

/** The offsets within one stretch of time: one for all of it, or several with the instants from which they hold. */
type Block = number | { starts: number[]; offsets: number[] };

const blockMs = 2 ** 35; // 398 days
const firstMs = daysOf(1800, 1, 1) * dayMs;
const foldMs = daysOf(2500, 1, 1) * dayMs;
const fourCenturiesMs = 146_097 * dayMs;
// Zones change for a week and back (Boa Vista in 2000, Gaza in every leap year of its own): look more often than that.
const stepMs = blockMs / 64; // 6.2 days
const mostZones = 1_024;
const longestName = 64;

const tables = new Map<string, ZoneTable | undefined>();

/** The table of an IANA zone; undefined when this build knows no such zone. */
export function zoneTable(name: string): ZoneTable | undefined {
  const known = tables.get(name);
  if (known !== undefined || tables.has(name)) return known;
  if (name.length > longestName) return undefined;
  if (tables.size >= mostZones) tables.clear(); // Z2
  const table = makeTable(name);
  tables.set(name, table);
  return table;
}

// Three letters ending in T that ICU takes for American or Asian zones of its own, which IANA does not know: `PST`, `IST`.
const notIana = /^(AC|AE|AG|AR|AS|BE|BS|CA|CN|CS|CT|EA|EC|IE|IS|JS|MI|NE|NS|PL|PN|PR|PS|SS|VS)T$/i;

function makeTable(name: string): ZoneTable | undefined {
  if (!/^[A-Za-z][\w/+-]*$/.test(name) || notIana.test(name)) return undefined;
  const format = formatOf(name);
  if (!format) return undefined;
  const ask = (at: number): number => {
    const parts = format.format(at).match(/\d+/g)?.map(Number) ?? [];
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = parts;
    return (
      daysOf(year, month, day) * dayMs +
      hour * 3_600_000 +
      minute * 60_000 +
      second * 1_000 -
      Math.floor(at / 1_000) * 1_000
    );
  };
  return { ask, blocks: [] };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const numeric = 'numeric';
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-gregory-hc-h23-nu-latn', {
      timeZone,
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What is added to UTC to get local time, in milliseconds. */
export function offsetAt(table: ZoneTable, at: number): number {
  const within = at - foldOf(at);
  const block = blockAt(table, within);
  if (typeof block === 'number') return block;
  return block.offsets[placeIn(block.starts, within)] ?? 0;
}

/**
 * The instant at which clocks of a zone show a local time: the first one if they show it twice, and later by the length of the gap
 * if never. `local` and the answer are in milliseconds since 1970.
 */
export function instantOf(table: ZoneTable, local: number): number {
  const fold = foldOf(local);
  const wanted = local - fold;
  // No offset is as long as a day: whatever shows this time begins after `from`. Each turn looks at one stretch with one offset.
  let from = wanted - dayMs;
  let before = 0;
  while (from <= wanted + dayMs) {
    const block = blockAt(table, from);
    const isPlain = typeof block === 'number';
    const place = isPlain ? 0 : placeIn(block.starts, from);
    const offset = isPlain ? block : (block.offsets[place] ?? 0);
    const end = (isPlain ? undefined : block.starts[place + 1]) ?? blockEnd(from);
    if (wanted - offset < from) return wanted - before + fold; // in the gap that ended at `from`
    if (wanted - offset < end) return wanted - offset + fold;
    before = offset;
    from = end;
  }
  return wanted - before + fold;
}

/** How much to go back to come below the year 2500: 0 for most (Z3). */
function foldOf(at: number): number {
  return at < foldMs ? 0 : (Math.floor((at - foldMs) / fourCenturiesMs) + 1) * fourCenturiesMs;
}

function indexOf(at: number): number {
  return Math.floor((at - firstMs) / blockMs);
}

function blockEnd(at: number): number {
  return firstMs + Math.max(0, indexOf(at) + 1) * blockMs;
}

function blockAt(table: ZoneTable, at: number): Block {
  const index = Math.max(0, indexOf(at));
  const known = table.blocks[index];
  if (known !== undefined && at >= firstMs) return known;
  if (at < firstMs) return table.ask(firstMs); // Z3
  const block = makeBlock(table, firstMs + index * blockMs);
  table.blocks[index] = block;
  return block;
}

function makeBlock({ ask }: ZoneTable, start: number): Block {
  const starts = [start];
  const offsets = [ask(start)];
  let offset = offsets[0] ?? 0;
  for (let from = start; from < start + blockMs; from += stepMs) {
    const next = ask(from + stepMs);
    if (next === offset) continue;
    starts.push(changeBetween(ask, from, from + stepMs, offset));
    offsets.push(next);
    offset = next;
  }
  return starts.length === 1 ? offset : { starts, offsets };
}

/** The first instant after `low`, and not after `high`, at which the offset is no longer `before`. Whole seconds, as in all of the data. */
function changeBetween(ask: ZoneTable['ask'], low: number, high: number, before: number): number {
  let [same, other] = [Math.floor(low / 1_000), Math.ceil(high / 1_000)];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (ask(middle * 1_000) === before) same = middle;
    else other = middle;
  }
  return other * 1_000;
}

/** The index of the last start that is not after `at`. */
function placeIn(starts: readonly number[], at: number): number {
  let place = starts.length - 1;
  while (place > 0 && (starts[place] ?? 0) > at) place -= 1;
  return place;
}
