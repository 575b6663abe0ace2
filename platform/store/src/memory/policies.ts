/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { subjectName } from '../names.ts';
import { inOrder, othersOf, withPlace } from '../places.ts';
import type { ContactRecord, ContactStore, PolicyRecord, PolicyStore } from '../ports.ts';
import { createTable } from './table.ts';

/** Policies and their revisions in memory. */
export function createPolicies(): PolicyStore {
  const revisions = createTable<PolicyRecord>();
  const historyOf = (key: string) =>
    revisions.where((policy) => policy.key === key).toSorted((a, b) => b.revision - a.revision);

  return {
    async list() {
      const keys = [...new Set(revisions.where(() => true).map(({ key }) => key))].sort();
      return keys.flatMap((key) => historyOf(key).slice(0, 1));
    },
    get: async (key) => historyOf(key)[0],
    async put(document, revision, by, at) {
      const { key } = document;
      const standing = historyOf(key)[0];
      if ((standing?.revision ?? 0) !== revision) return { saved: false, policy: standing };
      const policy = { key, revision: revision + 1, document, updatedAt: at, updatedBy: by };
      revisions.insert(`${key}/${policy.revision}`, policy);
      return { saved: true, policy: historyOf(key)[0] };
    },
    history: async (key) => historyOf(key),
  };
}

/** Places under caps in memory. */
export function createContacts(): ContactStore {
  const subjects = createTable<{ places: ContactRecord[] }>();
  const placesOf = (name: string) => subjects.get(name)?.places ?? [];

  return {
    of: async (type, key) => inOrder(placesOf(subjectName({ type, key }))),
    async reserve(type, key, place, allows) {
      const name = subjectName({ type, key });
      const places = placesOf(name);
      if (places.some(({ effect }) => effect === place.effect)) return true;
      const others = othersOf(places, place.effect, place.at);
      if (!allows(others)) return false;
      subjects.put(name, { places: withPlace(others, { ...place, sent: false }) });
      return true;
    },
    async confirm(type, key, effect, at) {
      const name = subjectName({ type, key });
      const places = placesOf(name);
      if (places.some((place) => place.effect === effect))
        subjects.put(name, {
          places: places.map((place) =>
            place.effect === effect ? { ...place, at, sent: true } : place,
          ),
        });
    },
    async release(type, key, effect) {
      const name = subjectName({ type, key });
      const places = placesOf(name);
      const left = places.filter((place) => place.effect !== effect || place.sent);
      if (left.length < places.length) subjects.put(name, { places: left });
    },
    async forget(type, key) {
      subjects.remove(subjectName({ type, key }));
    },
  };
}
