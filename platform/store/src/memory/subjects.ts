/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { addressesIn, addressName, mostWithOneAddress } from '../addresses.ts';
import { changedNames, mergePatch } from '../json.ts';
import type { KeyRing } from '../keys.ts';
import { subjectName } from '../names.ts';
import type { ConsentRecord, SubjectRecord, SubjectStore } from '../ports.ts';
import { ascending, createTable } from './table.ts';

/** Subjects and their consents in memory. */
export function createSubjects(keys: Pick<KeyRing, 'of'>): SubjectStore {
  const subjects = createTable<SubjectRecord>();
  const consents = createTable<ConsentRecord>();
  const consentKey = ({ type, key, purpose, channel }: ConsentRecord) =>
    JSON.stringify([type, key, purpose, channel]);
  const consentsOf = (type: string, key: string) =>
    consents.where((consent) => consent.type === type && consent.key === key);

  return {
    get: async (type, key) => subjects.get(subjectName({ type, key })),
    async merge(type, key, patch, at) {
      const name = subjectName({ type, key });
      if (subjects.get(name) === undefined) await keys.of(type, key); // S8
      const before = subjects.get(name);
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
      subjects.put(name, subject);
      return {
        subject: subjects.get(name) ?? subject,
        changed,
        created: before === undefined,
      };
    },
    async remove(type, key) {
      for (const consent of consentsOf(type, key)) consents.remove(consentKey(consent));
      return subjects.remove(subjectName({ type, key }));
    },
    list: async (type, page) =>
      ascending(
        subjects.where((subject) => type === undefined || subject.type === type),
        page,
        subjectName,
      ),
    async withAddress(attribute, value) {
      const address = addressName(attribute, value);
      if (address === undefined) return [];
      const found = subjects.where(({ attributes }) => addressesIn(attributes).includes(address));
      return ascending(found, { limit: mostWithOneAddress }, subjectName).items;
    },
    async putConsent(consent) {
      const standing = consents.get(consentKey(consent));
      if (standing !== undefined && standing.at > consent.at) return false;
      consents.put(consentKey(consent), consent);
      return true;
    },
    consents: async (type, key) => consentsOf(type, key),
  };
}
