import type { ApiDependencies } from './ports.ts';
import { createCatalogue, type JourneyCatalogue } from './services/catalogue.ts';
import { createEnrolment, type Enrolment } from './services/enrolment.ts';
import { createIntake, type Intake } from './services/intake.ts';

/** The services, without a transport. */
export interface Platform {
  catalogue: JourneyCatalogue;
  enrolment: Enrolment;
  intake: Intake;
}

/** Puts the services together. */
export function createPlatform(dependencies: ApiDependencies): Platform {
  const { store, host, ids, plans, log, clock } = dependencies;
  const catalogue = createCatalogue(store.journeys, clock);
  const enrolment = createEnrolment({ store, host, ids, catalogue, log, clock });
  const intake = createIntake({ store, catalogue, enrolment, plans, log, clock });
  return { catalogue, enrolment, intake };
}
