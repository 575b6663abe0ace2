import type { TrailEntry } from '../../api/shapes.ts';

/** A line of the timeline: a decision, or a stretch in which nothing was decided. */
export type TimelineItem =
  { type: 'entry'; entry: TrailEntry } | { type: 'idle'; id: string; milliseconds: number };

const idleMs = 60 * 60 * 1000;
/** What goes without saying: a step is entered because another was left, and left by the outcome just told. */
function goesWithoutSaying(
  entry: TrailEntry,
  older: TrailEntry | undefined,
  newer: TrailEntry | undefined,
): boolean {
  const isOfSameStep = (other: TrailEntry | undefined): boolean =>
    other?.step === entry.step && other?.visit === entry.visit;
  switch (entry.what) {
    case 'entered':
      return true;
    case 'left':
      return (older?.what === 'sent' || older?.what === 'settled') && isOfSameStep(older);
    case 'failed':
      return newer?.what === 'incident' && isOfSameStep(newer);
    default:
      return false;
  }
}

/** The trail newest first. Folded: entries that follow from others are left out, and long silences show their length. */
export function timelineOf(trail: readonly TrailEntry[], folded: boolean): TimelineItem[] {
  const newest = [...trail].sort((one, other) => other.seq - one.seq);
  const kept = folded
    ? newest.filter((entry, at) => !goesWithoutSaying(entry, newest[at + 1], newest[at - 1]))
    : newest;
  return kept.flatMap((entry, index): TimelineItem[] => {
    const item: TimelineItem = { type: 'entry', entry };
    const before = kept[index + 1];
    const gap = before ? Date.parse(entry.at) - Date.parse(before.at) : 0;
    return folded && gap >= idleMs
      ? [item, { type: 'idle', id: `idle${entry.seq}`, milliseconds: gap }]
      : [item];
  });
}

/** Values that the line itself tells. */
const told = new Set([
  'port',
  'to',
  'type',
  'by',
  'reason',
  'detail',
  'code',
  'plan',
  'journey',
  'outcome',
]);

/** The values of a `because` that say something to a person, flat. */
export function valuesOf(because: Record<string, unknown>): [name: string, value: string][] {
  return Object.entries(because).flatMap(([name, value]): [string, string][] => {
    if (told.has(name) || value === null || value === undefined || value === '') return [];
    if (Array.isArray(value)) return value.map((item: unknown) => listed(name, item));
    if (typeof value === 'object') {
      const parts = Object.entries(value);
      return parts.length > 8
        ? [[name, JSON.stringify(value)]]
        : parts.flatMap(([part, inner]) => (told.has(part) ? [] : [[part, textOf(inner)]]));
    }
    return [[name, textOf(value)]];
  });
}

/** One item of a list: an alternative of a wait by its port, anything else by the list's name. */
function listed(name: string, item: unknown): [string, string] {
  if (typeof item !== 'object' || item === null || !('port' in item)) return [name, textOf(item)];
  const { port, ...rest } = item;
  const parts = Object.values(rest);
  return [textOf(port), parts.length === 1 ? textOf(parts[0]) : parts.map(textOf).join(', ')];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
