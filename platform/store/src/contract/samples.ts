import type { Json, JsonObject, Plan, RunState, TrailEntry } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';
import { expect } from 'vitest';

import type {
  Checkpoint,
  EffectOutcome,
  EventRecord,
  JourneyRecord,
  Page,
  PageRequest,
  RunRecord,
  Store,
  VersionRecord,
} from '../ports.ts';

// What the tests of the promises write and read. One store serves a whole run, so names are unique.

/** Two stores that see the same data. */
export type Stores = () => { store: Store; other: Store };

/** What is hard to keep as it is (S6). */
export const awkward: JsonObject = {
  'with.dot': 1,
  $set: { $inc: [null, true, { '': '' }] },
  nested: JSON.parse('{"__proto__":{"a":1},"a.b":{"$c":"\\u0000"}}') as Json,
  empty: {},
  list: [],
  large: 2 ** 53 - 1,
  fraction: 0.1,
  text: 'naïve 患者 🩺',
};

let counter = 0;
export const unique = (word: string) => `${word}-${(counter += 1)}`;
// Later than any test runs: what has expired is removed by the real clock.
export const at = Date.UTC(2100, 0, 1);

export function aJourney(change: Partial<JourneyRecord> = {}): JourneyRecord {
  return {
    key: unique('journey'),
    name: 'Welcome',
    subjectType: 'patient',
    state: 'draft',
    waits: 'run',
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

export function aVersion(journey: string, number: number): VersionRecord {
  const hash = unique('hash');
  return {
    journey,
    number,
    document: { awkward } as unknown as JourneyDocument,
    plan: { format: 1, hash, journey, vars: awkward } as unknown as Plan,
    contentHash: hash,
    publishedBy: 'owner',
    publishedAt: at,
  };
}

export function aRun(change: Partial<RunRecord> = {}): RunRecord {
  const key = change.key ?? unique('key');
  return {
    id: unique('run'),
    journey: 'a-journey',
    version: 1,
    planHash: 'a-hash',
    subject: { type: 'patient', key },
    key,
    ordinal: 1,
    status: 'active',
    startedAt: at,
    positions: [],
    incidents: [],
    revision: 0,
    ...change,
  };
}

/** A state is opaque to a store, apart from these. */
export function aState(run: RunRecord, change: Partial<RunState> = {}): RunState {
  const known: Pick<RunState, 'runId' | 'key' | 'status' | 'startedAt' | 'revision' | 'vars'> = {
    ...{ runId: run.id, key: run.key, startedAt: at, vars: {} },
    ...{ status: 'active', revision: 0 },
    ...change,
  };
  return known as RunState;
}

export function anEntry(seq: number, change: Partial<TrailEntry> = {}): TrailEntry {
  return { seq, at: at + seq, what: 'entered', step: 'hello', visit: 1, because: {}, ...change };
}

export function aCheckpoint(
  run: RunRecord,
  revision: number,
  change: Partial<Omit<Checkpoint, 'state'>> & { state?: Partial<RunState> } = {},
): Checkpoint {
  const { state, trail = [], ...rest } = change;
  const nextSeq = Math.max(0, ...trail.map(({ seq }) => seq + 1));
  return {
    runId: run.id,
    journey: run.journey,
    version: run.version,
    trail,
    positions: [],
    incidents: [],
    ...rest,
    state: aState(run, { revision, nextSeq, ...state }),
  };
}

export const anIncident = (step: string, fingerprint: string) => ({
  ...{ id: unique('incident'), step, visit: 1, code: 'refused', fingerprint, detail: 'No.', at },
});

export function anEvent(change: Partial<EventRecord> = {}): Omit<EventRecord, 'order' | 'routed'> {
  const id = unique('event');
  return {
    id,
    source: 'shop',
    eventId: id,
    type: 'order.placed',
    subject: { type: 'patient', key: unique('key') },
    data: {},
    acceptedAt: at,
    ...change,
  };
}

export function anAttempt(id: string, change: { at?: number; leaseUntil?: number } = {}) {
  return {
    id,
    runId: id.slice(0, id.indexOf('/')),
    plugin: 'email',
    action: 'send',
    connection: 'smtp',
    at,
    leaseUntil: at + 60_000,
    ...change,
  };
}

export const settled = (effect: string, outcome = 'sent'): EffectOutcome => ({
  ...{ type: 'effect.settled', at: at + 1, effect, outcome, output: awkward },
});
export const deferred = (effect: string, until: number): EffectOutcome => ({
  ...{ type: 'effect.deferred', at: at + 1, effect, until, because: { rule: 'quiet-hours' } },
});

/** Every item of a list, asked for page by page. */
export async function everyPage<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  limit = 2,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.nextCursor === undefined) return items;
    cursor = page.nextCursor;
  }
}

export const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Inserts a run, and answers it. */
export async function insertRun(store: Store, run: RunRecord): Promise<RunRecord> {
  expect(await store.runs.insert(run, aState(run))).toBe(true);
  return run;
}

/** The whole trail of a run. */
export const trailOf = (store: Store, id: string): Promise<TrailEntry[]> =>
  everyPage((page) => store.runs.trail(id, page), 7);
