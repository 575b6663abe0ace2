import { happened, refused, settled, type ProviderReport, type Refusal } from '@sojourn/plugin-kit';
import {
  extensionOf,
  idIn,
  subjectIn,
  type FhirResource,
  type ReportedBundle,
} from '@sojourn/plugin-kit/fhir';
import type { Coverage, CoverageEligibilityResponse, EnrollmentResponse } from 'fhir/r4.js';
import { eligibilityIn, enrollmentIn, periodIn } from './decision.ts';
import { extensions, reasonIn } from './wire.ts';

// What an insurer reports. Nothing is remembered from one report to the next.
//
//   C1. A response ends the case whose request it names, once it decides something.
//   C2. A response that is an error, or names no request, is refused: the insurer learns of it, and the step goes on waiting.
//   C3. Coverage that is cancelled has lapsed; whatever else becomes of it, reinstated too, is a change.

/** The reports in a bundle, or why it is not taken. Pure. */
export function reportsOf({ eventId, resources }: ReportedBundle): ProviderReport[] | Refusal {
  const reports: ProviderReport[] = [];
  for (const resource of resources) {
    const found = reportOf(resource, eventId);
    if (found?.type === 'refused') return found;
    if (found) reports.push(found);
  }
  return reports;
}

function reportOf(resource: FhirResource, eventId: string): ProviderReport | Refusal | undefined {
  switch (resource.resourceType) {
    case 'CoverageEligibilityResponse':
      return endOf(resource as CoverageEligibilityResponse, eventId);
    case 'EnrollmentResponse':
      return endOf(resource as EnrollmentResponse, eventId);
    case 'Coverage':
      return changeOf(resource as Coverage, eventId);
    default:
      return undefined;
  }
}

function endOf(
  response: CoverageEligibilityResponse | EnrollmentResponse,
  eventId: string,
): ProviderReport | Refusal | undefined {
  const type = response.resourceType.replace('Response', 'Request');
  const caseId = idIn(response.request, type);
  if (caseId === undefined) return refused(`/request of the response names no ${type}`);
  const decision =
    response.resourceType === 'EnrollmentResponse'
      ? enrollmentIn(caseId, response)
      : eligibilityIn(caseId, response);
  if (decision === 'unreadable') return refused('the response decides nothing'); // C2
  if (decision === 'pending') return undefined;
  return settled(caseId, decision.outcome, decision.output, {
    eventId: `${eventId}/end/${caseId}`,
  }); // C1
}

function changeOf(coverage: Coverage, eventId: string): ProviderReport | undefined {
  const { id = '', status, beneficiary } = coverage;
  if (status === 'draft') return undefined;
  const plan = coverage.class?.find(({ type }) => type.coding?.[0]?.code === 'plan')?.value;
  const caseId = idIn(extensionOf(coverage, extensions.case)?.valueReference, 'EnrollmentRequest');
  const data = {
    coverageId: id,
    status,
    ...(plan === undefined ? {} : { plan }),
    ...periodIn(coverage.period ?? {}),
    ...reasonIn(extensionOf(coverage, extensions.reason)?.valueCodeableConcept),
  };
  const name = status === 'cancelled' ? 'coverage.lapsed' : 'coverage.changed'; // C3
  return happened(name, subjectIn(beneficiary), data, {
    eventId: `${eventId}/${name}/${id}`,
    ...(caseId === undefined ? {} : { reference: caseId }),
  });
}
