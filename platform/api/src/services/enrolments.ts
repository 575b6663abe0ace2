import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@sojourn/engine';
import type { EnrolRequest } from '@sojourn/schemas';
import type { EntryRecord, RunRecord, Store } from '@sojourn/store';
import { ConflictError, NotFoundError } from '../problems.ts';
import { subjectParts } from '../wire.ts';
import type { Audit, Caller } from './audit.ts';
import type { JourneyCatalogue, OpenJourney } from './catalogue.ts';
import type { Enrolment } from './enrolment.ts';

/** Enrols one person by hand: answers the run, or throws with the reason why not. */
export interface Enrolments {
  enrol(
    journey: string,
    request: EnrolRequest,
    idempotencyKey: string | undefined,
    caller: Caller,
  ): Promise<RunRecord>;
}

export interface EnrolmentsDependencies {
  store: Pick<Store, 'runs'>;
  catalogue: JourneyCatalogue;
  enrolment: Enrolment;
  audit: Audit;
}

/** The service behind enrolling by hand. */
export function createEnrolments({
  store,
  catalogue,
  enrolment,
  audit,
}: EnrolmentsDependencies): Enrolments {
  return {
    async enrol(journey, request, idempotencyKey, caller) {
      const open = await openJourney(catalogue, journey);
      const who = subjectOfRequest(request);
      const entry = await enrolment.enrol(open, who, (request.data ?? {}) as JsonObject, {
        type: 'manual',
        id: idempotencyKey === undefined ? randomUUID() : `manual/${idempotencyKey}`,
      });
      requireSameSubject(entry, who);
      const run = entry.runId === undefined ? undefined : await store.runs.get(entry.runId);
      if (entry.result === 'refused' || !run)
        throw new ConflictError(entry.reason ?? 'not-for-us', entry.detail ?? 'was refused', {
          entry: entry.id,
        });
      await audit.note(caller, {
        what: 'run-started',
        target: `run/${run.id}`,
        after: { journey, version: run.version },
      });
      return run;
    },
  };
}

/** The published journey; throws when there is none, or only a draft. */
export async function openJourney(catalogue: JourneyCatalogue, key: string): Promise<OpenJourney> {
  const open = await catalogue.get(key);
  if (open) return open;
  if (await catalogue.exists(key))
    throw new ConflictError('not-published', `journey '${key}' has no version yet: publish it`);
  throw new NotFoundError('not-found', `there is no journey '${key}'`);
}

/** The subject of a request, however it was named. */
export function subjectOfRequest({ subject }: Pick<EnrolRequest, 'subject'>): {
  type: string;
  key: string;
} {
  return typeof subject === 'string' ? subjectParts(subject) : subject;
}

function requireSameSubject(entry: EntryRecord, who: { type: string; key: string }): void {
  if (entry.subject.type !== who.type || entry.subject.key !== who.key)
    throw new ConflictError(
      'idempotency-key-reused',
      'somebody else was enrolled under this Idempotency-Key',
    );
}
