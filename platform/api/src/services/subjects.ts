import { randomUUID } from 'node:crypto';
import type { JsonObject, RunEvent } from '@sojourn/engine';
import type { ConsentRequest } from '@sojourn/schemas';
import type { ConsentRecord, Page, PageRequest, Store, SubjectRecord } from '@sojourn/store';
import type { Clock } from '../ports.ts';
import { invalidAt, NotFoundError } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { Enrolment } from './enrolment.ts';
import { nameHash } from './ids.ts';
import type { Intake } from './intake.ts';

// People and accounts, and what they agreed to.
//
//   U1. A withdrawal is stored before anybody is told; telling it again changes nothing, because its name is its instant.
//   U2. Erasing ends the runs first: nobody is contacted from a journey afterwards.

/** A person or account. */
export interface SubjectName {
  type: string;
  key: string;
}

export interface SubjectsDependencies {
  store: Pick<Store, 'subjects' | 'contacts' | 'runs' | 'intake'>;
  intake: Intake;
  enrolment: Enrolment;
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
  const { store, intake, enrolment, audit, clock } = dependencies;

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

  const endRun = async (runId: string, caller: Caller): Promise<void> => {
    const id = `erasure-${randomUUID()}`;
    const message: RunEvent = {
      type: 'command.given',
      at: clock(),
      id,
      command: { type: 'end', by: caller.id, reason: 'the subject was erased', outcome: 'erased' },
    };
    await store.intake.put({ id: `${runId}/${id}`, runId, at: clock(), message });
    await enrolment.deliver(runId, `${runId}/${id}`, message);
  };

  return {
    list: (type, page) => store.subjects.list(type, page),

    async get({ type, key }) {
      const subject = await store.subjects.get(type, key);
      if (!subject) throw new NotFoundError('not-found', 'there is no such subject');
      return subject;
    },

    async change({ type, key }, patch, caller) {
      const { subject, changed, created } = await intake.changeSubject(type, key, patch);
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
      if (!known) throw new NotFoundError('not-found', 'there is no such subject');
      const runs = await store.runs.openOfSubject(type, key);
      for (const { id } of runs) await endRun(id, caller); // U2
      await store.subjects.remove(type, key);
      await store.contacts.forget(type, key);
      await audit.note(caller, {
        what: 'subject-erased',
        target: `subject/${type}/${key}`,
        after: { runsEnded: runs.length },
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
      if (consent !== before) await store.subjects.putConsent(consent);
      await tellWithdrawal(consent); // U1: also when the telling was cut off the first time
      return consent;
    },
  };
}
