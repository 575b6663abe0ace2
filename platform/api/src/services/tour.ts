import { randomBytes } from 'node:crypto';
import type { TourRequest } from '@sojourn/schemas';
import { ConflictError, NotFoundError } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { JourneyCatalogue } from './catalogue.ts';
import type { Enrolment } from './enrolment.ts';
import { openJourney } from './enrolments.ts';
import type { Ids } from './ids.ts';
import type { Intake } from './intake.ts';

export interface TourDependencies {
  demo: boolean;
  baseUrl: string;
  ids: Ids;
  catalogue: JourneyCatalogue;
  enrolment: Enrolment;
  intake: Intake;
  audit: Audit;
}

/** Walks a visitor through the demo journey; answers the run. */
export type Tour = (request: TourRequest, caller: Caller) => Promise<string>;

const journey = 'tour';

/** The service behind "take the tour". */
export function createTour(dependencies: TourDependencies): Tour {
  const { demo, baseUrl, ids, catalogue, enrolment, intake, audit } = dependencies;
  return async ({ email, name, locale }, caller) => {
    if (!demo) throw new NotFoundError('not-found', 'there is no tour here');
    const open = await openJourney(catalogue, journey);
    const key = randomBytes(9).toString('base64url');
    await intake.changeSubject('visitor', key, {
      email,
      ...(name === undefined ? {} : { givenName: name }),
      ...(locale === undefined ? {} : { locale }),
    });
    const who = { type: 'visitor', key };
    const data = { url: `${baseUrl}/runs/${ids.run(journey, key, 1)}` }; // the link leads to the visitor's own run
    const entry = await enrolment.enrol(open, who, data, { type: 'manual', id: `tour/${key}` });
    if (entry.runId === undefined)
      throw new ConflictError(entry.reason ?? 'not-for-us', entry.detail ?? 'was refused');
    await audit.note(caller, { what: 'tour-taken', target: `run/${entry.runId}` });
    return entry.runId;
  };
}
