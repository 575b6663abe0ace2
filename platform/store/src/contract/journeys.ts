import { beforeAll, describe, expect, it } from 'vitest';

import type { Store } from '../ports.ts';
import { type Stores, aJourney, aVersion, at, awkward, everyPage, times } from './samples.ts';

/** Describes what every adapter promises about journeys, drafts and versions. */
export function describeJourneys(stores: Stores): void {
  let store: Store;
  let other: Store;
  beforeAll(() => ({ store, other } = stores()));

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
}
