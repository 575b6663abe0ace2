/* eslint @typescript-eslint/no-non-null-assertion: "off" -- As in every test. */
import type { Json, JsonObject, Plan, RunState, TrailEntry } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { describeErasure } from './erasure-contract.ts';
import { describePolicies } from './policy-contract.ts';
import { describeTasks } from './tasks-contract.ts';
import type {
  Change,
  Checkpoint,
  ConnectionRecord,
  EffectOutcome,
  EntryRecord,
  EventRecord,
  JourneyRecord,
  Page,
  PageRequest,
  RunRecord,
  StepCounts,
  Store,
  VersionRecord,
} from './ports.ts';

// The promises of ports.ts as tests. Every adapter runs them; one store serves a whole run, so names are unique.

/** What is hard to keep as it is (S6). */
const awkward: JsonObject = {
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
const unique = (word: string) => `${word}-${(counter += 1)}`;
// Later than any test runs: what has expired is removed by the real clock.
const at = Date.UTC(2100, 0, 1);

function aJourney(change: Partial<JourneyRecord> = {}): JourneyRecord {
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

function aVersion(journey: string, number: number): VersionRecord {
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

function aRun(change: Partial<RunRecord> = {}): RunRecord {
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
function aState(run: RunRecord, change: Partial<RunState> = {}): RunState {
  const known: Pick<RunState, 'runId' | 'key' | 'status' | 'startedAt' | 'revision' | 'vars'> = {
    ...{ runId: run.id, key: run.key, startedAt: at, vars: {} },
    ...{ status: 'active', revision: 0 },
    ...change,
  };
  return known as RunState;
}

function anEntry(seq: number, change: Partial<TrailEntry> = {}): TrailEntry {
  return { seq, at: at + seq, what: 'entered', step: 'hello', visit: 1, because: {}, ...change };
}

function aCheckpoint(
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

const anIncident = (step: string, fingerprint: string) => ({
  ...{ id: unique('incident'), step, visit: 1, code: 'refused', fingerprint, detail: 'No.', at },
});

function anEvent(change: Partial<EventRecord> = {}): Omit<EventRecord, 'order' | 'routed'> {
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

function anAttempt(id: string, change: { at?: number; leaseUntil?: number } = {}) {
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

const settled = (effect: string, outcome = 'sent'): EffectOutcome => ({
  ...{ type: 'effect.settled', at: at + 1, effect, outcome, output: awkward },
});
const deferred = (effect: string, until: number): EffectOutcome => ({
  ...{ type: 'effect.deferred', at: at + 1, effect, until, because: { rule: 'quiet-hours' } },
});

/** Every item of a list, asked for page by page. */
async function everyPage<Item>(
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

const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Describes what every adapter promises. `open` may be called more than once: each answer sees the same data. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name}: a store`, () => {
    let store: Store;
    let other: Store;
    beforeAll(async () => {
      store = await open();
      other = await open();
    });
    afterAll(async () => {
      await store.close();
      await other.close();
    });

    const insertRun = async (run: RunRecord) => {
      expect(await store.runs.insert(run, aState(run))).toBe(true);
      return run;
    };
    const trailOf = (id: string) => everyPage((page) => store.runs.trail(id, page), 7);

    describe('journeys', () => {
      it('are created once, with their first draft (S1)', async () => {
        const journey = aJourney();

        expect(await store.journeys.create(journey, awkward, 'owner')).toBe(true);
        expect(await other.journeys.create({ ...journey, name: 'B' }, {}, 'b')).toBe(false);

        expect(await store.journeys.get(journey.key)).toEqual(journey);
        expect(await store.journeys.draft(journey.key)).toEqual({
          ...{ journey: journey.key, revision: 1, document: awkward },
          ...{ updatedAt: at, updatedBy: 'owner' },
        });
      });

      it('that nobody made are not there', async () => {
        expect(await store.journeys.get('nobody')).toBeUndefined();
        expect(await store.journeys.draft('nobody')).toBeUndefined();
        expect(await store.journeys.update('nobody', { state: 'live' })).toBeUndefined();
        expect(await store.journeys.saveDraft('nobody', 1, {}, 'a', at)).toBeUndefined();
        expect(await store.journeys.version('nobody', 1)).toBeUndefined();
        expect(await store.journeys.versions('nobody')).toEqual([]);
      });

      it('change what is asked and keep the rest', async () => {
        const journey = aJourney();
        await store.journeys.create(journey, {}, 'owner');

        const change = { state: 'live', latestVersion: 3, updatedAt: at + 5 } as const;

        expect(await store.journeys.update(journey.key, change)).toEqual({ ...journey, ...change });
        expect(await other.journeys.get(journey.key)).toEqual({ ...journey, ...change });
      });

      it('are listed by key, page by page', async () => {
        const keys = times(5, () => aJourney()).map(({ key }) => key);
        for (const key of keys.toReversed())
          await store.journeys.create(aJourney({ key }), {}, 'owner');

        const listed = (await everyPage((page) => store.journeys.list(page))).map(({ key }) => key);

        expect(listed).toEqual([...new Set(listed)].toSorted());
        expect(listed).toEqual(expect.arrayContaining(keys));
      });

      it('save a draft over the revision it was made from, else answer the one that stands', async () => {
        const { key } = aJourney();
        await store.journeys.create(aJourney({ key }), 'first', 'owner');

        const saved = await store.journeys.saveDraft(key, 1, awkward, 'a', at + 1);
        const refused = await store.journeys.saveDraft(key, 1, 'late', 'b', at + 2);

        const standing = {
          ...{ journey: key, revision: 2, document: awkward, updatedAt: at + 1, updatedBy: 'a' },
        };
        expect(saved).toEqual({ saved: true, draft: standing });
        expect(refused).toEqual({ saved: false, draft: standing });
        expect(await store.journeys.draft(key)).toEqual(standing);
      });

      it('let one of fifty concurrent saves win', async () => {
        const { key } = aJourney();
        await store.journeys.create(aJourney({ key }), 'first', 'owner');

        const saves = await Promise.all(
          times(50, (index) =>
            (index % 2 ? store : other).journeys.saveDraft(key, 1, index, 'a', at),
          ),
        );

        const winners = saves.filter((save) => save?.saved === true);
        expect(winners).toHaveLength(1);
        expect(await store.journeys.draft(key)).toEqual(winners[0]?.draft);
        for (const save of saves) expect(save?.draft.revision).toBe(2);
      });

      it('append versions that never change', async () => {
        const { key } = aJourney();
        const [first, second] = [aVersion(key, 1), { ...aVersion(key, 2), note: 'Second.' }];

        expect(await store.journeys.addVersion(second)).toBe(true);
        expect(await store.journeys.addVersion(first)).toBe(true);
        expect(await other.journeys.addVersion(aVersion(key, 1))).toBe(false);

        expect(await store.journeys.version(key, 1)).toEqual(first);
        const { document: _document, plan: _plan, ...summary } = second;
        expect((await store.journeys.versions(key)).map(({ number }) => number)).toEqual([1, 2]);
        expect((await store.journeys.versions(key))[1]).toEqual(summary);
        expect(await store.journeys.planByHash(first.plan.hash)).toEqual(first.plan);
        expect(await store.journeys.planByHash('unknown')).toBeUndefined();
      });
    });

    describe('subjects', () => {
      it('are made and changed by merge patches', async () => {
        const key = unique('with/slash');

        const made = await store.subjects.merge('patient', key, { ...awkward, gone: 1 }, at);
        const patch = { gone: null, empty: { a: { b: null } }, text: 'new' };
        const changed = await store.subjects.merge('patient', key, patch, at + 1);

        const first = { type: 'patient', key, revision: 1, createdAt: at, updatedAt: at };
        const { empty: _empty, ...rest } = awkward;
        expect(made).toEqual({
          subject: { ...first, attributes: { ...awkward, gone: 1 } },
          changed: [...Object.keys(awkward), 'gone'],
          created: true,
        });
        const attributes = { ...rest, empty: { a: {} }, text: 'new' };
        const second = { ...first, attributes, revision: 2, updatedAt: at + 1 };
        expect({ ...changed, changed: changed.changed.toSorted() }).toEqual({
          ...{ subject: second, changed: ['empty', 'gone', 'text'], created: false },
        });
        expect(await other.subjects.get('patient', key)).toEqual(second);
      });

      it('are not written when nothing changes', async () => {
        const key = unique('key');
        const { subject } = await store.subjects.merge('patient', key, { a: [1] }, at);

        const again = await store.subjects.merge('patient', key, { a: [1], b: null }, at + 1);

        expect(again).toEqual({ subject, changed: [], created: false });
      });

      it('keep every one of many concurrent patches', async () => {
        const key = unique('key');

        const merges = await Promise.all(
          times(20, (index) =>
            (index % 2 ? store : other).subjects.merge(
              'patient',
              key,
              { [`a${index}`]: index },
              at,
            ),
          ),
        );

        expect(merges.filter(({ created }) => created)).toHaveLength(1);
        const subject = await store.subjects.get('patient', key);
        expect(subject?.revision).toBe(20);
        expect(Object.keys(subject?.attributes ?? {})).toHaveLength(20);
      });

      it('are listed by type and key', async () => {
        const type = unique('type');
        for (const key of ['c', 'a', 'b/1']) await store.subjects.merge(type, key, {}, at);
        await store.subjects.merge(`${type}x`, 'z', {}, at);

        const listed = await everyPage((page) => store.subjects.list(type, page));
        const all = await everyPage((page) => store.subjects.list(undefined, page), 50);

        expect(listed.map(({ key }) => key)).toEqual(['a', 'b/1', 'c']);
        expect(all.filter((subject) => subject.type === `${type}x`)).toHaveLength(1);
      });

      it('replace a consent by one that is not older', async () => {
        const key = unique('key');
        const consent = {
          ...{ type: 'patient', key, purpose: '*', channel: 'email', source: 'form' },
        };

        const answers = [
          await store.subjects.putConsent({ ...consent, state: 'given', at, proof: 'signed' }),
          await store.subjects.putConsent({ ...consent, state: 'withdrawn', at: at + 2 }),
          await store.subjects.putConsent({ ...consent, state: 'given', at: at + 1 }),
          await store.subjects.putConsent({ ...consent, channel: 'sms', state: 'given', at }),
        ];
        await store.subjects.putConsent({ ...consent, key: `${key}x`, state: 'given', at });

        expect(answers).toEqual([true, true, false, true]);
        const standing = await store.subjects.consents('patient', key);
        expect(standing).toHaveLength(2);
        expect(standing).toContainEqual({ ...consent, state: 'withdrawn', at: at + 2 });
      });

      it('keep the latest of consents that are written in the same moment', async () => {
        const key = unique('key');
        const consent = {
          ...{ type: 'patient', key, purpose: '*', source: 'form' },
          state: 'given',
        } as const;
        const channels = times(20, (index) => `channel-${index}`);

        await Promise.all(
          channels.flatMap((channel) =>
            times(6, (index) =>
              (index % 2 ? store : other).subjects.putConsent({
                ...consent,
                channel,
                at: at + ((index + 4) % 6),
              }),
            ),
          ),
        );

        const standing = await store.subjects.consents('patient', key);
        expect(standing).toHaveLength(channels.length);
        for (const { at: since } of standing) expect(since).toBe(at + 5);
      });

      it('are removed with their consents', async () => {
        const key = unique('key');
        await store.subjects.merge('patient', key, {}, at);
        await store.subjects.putConsent({
          ...{ type: 'patient', key, purpose: '*', channel: 'sms', state: 'given' },
          ...{ at, source: 'form' },
        });

        expect(await store.subjects.remove('patient', key)).toBe(true);
        expect(await store.subjects.remove('patient', key)).toBe(false);

        expect(await store.subjects.get('patient', key)).toBeUndefined();
        expect(await store.subjects.consents('patient', key)).toEqual([]);
      });
    });

    describe('runs', () => {
      it('are inserted once (S1)', async () => {
        const run = aRun({ nextDueAt: at + 9 });
        const state = aState(run, { vars: awkward });

        expect(await store.runs.insert(run, state)).toBe(true);
        expect(await other.runs.insert({ ...run, ordinal: 2 }, aState(run))).toBe(false);

        expect(await store.runs.get(run.id)).toEqual(run);
        expect(await store.runs.state(run.id)).toEqual(state);
        expect(await store.runs.get('nobody')).toBeUndefined();
        expect(await store.runs.state('nobody')).toBeUndefined();
      });

      it('have an ordinal of their own among those of a key (S1)', async () => {
        const run = aRun();
        await insertRun(run);

        const twins = await Promise.all(
          times(10, (index) => {
            const twin = { ...run, id: unique('run'), ordinal: 2 };
            return (index % 2 ? store : other).runs.insert(twin, aState(twin));
          }),
        );

        expect(twins.filter(Boolean)).toHaveLength(1);
        expect((await store.runs.latestOfKey(run.journey, run.key))?.ordinal).toBe(2);
        expect(await store.runs.latestOfKey('another', run.key)).toBeUndefined();
      });

      it('refuse an id that could be taken for a part of another (S7)', async () => {
        const run = aRun({ id: 'a/b' });

        await expect(async () => store.runs.insert(run, aState(run))).rejects.toThrow(/'a\/b'/);
      });

      it('are moved by a checkpoint', async () => {
        const run = await insertRun(aRun());
        const position = { step: 'pause', visit: 1, since: at, until: at + 9, waitingFor: 'reply' };
        const incident = anIncident('pause', 'f');
        const checkpoint = aCheckpoint(run, 4, {
          ...{ positions: [position], incidents: [incident], nextDueAt: at + 9 },
          ...{ state: { status: 'held', vars: awkward } },
          trail: [anEntry(0, { because: awkward }), anEntry(1)],
        });

        await store.runs.checkpoint(checkpoint);

        expect(await other.runs.get(run.id)).toEqual({
          ...run,
          ...{ status: 'held', positions: [position], incidents: [incident] },
          ...{ nextDueAt: at + 9, revision: 4 },
        });
        expect(await store.runs.state(run.id)).toEqual(checkpoint.state);
        expect(await trailOf(run.id)).toEqual(checkpoint.trail);
      });

      it('forget what a later checkpoint no longer says', async () => {
        const run = await insertRun(aRun());
        await store.runs.checkpoint(
          aCheckpoint(run, 1, {
            positions: [{ step: 'pause', visit: 1, since: at, until: at + 9 }],
            incidents: [anIncident('pause', 'f')],
            nextDueAt: at + 9,
          }),
        );

        const end = { status: 'ended', outcome: 'done', endedAt: at + 20 } as const;
        await store.runs.checkpoint(aCheckpoint(run, 2, { state: end }));

        expect(await store.runs.get(run.id)).toEqual({ ...run, ...end, revision: 2 });
        expect(await store.runs.openOfSubject(run.subject.type, run.subject.key)).toEqual([]);
      });

      it('are never moved back by a lower revision (S2)', async () => {
        const run = await insertRun(aRun());
        const later = aCheckpoint(run, 5, {
          state: { vars: { from: 5 } },
          trail: [anEntry(1, { what: 'left', because: { port: 'yes' } }), anEntry(2)],
        });
        await store.runs.checkpoint(later);

        for (const revision of [4, 0])
          await other.runs.checkpoint(
            aCheckpoint(run, revision, {
              state: { vars: { from: 'late' } },
              trail: [anEntry(0), anEntry(1, { because: { late: true } })],
              positions: [{ step: 'late', visit: 1, since: at }],
            }),
          );

        expect(await store.runs.state(run.id)).toEqual(later.state);
        expect((await store.runs.get(run.id))?.positions).toEqual([]);
        expect(await trailOf(run.id)).toEqual([anEntry(0), ...later.trail]);
      });

      it('take what a later turn decided, whatever its revision, and nothing of an earlier one (S2)', async () => {
        const came = (turn: number, revision: number, more: number) =>
          aCheckpoint(run, revision, {
            turn,
            trail: times(more, (seq) => anEntry(seq, { because: { turn } })),
            state: more > 3 ? { status: 'ended', outcome: 'early' } : { status: 'active' },
          });
        const run = await insertRun(aRun());
        await store.runs.checkpoint(came(8, 6, 5));

        await other.runs.checkpoint(came(11, 5, 3));

        for (const late of [came(8, 9, 6), { ...came(10, 9, 6), predicted: true }])
          await store.runs.checkpoint(late);
        expect(await store.runs.get(run.id)).toEqual({ ...run, turn: 11, revision: 5 });
        expect(await trailOf(run.id)).toEqual(
          times(3, (seq) => anEntry(seq, { because: { turn: 11 } })),
        );
      });

      it('take what the same turn decided anew, and foretell nothing over it (S2)', async () => {
        const run = await insertRun(aRun());
        const said = (word: string) =>
          aCheckpoint(run, 5, { turn: 3, trail: [anEntry(0, { because: { word } })] });
        await store.runs.checkpoint(said('first'));
        await store.runs.checkpoint(said('again'));

        await store.runs.checkpoint({ ...said('foretold'), predicted: true });

        expect(await trailOf(run.id)).toEqual([anEntry(0, { because: { word: 'again' } })]);
      });

      it('replace a trail entry by one of a higher revision, whole (S2)', async () => {
        const run = await insertRun(aRun());
        await store.runs.checkpoint(aCheckpoint(run, 1, { trail: [anEntry(0)] }));

        const entry: TrailEntry = { seq: 0, at, what: 'exited', because: { rule: 'r' } };
        await store.runs.checkpoint(aCheckpoint(run, 2, { trail: [entry] }));

        expect(await trailOf(run.id)).toEqual([entry]);
      });

      it('end at the highest revision, whatever order concurrent writers come in (S2)', async () => {
        const run = await insertRun(aRun());
        const because = (revision: number) => ({ revision });
        // Each writes its own entry and the one before it, as a prediction and the flush after it do.
        const writes = times(50, (index) => index + 1).map((revision) =>
          aCheckpoint(run, revision, {
            state: { vars: because(revision) },
            trail: [
              anEntry(revision - 1, { because: because(revision) }),
              anEntry(revision, { because: because(revision) }),
            ],
          }),
        );

        await Promise.all(
          writes
            .toSorted((a, b) => ((a.state.revision * 7) % 50) - ((b.state.revision * 7) % 50))
            .map((write, index) => (index % 2 ? store : other).runs.checkpoint(write)),
        );

        expect((await store.runs.state(run.id))?.vars).toEqual(because(50));
        const trail = await trailOf(run.id);
        expect(trail.map(({ seq }) => seq)).toEqual(times(51, (seq) => seq));
        for (const entry of trail.slice(0, -1))
          expect(entry.because).toEqual(because(entry.seq + 1));
      });

      it('keep the higher of two revisions that are written in the same moment (S2)', async () => {
        const runs = times(40, () => aRun());
        const write = (run: RunRecord, revision: number) =>
          aCheckpoint(run, revision, { trail: [anEntry(0, { because: { revision } })] });

        await Promise.all(
          runs.flatMap((run) => [
            store.runs.checkpoint(write(run, 1)),
            other.runs.checkpoint(write(run, 2)),
          ]),
        );

        for (const run of runs)
          expect((await trailOf(run.id))[0]?.because).toEqual({ revision: 2 });
      });

      it('keep the trail of a run that is not stored yet', async () => {
        const run = aRun();

        await store.runs.checkpoint(aCheckpoint(run, 1, { trail: [anEntry(0)] }));

        expect(await store.runs.get(run.id)).toBeUndefined();
        expect(await trailOf(run.id)).toEqual([anEntry(0)]);
      });

      it('let what was decided outrank what was foretold, whichever is written first', async () => {
        for (const decidedFirst of [true, false]) {
          const run = await insertRun(aRun());
          const foretold = aCheckpoint(run, 2, {
            trail: [anEntry(0), anEntry(1), anEntry(2)],
            predicted: true,
            state: { status: 'active', nextSeq: 3 },
          });
          const decided = aCheckpoint(run, 2, {
            trail: [anEntry(0, { what: 'ended' })],
            state: { status: 'ended', nextSeq: 1 },
          });
          for (const write of decidedFirst ? [decided, foretold] : [foretold, decided]) {
            await store.runs.checkpoint(write);
          }

          expect(await store.runs.get(run.id)).toMatchObject({ status: 'ended', revision: 2 });
          const { items } = await store.runs.trail(run.id, { limit: 10 });
          expect(items.map(({ what }) => what)).toEqual(['ended']);
        }
      });

      it('lose what was predicted and did not come true with the next write', async () => {
        const run = await insertRun(aRun());
        await store.runs.checkpoint(
          aCheckpoint(run, 1, { trail: [anEntry(0), anEntry(1), anEntry(2)] }),
        );

        await store.runs.checkpoint(aCheckpoint(run, 2, { trail: [anEntry(1)] }));

        const { items } = await store.runs.trail(run.id, { limit: 10 });
        expect(items.map(({ seq }) => seq)).toEqual([0, 1]);
      });

      it('have a trail in the order of its numbers, apart from that of a namesake', async () => {
        const run = await insertRun(aRun());
        const namesake = aRun({ id: `${run.id}0` });
        const entries = times(25, (seq) => anEntry(seq));
        await store.runs.checkpoint(aCheckpoint(run, 1, { trail: entries.toReversed() }));
        await store.runs.checkpoint(aCheckpoint(namesake, 1, { trail: [anEntry(99)] }));

        expect(await trailOf(run.id)).toEqual(entries);
      });

      it('are listed latest first, by whatever is asked', async () => {
        const journey = unique('journey');
        const subject = { type: 'patient', key: unique('key') };
        const started = (index: number) => at + (index % 3);
        const runs = await Promise.all(
          times(7, (index) =>
            insertRun(aRun({ journey, startedAt: started(index), version: (index % 2) + 1 })),
          ),
        );
        const own = await insertRun(aRun({ journey, subject, startedAt: at + 9 }));
        const stuck = runs[0]!;
        await store.runs.checkpoint(
          aCheckpoint(stuck, 1, {
            positions: [{ step: 'pause', visit: 1, since: at }],
            incidents: [anIncident('pause', unique('fingerprint'))],
          }),
        );
        const over = runs[1]!;
        const end = { status: 'ended', outcome: 'done', endedAt: at + 20 } as const;
        await store.runs.checkpoint(aCheckpoint(over, 1, { state: end }));
        const fingerprint = (await store.runs.get(stuck.id))?.incidents[0]?.fingerprint ?? '';
        const ids = async (filter: Parameters<Store['runs']['list']>[0]) => {
          const found = await everyPage((page) => store.runs.list({ journey, ...filter }, page), 3);
          expect(await store.runs.count({ journey, ...filter })).toBe(found.length);
          return found.map(({ id }) => id);
        };

        const all = [...runs, own].toSorted(
          (a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1),
        );
        expect(await ids({})).toEqual(all.map(({ id }) => id));
        expect(await ids({ version: 2 })).toHaveLength(3);
        expect(await ids({ subject })).toEqual([own.id]);
        expect(await ids({ step: 'pause' })).toEqual([stuck.id]);
        expect(await ids({ step: 'elsewhere' })).toEqual([]);
        expect(await ids({ status: 'ended' })).toEqual([over.id]);
        expect(await ids({ outcome: 'done' })).toEqual([over.id]);
        expect(await ids({ incident: 'any' })).toEqual([stuck.id]);
        expect(await ids({ incident: fingerprint })).toEqual([stuck.id]);
        expect(await ids({ incident: 'other' })).toEqual([]);
        expect(await store.runs.openOfSubject(subject.type, subject.key)).toEqual([
          { id: own.id, planHash: own.planHash, status: 'active' },
        ]);
      });

      it('are found among the open ones of a subject for a while after they ended', async () => {
        const subject = { type: 'person', key: unique('person') };
        const [open, over] = [
          await insertRun(aRun({ subject })),
          await insertRun(aRun({ subject, startedAt: at - 1 })),
        ];
        const end = { status: 'ended', outcome: 'done', endedAt: at + 20 } as const;
        await store.runs.checkpoint(aCheckpoint(over, 2, { state: end }));
        const found = async (endedSince?: number) => {
          const runs = await store.runs.openOfSubject(subject.type, subject.key, endedSince);
          return new Map(runs.map(({ id, status }) => [id, status]));
        };

        expect(await found()).toEqual(new Map([[open.id, 'active']]));
        expect(await found(at + 21)).toEqual(new Map([[open.id, 'active']]));
        expect(await found(at + 20)).toEqual(
          new Map([
            [open.id, 'active'],
            [over.id, 'ended'],
          ]),
        );
      });

      it('that have not ended are walked through by id', async () => {
        const runs = await Promise.all(times(5, () => insertRun(aRun())));
        await store.runs.checkpoint(aCheckpoint(runs[2]!, 1, { state: { status: 'ended' } }));

        const walked: string[] = [];
        for (;;) {
          const some = await store.runs.open(walked.at(-1), 3);
          walked.push(...some.map(({ id }) => id));
          if (some.length < 3) break;
        }

        expect(walked).toEqual(walked.toSorted());
        const open = runs.filter((_, index) => index !== 2).map(({ id }) => id);
        expect(walked).toEqual(expect.arrayContaining(open));
        expect(walked).not.toContain(runs[2]!.id);
      });

      it('are counted as a recount from runs and trail counts them', async () => {
        const journey = unique('journey');
        const steps = ['hello', 'pause.1', '$ask'];
        const runs = await Promise.all(times(12, () => insertRun(aRun({ journey, version: 3 }))));
        await Promise.all(
          runs.map((run, index) => {
            const step = steps[index % steps.length]!;
            const trail = times(index + 1, (seq) =>
              seq % 2
                ? anEntry(seq, { what: 'left', step, because: { port: `port.${seq % 3}` } })
                : anEntry(seq, { step }),
            );
            const due = index % 4 === 0 ? { until: at + index } : {};
            const position = { step, visit: 1, since: at, ...due };
            return store.runs.checkpoint(
              aCheckpoint(run, 1, {
                trail: [...trail, anEntry(index + 1, { what: 'waits', step })],
                positions: index === 11 ? [] : [position, position],
                incidents: index === 1 ? [anIncident(step, 'f')] : [],
                ...(index === 11 ? { state: { status: 'ended' as const } } : {}),
              }),
            );
          }),
        );
        await insertRun(
          aRun({ journey, version: 4, positions: [{ step: 'x', visit: 1, since: 1 }] }),
        );
        // A redelivered write and a correction of one entry: counts follow what stands.
        const corrected = anEntry(0, { what: 'exited', step: steps[0]! });
        await store.runs.checkpoint(aCheckpoint(runs[0]!, 1, { trail: [anEntry(0)] }));
        await store.runs.checkpoint(aCheckpoint(runs[0]!, 2, { trail: [corrected] }));

        expect(await store.runs.counts(journey, 3)).toEqual(await recount(journey, 3));
        expect(Object.keys(await store.runs.counts(journey, 4))).toEqual(['x']);
        expect(await store.runs.counts('nobody', 1)).toEqual({});
      });

      const recount = async (journey: string, version: number) => {
        const counts: Record<string, StepCounts> = {};
        const of = (step: string) =>
          (counts[step] ??= { here: 0, entered: 0, left: {}, incidents: 0 });
        const filter = { journey, version };
        for (const run of await everyPage((page) => store.runs.list(filter, page))) {
          for (const { step, until } of run.positions) {
            const step_ = of(step);
            step_.here += 1;
            if (until !== undefined) step_.nextDueAt = Math.min(until, step_.nextDueAt ?? Infinity);
          }
          for (const { step } of run.incidents) of(step).incidents += 1;
          for (const { step, what, because } of await trailOf(run.id)) {
            if (what === 'entered') of(step!).entered += 1;
            if (what === 'left') {
              const { left } = of(step!);
              left[because['port'] as string] = (left[because['port'] as string] ?? 0) + 1;
            }
          }
        }
        return counts;
      };
    });

    describe('effects', () => {
      const anEffect = () => `${unique('run')}/hello#1`;

      it('begin, and are leased to one attempt at a time', async () => {
        const id = anEffect();
        const first = anAttempt(id);
        const record = {
          ...{ id, runId: first.runId, plugin: 'email', action: 'send', connection: 'smtp' },
          ...{ attempts: 1, leaseUntil: first.leaseUntil, intentAt: at },
        };

        expect(await store.effects.begin(first)).toEqual({ began: true, before: undefined });
        expect(await other.effects.begin(anAttempt(id, { at: at + 1 }))).toEqual({
          ...{ began: false, record },
        });
        const next = { at: first.leaseUntil, leaseUntil: first.leaseUntil + 1 };
        expect(await store.effects.begin(anAttempt(id, next))).toEqual({
          ...{ began: true, before: record },
        });

        expect((await store.effects.get(id))?.attempts).toBe(2);
      });

      it('let one of fifty concurrent attempts begin', async () => {
        const id = anEffect();

        const begun = await Promise.all(
          times(50, (index) => (index % 2 ? store : other).effects.begin(anAttempt(id))),
        );

        expect(begun.filter(({ began }) => began)).toHaveLength(1);
        expect((await store.effects.get(id))?.attempts).toBe(1);
      });

      it('give the lease back, and the attempt when it does not count', async () => {
        const id = anEffect();
        await store.effects.begin(anAttempt(id));
        await store.effects.release(id, { countAttempt: false });
        await store.effects.release(id, { countAttempt: false });

        const { attempts, leaseUntil, intentAt } = (await store.effects.get(id))!;
        expect({ attempts, leaseUntil, intentAt }).toEqual({ attempts: 0 });

        await store.effects.begin(anAttempt(id));
        await store.effects.release(id, { countAttempt: true });
        expect((await store.effects.get(id))?.attempts).toBe(1);
        await store.effects.release('nobody/x#1', { countAttempt: false });
        expect(await store.effects.get('nobody/x#1')).toBeUndefined();
      });

      it('keep the intent of an attempt of which nobody knows', async () => {
        const id = anEffect();
        await store.effects.begin(anAttempt(id));
        await store.effects.release(id, { countAttempt: true, keepIntent: true });

        const { leaseUntil, intentAt } = (await store.effects.get(id))!;
        expect({ leaseUntil, intentAt }).toEqual({ intentAt: at });
      });

      it('are settled once (S3)', async () => {
        const id = anEffect();
        await store.effects.begin(anAttempt(id));

        const answers = await Promise.all(
          times(50, (index) =>
            (index % 2 ? store : other).effects.settle(id, settled(id, `${index}`)),
          ),
        );

        const winner = answers.indexOf(true);
        expect(answers.filter(Boolean)).toHaveLength(1);
        const record = (await store.effects.get(id))!;
        expect(record.outcome).toEqual(settled(id, `${winner}`));
        expect(record).not.toHaveProperty('leaseUntil');
        expect(record).not.toHaveProperty('intentAt');
        expect(await store.effects.begin(anAttempt(id, { at: at + 10 ** 9 }))).toEqual({
          ...{ began: false, record },
        });
        await store.effects.release(id, { countAttempt: false });
        expect(await store.effects.get(id)).toEqual(record);
      });

      it('may be settled before any attempt', async () => {
        const id = anEffect();
        const because = { rule: 'no-consent' };

        await store.effects.settle(id, {
          ...{ type: 'effect.suppressed', at, effect: id, because },
        });

        expect(await store.effects.get(id)).toEqual({
          ...{ id, runId: id.split('/')[0], attempts: 0 },
          outcome: { type: 'effect.suppressed', at, effect: id, because },
        });
      });

      it('stand deferred until the instant, then may begin or be settled anew', async () => {
        const [id, again] = [anEffect(), anEffect()];
        const until = at + 100;
        for (const effect of [id, again]) {
          expect(await store.effects.settle(effect, deferred(effect, until))).toBe(true);
          expect(await store.effects.settle(effect, settled(effect))).toBe(false);
        }
        expect((await store.effects.begin(anAttempt(id, { at: until - 1 }))).began).toBe(false);

        const begun = await store.effects.begin(anAttempt(id, { at: until }));
        const later = { ...deferred(again, until + 100), at: until };

        expect(begun).toMatchObject({ began: true, before: { outcome: { until } } });
        expect(await store.effects.get(id)).not.toHaveProperty('outcome');
        expect(await store.effects.settle(again, later)).toBe(true);
        expect((await store.effects.get(again))?.outcome).toEqual(later);
      });

      it('are opened again for the same key, and found by their reference', async () => {
        const id = anEffect();
        const reference = unique('reference');
        await store.effects.begin(anAttempt(id));
        await store.effects.settle(id, { type: 'effect.accepted', at, effect: id, reference });
        expect((await store.effects.byReference('smtp', reference))?.id).toBe(id);
        expect(await store.effects.byReference('another', reference)).toBeUndefined();

        await store.effects.reopen(id);

        expect(await store.effects.get(id)).toEqual({
          ...{ id, runId: id.split('/')[0], plugin: 'email', action: 'send', connection: 'smtp' },
          ...{ attempts: 0, reference },
        });
        expect((await store.effects.begin(anAttempt(id))).began).toBe(true);
      });
    });

    describe('what arrives', () => {
      it('is accepted once, whoever brings it (S1)', async () => {
        const event = anEvent({ data: awkward, time: '2100-01-01T00:00:00Z' });

        const answers = await Promise.all(
          times(20, (index) => (index % 2 ? store : other).intake.acceptEvent(event)),
        );

        expect(answers.filter(({ stored }) => stored)).toHaveLength(1);
        const [first] = answers;
        for (const answer of answers) expect(answer.event).toEqual(first!.event);
        expect(first!.event).toEqual({ ...event, order: first!.event.order, routed: false });
      });

      it('is numbered in the order of acceptance, within one instant too', async () => {
        const subject = { type: 'patient', key: unique('key') };
        const accepted: EventRecord[] = [];
        for (const index of times(6, (number) => number)) {
          const event = anEvent({ subject, acceptedAt: at + Math.floor(index / 3) });
          accepted.push((await store.intake.acceptEvent(event)).event);
        }

        const orders = accepted.map(({ order }) => order);
        expect(orders).toEqual([...new Set(orders)].toSorted((a, b) => a - b));
        expect(await everyPage((page) => store.intake.eventsOf(subject, page))).toEqual(
          accepted.toReversed(),
        );
      });

      it('waits to be routed, oldest first', async () => {
        const early = Date.UTC(2090, 0, unique('day').length);
        const events = times(4, (index) => anEvent({ acceptedAt: early + index }));
        for (const event of events) await store.intake.acceptEvent(event);
        await store.intake.markRouted(events[1]!.id);
        await store.intake.markRouted('nobody');
        const ours = (found: EventRecord[]) =>
          found.map(({ id }) => id).filter((id) => events.some((event) => event.id === id));

        expect(ours(await store.intake.unrouted(early + 3, 100))).toEqual([
          ...[events[0]!.id, events[2]!.id],
        ]);
        expect((await store.intake.unrouted(at + 9, 1)).length).toBe(1);
        expect((await store.intake.eventsOf(events[1]!.subject, { limit: 1 })).items[0]).toEqual(
          expect.objectContaining({ routed: true }),
        );
      });

      it('is put into the inbox of a run once (S1)', async () => {
        const runId = unique('run');
        const message = { type: 'timer.fired', at } as const;
        const first = { id: `${runId}/b`, runId, at, message };
        const second = { id: `${runId}/a`, runId, at: at + 1, message };

        expect(await store.intake.put(second)).toBe(true);
        expect(await store.intake.put(first)).toBe(true);
        expect(await other.intake.put({ ...first, at: at + 7 })).toBe(false);
        await store.intake.put({ ...first, id: `${runId}0/a`, runId: `${runId}0` });
        await store.intake.markDelivered(first.id);

        expect(await store.intake.messagesOf(runId)).toEqual([
          { ...first, delivered: true },
          { ...second, delivered: false },
        ]);
        const waiting = async (before: number) =>
          (await store.intake.undelivered(before, 1_000)).map(({ id }) => id);
        expect(await waiting(at + 2)).toContain(second.id);
        expect(await waiting(at + 2)).not.toContain(first.id);
        expect(await waiting(at + 1)).not.toContain(second.id);
      });

      it('leaves one entry for each cause, latest first (S1)', async () => {
        const journey = unique('journey');
        const subject = { type: 'patient', key: unique('key') };
        const entries = times(5, (index): EntryRecord => {
          const refused = { result: 'refused', reason: 'still-inside', detail: 'a.b$' } as const;
          const entered = { result: 'entered', version: 1, runId: 'r' } as const;
          return {
            ...{ id: unique('entry'), journey, at: at + (index % 2) },
            subject: index < 3 ? subject : { type: 'patient', key: 'x' },
            cause: { type: 'event', id: 'e', event: 'order.placed' },
            ...(index % 2 ? refused : entered),
          };
        });
        for (const entry of entries) expect(await store.intake.addEntry(entry)).toBe(true);
        expect(await other.intake.addEntry({ ...entries[0]!, result: 'refused' })).toBe(false);

        expect(await store.intake.entry(entries[0]!.id)).toEqual(entries[0]);
        expect(await store.intake.entry('nobody')).toBeUndefined();
        const sorted = entries.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
        const list = (filter: Parameters<Store['intake']['entries']>[0]) =>
          everyPage((page) => store.intake.entries(filter, page));
        expect(await list({ journey })).toEqual(sorted);
        expect(await list({ subject })).toHaveLength(3);
        expect(await list({ journey, result: 'refused' })).toHaveLength(2);
      });
    });

    describe('connections, people and settings', () => {
      it('keep connections', async () => {
        const plugin = unique('plugin');
        const connection: ConnectionRecord = {
          ...{ id: unique('connection'), plugin, type: 'smtp', name: 'Mail', settings: awkward },
          ...{ limits: { perSecond: 5 }, default: false, createdAt: at, updatedAt: at },
        };
        expect(await store.connections.replace(connection)).toBe(false);

        expect(await store.connections.insert(connection)).toBe(true);
        expect(await other.connections.insert(connection)).toBe(false);
        expect(await store.connections.defaultOf(plugin)).toBeUndefined();
        const changed = { ...connection, default: true, name: 'Post' };
        expect(await store.connections.replace(changed)).toBe(true);

        expect(await store.connections.get(connection.id)).toEqual(changed);
        expect(await store.connections.defaultOf(plugin)).toEqual(changed);
        expect(await store.connections.list()).toContainEqual(changed);
        expect(await store.connections.remove(connection.id)).toBe(true);
        expect(await store.connections.remove(connection.id)).toBe(false);
        expect(await store.connections.get(connection.id)).toBeUndefined();
      });

      it('keep people, the owner among them', async () => {
        const user = { id: unique('user'), name: 'Ada', role: 'owner', createdAt: at } as const;

        await store.access.putUser(user);
        await store.access.putUser({ ...user, name: 'Ada L.', email: 'ada@example.org' });

        expect(await store.access.user(user.id)).toEqual({
          ...{ ...user, name: 'Ada L.', email: 'ada@example.org' },
        });
        expect((await store.access.owner())?.id).toBe(user.id);
        expect(await store.access.user('nobody')).toBeUndefined();
      });

      it('keep credentials until they expire, and give a sign-in link out once', async () => {
        const link = {
          ...{ hash: unique('hash'), userId: 'u', createdAt: at, expiresAt: at + 10 },
          kind: 'sign-in',
        } as const;
        const token = { hash: unique('hash'), kind: 'token', userId: 'u', createdAt: at } as const;
        await store.access.putCredential(link);
        await store.access.putCredential(token);

        expect(await store.access.credential(token.hash, at + 10 ** 12)).toEqual(token);
        expect(await store.access.credential(link.hash, at + 9)).toEqual(link);
        expect(await store.access.credential(link.hash, at + 10)).toBeUndefined();
        expect(await store.access.takeCredential(link.hash, at + 10)).toBeUndefined();
        const taken = await Promise.all(
          times(10, (index) => (index % 2 ? store : other).access.takeCredential(link.hash, at)),
        );
        expect(taken.filter((credential) => credential !== undefined)).toEqual([link]);
      });

      it('keep an audit log, latest first', async () => {
        const target = unique('journey');
        const records = times(5, (index) => ({
          ...{ id: unique('audit'), at: at + (index % 3), by: 'owner', what: 'published', target },
          ...{ before: null, after: awkward },
        }));
        for (const record of records) await store.audit.append(record);
        await store.audit.append(records[0]!);

        const sorted = records.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
        expect(await everyPage((page) => store.audit.list({ target }, page))).toEqual(sorted);
        expect((await store.audit.list({}, { limit: 1 })).items).toHaveLength(1);
      });

      it('keep values under names, the first one when asked to', async () => {
        const name = unique('setting.$');
        expect(await store.settings.get(name)).toBeUndefined();

        const first = await Promise.all(
          times(10, (index) => (index % 2 ? store : other).settings.putOnce(name, { index })),
        );
        const stored = first.filter((answer) => answer.stored);
        expect(stored).toHaveLength(1);
        for (const { value } of first) expect(value).toEqual(stored[0]?.value);

        await store.settings.put(name, awkward);
        expect(await other.settings.get(name)).toEqual(awkward);
        await store.settings.put(name, null);
        expect(await store.settings.get(name)).toBeNull();
      });
    });

    describePolicies(() => ({ store, other }), unique);
    describeTasks(() => ({ store, other }), unique);
    describeErasure(() => ({ store, other }));

    describe('a watch', () => {
      it('tells of runs, trails, journeys and tasks until it is stopped', async () => {
        const changes: Change[] = [];
        const errors: Error[] = [];
        const stop = await store.watch(
          (change) => changes.push(change),
          (error) => errors.push(error),
        );
        const journey = aJourney();
        const run = aRun({ journey: journey.key });

        await store.journeys.create(journey, {}, 'owner');
        await insertRun(run);
        const incidents = [anIncident('hello', 'f')];
        await store.runs.checkpoint(aCheckpoint(run, 1, { incidents, trail: [anEntry(0)] }));
        await store.tasks.add({
          ...{ id: unique('task'), effect: `${run.id}/call#1`, runId: run.id },
          ...{ subject: run.subject, queue: 'nurses', title: 'Call', priority: 'low' },
          ...{ outcomes: [{ port: 'done' }], createdAt: at },
        });

        const { id: runId, version } = run;
        const told = { journey: journey.key, runId };
        await vi.waitFor(() => {
          expect(changes).toContainEqual({ type: 'journey', journey: journey.key });
          expect(changes).toContainEqual({ type: 'trail', ...told });
          expect(changes).toContainEqual({ type: 'task' });
          expect(changes).toContainEqual({ type: 'run', ...told, version, incident: true });
        }, 10_000);

        await stop();
        const before = changes.length;
        await store.journeys.create(aJourney(), {}, 'owner');
        await store.ping();
        expect(changes).toHaveLength(before);
        expect(errors).toEqual([]);
      });
    });

    it('gives out copies (S6)', async () => {
      const attributes = { list: [1] };
      const key = unique('key');
      const { subject } = await store.subjects.merge('patient', key, attributes, at);

      attributes.list.push(2);
      subject.attributes['list'] = 'changed';

      expect((await store.subjects.get('patient', key))?.attributes).toEqual({ list: [1] });
    });

    it('refuses a cursor that it did not give out (S5)', async () => {
      const run = await insertRun(aRun());
      const cursor = Buffer.from('{"$gt":""}').toString('base64url');

      for (const bad of [cursor, 'x', ''])
        await expect(store.runs.list({ journey: run.journey }, { limit: 1, cursor: bad }))
          .rejects //
          .toThrow(/cursor/);
    });
  });
}
