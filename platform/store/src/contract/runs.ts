/* eslint @typescript-eslint/no-non-null-assertion: "off" -- As in every test. */
import type { TrailEntry } from '@sojourn/engine';
import { beforeAll, describe, expect, it } from 'vitest';

import type { RunRecord, StepCounts, Store } from '../ports.ts';
import {
  type Stores,
  aCheckpoint,
  aRun,
  aState,
  anEntry,
  anIncident,
  at,
  awkward,
  everyPage,
  insertRun,
  times,
  trailOf,
  unique,
} from './samples.ts';

/** Describes what every adapter promises about runs, their states and trails. */
export function describeRuns(stores: Stores): void {
  let store: Store;
  let other: Store;
  beforeAll(() => ({ store, other } = stores()));

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
      await insertRun(store, run);

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
      const run = await insertRun(store, aRun());
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
      expect(await trailOf(store, run.id)).toEqual(checkpoint.trail);
    });

    it('forget what a later checkpoint no longer says', async () => {
      const run = await insertRun(store, aRun());
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
      const run = await insertRun(store, aRun());
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
      expect(await trailOf(store, run.id)).toEqual([anEntry(0), ...later.trail]);
    });

    it('take what a later turn decided, whatever its revision, and nothing of an earlier one (S2)', async () => {
      const came = (turn: number, revision: number, more: number) =>
        aCheckpoint(run, revision, {
          turn,
          trail: times(more, (seq) => anEntry(seq, { because: { turn } })),
          state: more > 3 ? { status: 'ended', outcome: 'early' } : { status: 'active' },
        });
      const run = await insertRun(store, aRun());
      await store.runs.checkpoint(came(8, 6, 5));

      await other.runs.checkpoint(came(11, 5, 3));

      for (const late of [came(8, 9, 6), { ...came(10, 9, 6), predicted: true }])
        await store.runs.checkpoint(late);
      expect(await store.runs.get(run.id)).toEqual({ ...run, turn: 11, revision: 5 });
      expect(await trailOf(store, run.id)).toEqual(
        times(3, (seq) => anEntry(seq, { because: { turn: 11 } })),
      );
    });

    it('take what the same turn decided anew, and foretell nothing over it (S2)', async () => {
      const run = await insertRun(store, aRun());
      const said = (word: string) =>
        aCheckpoint(run, 5, { turn: 3, trail: [anEntry(0, { because: { word } })] });
      await store.runs.checkpoint(said('first'));
      await store.runs.checkpoint(said('again'));

      await store.runs.checkpoint({ ...said('foretold'), predicted: true });

      expect(await trailOf(store, run.id)).toEqual([anEntry(0, { because: { word: 'again' } })]);
    });

    it('replace a trail entry by one of a higher revision, whole (S2)', async () => {
      const run = await insertRun(store, aRun());
      await store.runs.checkpoint(aCheckpoint(run, 1, { trail: [anEntry(0)] }));

      const entry: TrailEntry = { seq: 0, at, what: 'exited', because: { rule: 'r' } };
      await store.runs.checkpoint(aCheckpoint(run, 2, { trail: [entry] }));

      expect(await trailOf(store, run.id)).toEqual([entry]);
    });

    it('end at the highest revision, whatever order concurrent writers come in (S2)', async () => {
      const run = await insertRun(store, aRun());
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
      const trail = await trailOf(store, run.id);
      expect(trail.map(({ seq }) => seq)).toEqual(times(51, (seq) => seq));
      for (const entry of trail.slice(0, -1)) expect(entry.because).toEqual(because(entry.seq + 1));
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
        expect((await trailOf(store, run.id))[0]?.because).toEqual({ revision: 2 });
    });

    it('keep the trail of a run that is not stored yet', async () => {
      const run = aRun();

      await store.runs.checkpoint(aCheckpoint(run, 1, { trail: [anEntry(0)] }));

      expect(await store.runs.get(run.id)).toBeUndefined();
      expect(await trailOf(store, run.id)).toEqual([anEntry(0)]);
    });

    it('let what was decided outrank what was foretold, whichever is written first', async () => {
      for (const decidedFirst of [true, false]) {
        const run = await insertRun(store, aRun());
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
      const run = await insertRun(store, aRun());
      await store.runs.checkpoint(
        aCheckpoint(run, 1, { trail: [anEntry(0), anEntry(1), anEntry(2)] }),
      );

      await store.runs.checkpoint(aCheckpoint(run, 2, { trail: [anEntry(1)] }));

      const { items } = await store.runs.trail(run.id, { limit: 10 });
      expect(items.map(({ seq }) => seq)).toEqual([0, 1]);
    });

    it('have a trail in the order of its numbers, apart from that of a namesake', async () => {
      const run = await insertRun(store, aRun());
      const namesake = aRun({ id: `${run.id}0` });
      const entries = times(25, (seq) => anEntry(seq));
      await store.runs.checkpoint(aCheckpoint(run, 1, { trail: entries.toReversed() }));
      await store.runs.checkpoint(aCheckpoint(namesake, 1, { trail: [anEntry(99)] }));

      expect(await trailOf(store, run.id)).toEqual(entries);
    });

    it('are listed latest first, by whatever is asked', async () => {
      const journey = unique('journey');
      const subject = { type: 'patient', key: unique('key') };
      const started = (index: number) => at + (index % 3);
      const runs = await Promise.all(
        times(7, (index) =>
          insertRun(store, aRun({ journey, startedAt: started(index), version: (index % 2) + 1 })),
        ),
      );
      const own = await insertRun(store, aRun({ journey, subject, startedAt: at + 9 }));
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
        await insertRun(store, aRun({ subject })),
        await insertRun(store, aRun({ subject, startedAt: at - 1 })),
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
      const runs = await Promise.all(times(5, () => insertRun(store, aRun())));
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
      const runs = await Promise.all(
        times(12, () => insertRun(store, aRun({ journey, version: 3 }))),
      );
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
        store,
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
        for (const { step, what, because } of await trailOf(store, run.id)) {
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
}
