import type { Json, Plan } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';

import { present } from '../json.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import type {
  DraftRecord,
  JourneyRecord,
  JourneyState,
  JourneyStore,
  VersionRecord,
} from '../ports.ts';
import { insertOnce, parse } from './queries.ts';
import type { JourneyRow, Models, VersionRow } from './rows.ts';

const withoutDraft = { draft: 0 } as const;

/** Journeys, drafts and versions in MongoDB. */
export function createJourneys({ journeys, versions }: Models): JourneyStore {
  return {
    create: ({ key, name, ...journey }, document, by) =>
      insertOnce<JourneyRow>(journeys, {
        _id: key,
        name: JSON.stringify(name),
        ...journey,
        draft: {
          revision: 1,
          document: JSON.stringify(document),
          updatedAt: journey.createdAt,
          updatedBy: by,
        },
      }),
    async get(key) {
      const row = await journeys.findById(key, withoutDraft).lean<JourneyRow>();
      return row === null ? undefined : journeyOf(row);
    },
    async list(page) {
      const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['string']);
      const rows = await journeys
        .find(after === undefined ? {} : { _id: { $gt: after[0] } }, withoutDraft)
        .sort({ _id: 1 })
        .limit(page.limit + 1)
        .lean<JourneyRow[]>();
      return pageOf(rows.map(journeyOf), page, ({ key }) => [key]);
    },
    async update(key, { name, ...change }) {
      const named = name === undefined ? {} : { name: JSON.stringify(name) };
      const row = await journeys
        .findOneAndUpdate(
          { _id: key },
          { $set: { ...change, ...named } },
          { returnDocument: 'after', projection: withoutDraft },
        )
        .lean<JourneyRow>();
      return row === null ? undefined : journeyOf(row);
    },
    async draft(key) {
      const row = await journeys.findById(key, { draft: 1 }).lean<JourneyRow>();
      return row === null ? undefined : draftOf(row);
    },
    async saveDraft(key, revision, document, by, at) {
      const draft = {
        revision: revision + 1,
        document: JSON.stringify(document),
        updatedAt: at,
        updatedBy: by,
      };
      const saved = await journeys.updateOne(
        { _id: key, 'draft.revision': revision },
        { $set: { draft } },
      );
      if (saved.matchedCount === 1) return { saved: true, draft: draftOf({ _id: key, draft }) };
      const row = await journeys.findById(key, { draft: 1 }).lean<JourneyRow>();
      return row === null ? undefined : { saved: false, draft: draftOf(row) };
    },
    addVersion: ({ document, plan, ...version }) =>
      insertOnce<VersionRow>(versions, {
        _id: `${version.journey}/${version.number}`,
        ...version,
        document: JSON.stringify(document),
        plan: JSON.stringify(plan),
        planHash: plan.hash,
      }),
    async version(key, number) {
      const row = await versions.findById(`${key}/${number}`).lean<VersionRow>();
      if (row === null) return undefined;
      return {
        ...summaryOf(row),
        document: parse<JourneyDocument>(row.document),
        plan: parse<Plan>(row.plan),
      };
    },
    async versions(key) {
      const rows = await versions
        .find({ journey: key }, { document: 0, plan: 0 })
        .sort({ number: 1 })
        .lean<VersionRow[]>();
      return rows.map(summaryOf);
    },
    async planByHash(hash) {
      const row = await versions.findOne({ planHash: hash }, { plan: 1 }).lean<VersionRow>();
      return row === null ? undefined : parse<Plan>(row.plan);
    },
  };
}

function journeyOf(row: JourneyRow): JourneyRecord {
  return present<JourneyRecord>({
    key: row._id,
    name: parse<JourneyDocument['name']>(row.name),
    subjectType: row.subjectType,
    state: row.state as JourneyState,
    waits: row.waits as JourneyRecord['waits'],
    latestVersion: row.latestVersion,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  });
}

function draftOf({ _id, draft }: Pick<JourneyRow, '_id' | 'draft'>): DraftRecord {
  return { journey: _id, ...draft, document: parse<Json>(draft.document) };
}

function summaryOf(row: VersionRow): Omit<VersionRecord, 'plan' | 'document'> {
  const { journey, number, contentHash, publishedBy, publishedAt, note } = row;
  return present<Omit<VersionRecord, 'plan' | 'document'>>({
    journey,
    number,
    contentHash,
    publishedBy,
    publishedAt,
    note,
  });
}
