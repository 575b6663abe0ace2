import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@sojourn/engine';

import { addressesIn, addressName, mostWithOneAddress } from '../addresses.ts';
import { changedNames, mergePatch, present } from '../json.ts';
import { SubjectErasedError, type KeyRing } from '../keys.ts';
import { subjectName, subjectOf } from '../names.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import type { ConsentRecord, SubjectRecord, SubjectStore } from '../ports.ts';
import { idsFrom, insertOnce, parse, replacing, upsertOrUpdate } from './queries.ts';
import type { ConsentRow, Models, SubjectRow } from './rows.ts';

/** Subjects and their consents in MongoDB. */
export function createSubjects(
  { subjects, consents }: Models,
  keys: Pick<KeyRing, 'of' | 'isErased'>,
): SubjectStore {
  const find = async (name: string): Promise<SubjectRecord | undefined> => {
    const row = await subjects.findById(name).lean<SubjectRow>();
    return row === null ? undefined : recordOf(row);
  };

  /** Writes over `before` if it still stands; false when another write came in between. */
  const write = async (
    before: SubjectRecord | undefined,
    { attributes, ...subject }: SubjectRecord,
  ): Promise<boolean> => {
    const { revision, createdAt, updatedAt } = subject;
    const text = JSON.stringify(attributes);
    const found = addressesIn(attributes);
    const addresses = found.length === 0 ? undefined : found;
    const _id = subjectName(subject);
    if (before === undefined)
      return insertOnce(
        subjects,
        present<SubjectRow>({ _id, attributes: text, addresses, revision, createdAt, updatedAt }),
      );
    const { matchedCount } = await subjects.updateOne(
      { _id, revision: before.revision },
      replacing({ attributes: text, addresses, revision, updatedAt }),
    );
    return matchedCount === 1;
  };

  return {
    get: (type, key) => find(subjectName({ type, key })),
    async merge(type, key, patch, at) {
      for (let attempt = 1; ; attempt += 1) {
        const before = await find(subjectName({ type, key }));
        const attributes = mergePatch(before?.attributes ?? {}, patch);
        const changed = changedNames(before?.attributes ?? {}, attributes);
        if (before !== undefined && changed.length === 0)
          return { subject: before, changed, created: false };
        const subject: SubjectRecord = {
          type,
          key,
          attributes,
          revision: (before?.revision ?? 0) + 1,
          createdAt: before?.createdAt ?? at,
          updatedAt: at,
        };
        if (before === undefined) await keys.of(type, key); // S8
        if (await write(before, subject)) {
          if (before === undefined && (await keys.isErased(type, key))) {
            await subjects.deleteOne({ _id: subjectName(subject) }); // they were erased in this moment
            throw new SubjectErasedError();
          }
          return { subject, changed, created: before === undefined };
        }
        // Somebody wrote this subject meanwhile. Apart from one another, all get through.
        await delay(Math.random() * Math.min(5 * attempt, 100));
      }
    },
    async remove(type, key) {
      await consents.deleteMany({ _id: idsFrom(consentPrefix(type, key)) });
      const { deletedCount } = await subjects.deleteOne({ _id: subjectName({ type, key }) });
      return deletedCount === 1;
    },
    async list(type, page) {
      const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['string']);
      const range = {
        ...(type === undefined ? {} : idsFrom(`${type}/`)),
        ...(after === undefined ? {} : { $gt: after[0] }),
      };
      const rows = await subjects
        .find(Object.keys(range).length === 0 ? {} : { _id: range })
        .sort({ _id: 1 })
        .limit(page.limit + 1)
        .lean<SubjectRow[]>();
      return pageOf(rows.map(recordOf), page, (subject) => [subjectName(subject)]);
    },
    async withAddress(attribute, value) {
      const address = addressName(attribute, value);
      if (address === undefined) return [];
      const rows = await subjects
        .find({ addresses: address })
        .sort({ _id: 1 })
        .limit(mostWithOneAddress)
        .lean<SubjectRow[]>();
      return rows.map(recordOf);
    },
    async putConsent({ type, key, purpose, channel, state, at, source, proof }) {
      const _id = JSON.stringify([type, key, purpose, channel]);
      const { matchedCount, upsertedCount } = await upsertOrUpdate((upsert) =>
        consents.updateOne({ _id, at: { $lte: at } }, replacing({ state, at, source, proof }), {
          upsert,
        }),
      );
      return matchedCount + upsertedCount === 1;
    },
    async consents(type, key) {
      const rows = await consents
        .find({ _id: idsFrom(consentPrefix(type, key)) })
        .lean<ConsentRow[]>();
      return rows.map(consentOf);
    },
  };
}

/** How the ids of a subject's consents begin. */
const consentPrefix = (type: string, key: string) => `${JSON.stringify([type, key]).slice(0, -1)},`;

function recordOf({ _id, attributes, ...row }: SubjectRow): SubjectRecord {
  const { revision, createdAt, updatedAt } = row;
  return {
    ...subjectOf(_id),
    attributes: parse<JsonObject>(attributes),
    revision,
    createdAt,
    updatedAt,
  };
}

function consentOf({ _id, state, at, source, proof }: ConsentRow): ConsentRecord {
  const [type, key, purpose, channel] = parse<[string, string, string, string]>(_id);
  return present<ConsentRecord>({
    type,
    key,
    purpose,
    channel,
    state: state as ConsentRecord['state'],
    at,
    source,
    proof,
  });
}
