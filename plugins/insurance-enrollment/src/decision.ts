import type { JsonObject } from '@sojourn/plugin-kit';
import { extensionOf, extensionsOf, idIn } from '@sojourn/plugin-kit/fhir';
import type { CoverageEligibilityResponse, EnrollmentResponse } from 'fhir/r4.js';
import { extensions, reasonIn } from './wire.ts';

// What an insurer's answer means.
//
//   D1. An answer that is not there yet, or is partial, decides nothing: what is pending ends nothing.
//   D2. An error of the insurer's is no decision: nobody is told that they are not covered because a computer failed.
//   D3. Eligible is who has coverage in force that does not exclude what was asked for.

/** How a case ends. `pending`: not yet. `unreadable`: the answer is an error, or says nothing. */
export type Decision = { outcome: string; output: JsonObject } | 'pending' | 'unreadable';

/** What is decided of somebody's eligibility. Pure. */
export function eligibilityIn(caseId: string, response: CoverageEligibilityResponse): Decision {
  if (response.outcome === 'queued' || response.outcome === 'partial') return 'pending'; // D1
  const [insurance] = response.insurance ?? [];
  if (response.outcome !== 'complete' || insurance?.inforce === undefined) return 'unreadable'; // D2
  const items = insurance.item ?? [];
  const isEligible = insurance.inforce && !items.some(({ excluded }) => excluded === true); // D3
  const coverageId = idIn(insurance.coverage, 'Coverage');
  const { start, end } = insurance.benefitPeriod ?? {};
  const authorisations = items.flatMap(({ authorizationRequired }) => authorizationRequired ?? []);
  const concept = extensionOf(response, extensions.reason)?.valueCodeableConcept;
  return {
    outcome: isEligible ? 'eligible' : 'not-eligible',
    output: {
      caseId,
      isInForce: insurance.inforce,
      ...(coverageId === undefined ? {} : { coverageId }),
      ...(authorisations.length === 0 ? {} : { needsAuthorisation: authorisations.includes(true) }),
      ...periodIn({ start, end }),
      ...reasonIn(concept, response.disposition),
    },
  };
}

/** What is decided of an application. Pure. */
export function enrollmentIn(caseId: string, response: EnrollmentResponse): Decision {
  const missing = extensionsOf(response, extensions.missing).flatMap(
    ({ valueString }) => valueString ?? [],
  );
  const decision = extensionOf(response, extensions.decision)?.valueCode;
  const coverage = extensionOf(response, extensions.coverage)?.valueReference;
  const coverageId = idIn(coverage, 'Coverage');
  const appealableUntil = extensionOf(response, extensions.appealableUntil)?.valueDate;
  const concept = extensionOf(response, extensions.reason)?.valueCodeableConcept;
  const output = {
    caseId,
    missing,
    ...(coverageId === undefined ? {} : { coverageId }),
    ...(appealableUntil === undefined ? {} : { appealableUntil }),
    ...reasonIn(concept, response.disposition),
  };
  if (response.outcome === 'queued') return 'pending'; // D1
  if (response.outcome === 'partial')
    return missing.length === 0 ? 'pending' : { outcome: 'documents-missing', output };
  const isDecided = decision === 'enrolled' || decision === 'declined';
  if (response.outcome !== 'complete' || !isDecided) return 'unreadable'; // D2
  return { outcome: decision, output };
}

/** A period, as a step has it. */
export function periodIn({
  start,
  end,
}: {
  start?: string | undefined;
  end?: string | undefined;
}): { period?: { from?: string; to?: string } } {
  if (start === undefined && end === undefined) return {};
  return {
    period: {
      ...(start === undefined ? {} : { from: start }),
      ...(end === undefined ? {} : { to: end }),
    },
  };
}
