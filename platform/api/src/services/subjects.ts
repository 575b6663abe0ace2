import type { JsonObject } from '@sojourn/engine';
import type { ConsentRequest } from '@sojourn/schemas';
import {
  SubjectErasedError,
  type ConsentRecord,
  type Page,
  type PageRequest,
  type Store,
  type SubjectRecord,
} from '@sojourn/store';
import type { Clock } from '../ports.ts';
import { invalidAt, NotFoundError, UnavailableError } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { Erasure } from './erasure.ts';
import { nameHash } from './ids.ts';
import type { Intake } from './intake.ts';

// People and accounts, and what they agreed to.
//
//   U1. A withdrawal is stored before anybody is told; telling it again changes nothing, because its name is its instant.
//   U2. Somebody who was erased is known again when they are made again, and by nothing else.

/** A person or account. */
export interface SubjectName {
  type: string;
  key: string;
}

export interface SubjectsDependencies {
  store: Pick<Store, 'subjects' | 'subjectKeys' | 'erasures'>;
  intake: Intake;
  erasure: Erasure;
  audit: Audit;
  clock: Clock;
}

export interface Subjects {
  list(type: string | undefined, page: PageRequest): Promise<Page<SubjectRecord>>;
  get(who: SubjectName): Promise<SubjectRecord>;
  change(
    who: SubjectName,
    patch: JsonObject,
    caller: Caller,
  ): Promise<{ subject: SubjectRecord; created: boolean }>;
  erase(who: SubjectName, caller: Caller): Promise<void>;
  consents(who: SubjectName): Promise<ConsentRecord[]>;
  /** Answers the consent that stands afterwards: an older one changes nothing. */
  putConsent(
    who: SubjectName,
    about: { purpose: string; channel: string },
    consent: ConsentRequest,
    caller: Caller,
  ): Promise<ConsentRecord>;
  /** Withdraws a consent because of what happened outside, now. Answers what stands: an earlier withdrawal stays. */
  withdraw(
    who: SubjectName,
    about: { purpose: string; channel: string; source: string },
  ): Promise<ConsentRecord>;
}

/** The service that keeps subjects. */
export function createSubjects(dependencies: SubjectsDependencies): Subjects {
  const { store, intake, erasure, audit, clock } = dependencies;

  const standing = async (
    who: SubjectName,
    purpose: string,
    channel: string,
  ): Promise<ConsentRecord | undefined> =>
    (await store.subjects.consents(who.type, who.key)).find(
      (consent) => consent.purpose === purpose && consent.channel === channel,
    );

  /** Tells a withdrawal, once (U1). */
  const tellWithdrawal = async (consent: ConsentRecord): Promise<void> => {
    const { type, key, purpose, channel, at } = consent;
    await intake.happened({
      id: nameHash('consent', type, key, purpose, channel, String(at)),
      source: 'sojourn/consents',
      type: 'consent.withdrawn',
      subject: { type, key },
      data: { purpose, channel },
    });
  };

  /** Merges; somebody who was erased is made known again (U2). */
  const merge = async ({ type, key }: SubjectName, patch: JsonObject) => {
    try {
      return await intake.changeSubject(type, key, patch);
    } catch (error) {
      if (!(error instanceof SubjectErasedError)) throw error;
      if (await store.erasures.isUnderWay(type, key)) throw error;
      await store.subjectKeys.renew(type, key);
      return await intake.changeSubject(type, key, patch);
    }
  };

  return {
    list: (type, page) => store.subjects.list(type, page),

    async get({ type, key }) {
      const subject = await store.subjects.get(type, key);
      if (!subject) throw new NotFoundError('not-found', 'there is no such subject');
      return subject;
    },

    async change({ type, key }, patch, caller) {
      const { subject, changed, created } = await merge({ type, key }, patch);
      if (created || changed.length > 0)
        await audit.note(caller, {
          what: created ? 'subject-created' : 'subject-changed',
          target: `subject/${type}/${key}`,
          after: { attributes: changed, revision: subject.revision },
        });
      return { subject, created };
    },

    async erase({ type, key }, caller) {
      const known = await store.subjects.get(type, key);
      if (!known && !(await store.erasures.isUnderWay(type, key)))
        throw new NotFoundError('not-found', 'there is no such subject');
      await erasure
        .erase({ type, key, by: caller.id }, caller.requestId)
        .catch((cause: unknown) => {
          throw new UnavailableError(
            'erasure-waits',
            'the erasure was begun and could not be completed; it is tried again every few seconds',
            {},
            { cause },
          );
        });
    },

    consents: ({ type, key }) => store.subjects.consents(type, key),

    async putConsent({ type, key }, { purpose, channel }, { state, at, source, proof }, caller) {
      const instant = Date.parse(at);
      if (!Number.isFinite(instant)) throw invalidAt('/at', 'is no instant');
      const consent: ConsentRecord = {
        type,
        key,
        purpose,
        channel,
        state,
        at: instant,
        source,
        ...(proof === undefined ? {} : { proof }),
      };
      if (await store.subjectKeys.isErased(type, key)) throw new SubjectErasedError();
      const before = await standing({ type, key }, purpose, channel);
      if (!(await store.subjects.putConsent(consent)))
        return (await standing({ type, key }, purpose, channel)) ?? consent;
      if (state === 'withdrawn') await tellWithdrawal(consent);
      await audit.note(caller, {
        what: `consent-${state}`,
        target: `subject/${type}/${key}`,
        ...(before === undefined ? {} : { before: { state: before.state, at: before.at } }),
        after: { purpose, channel, state, at: instant, source },
      });
      return consent;
    },

    async withdraw(who, { purpose, channel, source }) {
      const before = await standing(who, purpose, channel);
      const consent: ConsentRecord =
        before?.state === 'withdrawn'
          ? before
          : { ...who, purpose, channel, state: 'withdrawn', at: clock(), source };
      if (await store.subjectKeys.isErased(who.type, who.key)) return consent; // nobody is left to contact
      if (consent !== before) await store.subjects.putConsent(consent);
      await tellWithdrawal(consent); // U1: also when the telling was cut off the first time
      return consent;
    },
  };
}
