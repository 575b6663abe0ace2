import { setTimeout as delay } from 'node:timers/promises';
import type { PolicyDocument } from '@sojourn/schemas';

import { present } from '../json.ts';
import { subjectName } from '../names.ts';
import { inOrder, othersOf, withPlace } from '../places.ts';
import type { ContactRecord, ContactStore, PolicyRecord, PolicyStore } from '../ports.ts';
import { idsFrom, insertOnce, parse } from './queries.ts';
import type { ContactRow, Models, PlaceRow, PolicyRow } from './rows.ts';

/** Policies and their revisions in MongoDB. A revision is a row that never changes: whoever inserts it has saved. */
export function createPolicies({ policies }: Models): PolicyStore {
  const latest = async (key: string): Promise<PolicyRecord | undefined> => {
    const row = await policies
      .findOne({ _id: idsFrom(`${key}/`) })
      .sort({ _id: -1 })
      .lean<PolicyRow>();
    return row === null ? undefined : policyOf(row);
  };

  return {
    async list() {
      const rows = await policies.aggregate<PolicyRow>([
        { $sort: { _id: -1 } },
        { $group: { _id: '$key', row: { $first: '$$ROOT' } } },
        { $replaceRoot: { newRoot: '$row' } },
        { $sort: { key: 1 } },
      ]);
      return rows.map(policyOf);
    },
    get: latest,
    async put(document, revision, by, at) {
      const { key } = document;
      const standing = await latest(key);
      if ((standing?.revision ?? 0) !== revision) return { saved: false, policy: standing };
      const policy = { key, revision: revision + 1, document, updatedAt: at, updatedBy: by };
      const saved = await insertOnce(policies, {
        _id: `${key}/${String(policy.revision).padStart(9, '0')}`,
        key,
        document: JSON.stringify(document),
        updatedAt: at,
        updatedBy: by,
      });
      return { saved, policy: saved ? policy : await latest(key) };
    },
    async history(key) {
      const rows = await policies
        .find({ _id: idsFrom(`${key}/`) })
        .sort({ _id: -1 })
        .lean<PolicyRow[]>();
      return rows.map(policyOf);
    },
  };
}

function policyOf({ _id, key, document, updatedAt, updatedBy }: PolicyRow): PolicyRecord {
  const revision = Number(_id.slice(key.length + 1));
  return { key, revision, document: parse<PolicyDocument>(document), updatedAt, updatedBy };
}

/** Places under caps in MongoDB: one row a subject, written over the revision it was read at. */
export function createContacts({ contacts }: Models): ContactStore {
  const find = (type: string, key: string) =>
    contacts.findById(subjectName({ type, key })).lean<ContactRow>();

  /** Writes over the row that was read if it still stands. */
  const write = async (_id: string, before: ContactRow | null, places: ContactRecord[]) => {
    const row = {
      p: places.map(rowOf),
      x: new Date(Math.max(...places.map(({ countsUntil }) => countsUntil))),
    };
    if (before === null) return insertOnce(contacts, { _id, r: 1, ...row });
    const { matchedCount } = await contacts.updateOne(
      { _id, r: before.r },
      { $set: { ...row, r: before.r + 1 } },
    );
    return matchedCount === 1;
  };

  return {
    of: async (type, key) => inOrder(((await find(type, key))?.p ?? []).map(placeOf)),
    async reserve(type, key, place, allows) {
      for (let attempt = 1; ; attempt += 1) {
        const before = await find(type, key);
        const places = (before?.p ?? []).map(placeOf);
        if (places.some(({ effect }) => effect === place.effect)) return true;
        const others = othersOf(places, place.effect, place.at);
        if (!allows(others)) return false;
        const next = withPlace(others, { ...place, sent: false });
        if (await write(subjectName({ type, key }), before, next)) return true;
        // Somebody wrote this subject meanwhile. Apart from one another, all get through.
        await delay(Math.random() * Math.min(5 * attempt, 100));
      }
    },
    async confirm(type, key, effect, at) {
      await contacts.updateOne(
        { _id: subjectName({ type, key }), 'p.e': effect },
        { $set: { 'p.$.a': at, 'p.$.s': 1 }, $inc: { r: 1 } },
      );
    },
    async release(type, key, effect) {
      await contacts.updateOne(
        { _id: subjectName({ type, key }), 'p.e': effect },
        { $pull: { p: { e: effect, s: { $exists: false } } }, $inc: { r: 1 } },
      );
    },
    async forget(type, key) {
      await contacts.deleteOne({ _id: subjectName({ type, key }) });
    },
  };
}

function rowOf({
  effect,
  at,
  journey,
  channel,
  purpose,
  countsUntil,
  sent,
}: ContactRecord): PlaceRow {
  return {
    ...{ e: effect, a: at, j: journey, c: channel, u: countsUntil },
    ...(purpose === undefined ? {} : { p: purpose }),
    ...(sent ? { s: 1 } : {}),
  };
}

function placeOf({ e, a, j, c, p, u, s }: PlaceRow): ContactRecord {
  return present<ContactRecord>({
    ...{ effect: e, at: a, journey: j, channel: c, purpose: p, countsUntil: u },
    sent: s === 1,
  });
}
