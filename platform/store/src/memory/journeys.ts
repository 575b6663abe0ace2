/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import type { Change, DraftRecord, JourneyRecord, JourneyStore, VersionRecord } from '../ports.ts';
import { ascending, createTable } from './table.ts';

/** Journeys, drafts and versions in memory. */
export function createJourneys(changed: (change: Change) => void): JourneyStore {
  const journeys = createTable<JourneyRecord>();
  const drafts = createTable<DraftRecord>();
  const versions = createTable<VersionRecord>();

  return {
    async create(journey, document, by) {
      if (!journeys.insert(journey.key, journey)) return false;
      const { key, createdAt } = journey;
      drafts.put(key, { journey: key, revision: 1, document, updatedAt: createdAt, updatedBy: by });
      changed({ type: 'journey', journey: key });
      return true;
    },
    get: async (key) => journeys.get(key),
    list: async (page) =>
      ascending(
        journeys.where(() => true),
        page,
        ({ key }) => key,
      ),
    async update(key, change) {
      const before = journeys.get(key);
      if (before === undefined) return undefined;
      journeys.put(key, { ...before, ...change });
      changed({ type: 'journey', journey: key });
      return journeys.get(key);
    },
    draft: async (key) => drafts.get(key),
    async saveDraft(key, revision, document, by, at) {
      const standing = drafts.get(key);
      if (standing === undefined) return undefined;
      if (standing.revision !== revision) return { saved: false, draft: standing };
      const draft: DraftRecord = {
        journey: key,
        revision: revision + 1,
        document,
        updatedAt: at,
        updatedBy: by,
      };
      drafts.put(key, draft);
      changed({ type: 'journey', journey: key });
      return { saved: true, draft: drafts.get(key) ?? draft };
    },
    addVersion: async (version) => versions.insert(`${version.journey}/${version.number}`, version),
    version: async (key, number) => versions.get(`${key}/${number}`),
    versions: async (key) =>
      versions
        .where(({ journey }) => journey === key)
        .toSorted((a, b) => a.number - b.number)
        .map(({ plan: _plan, document: _document, ...rest }) => rest),
    planByHash: async (hash) => versions.where(({ plan }) => plan.hash === hash)[0]?.plan,
  };
}
