import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Change, Store } from '../ports.ts';
import { describeEffects } from './effects.ts';
import { describeErasure } from './erasure.ts';
import { describeIntake } from './intake.ts';
import { describeJourneys } from './journeys.ts';
import { describePolicies } from './policies.ts';
import { describeReports } from './reports.ts';
import { describeRoots } from './roots.ts';
import { describeRuns } from './runs.ts';
import {
  aCheckpoint,
  aJourney,
  anEntry,
  anIncident,
  aRun,
  at,
  insertRun,
  unique,
} from './samples.ts';
import { describeSettings } from './settings.ts';
import { describeSubjects } from './subjects.ts';
import { describeTasks } from './tasks.ts';

// The promises of ports.ts as tests, a file for each port. Every adapter runs them.

/** Describes what every adapter promises. `open` may be called more than once: each answer sees the same data. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name}: a store`, () => {
    let store: Store;
    let other: Store;
    const stores = () => ({ store, other });
    beforeAll(async () => {
      store = await open();
      other = await open();
    });
    afterAll(async () => {
      await store.close();
      await other.close();
    });

    describeJourneys(stores);
    describeSubjects(stores);
    describeRuns(stores);
    describeEffects(stores);
    describeIntake(stores);
    describeReports(stores);
    describeSettings(stores);
    describePolicies(stores);
    describeTasks(stores);
    describeErasure(stores);
    describeRoots(stores);

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
        await insertRun(store, run);
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
      const run = await insertRun(store, aRun());
      const cursor = Buffer.from('{"$gt":""}').toString('base64url');

      for (const bad of [cursor, 'x', ''])
        await expect(store.runs.list({ journey: run.journey }, { limit: 1, cursor: bad }))
          .rejects //
          .toThrow(/cursor/);
    });
  });
}
