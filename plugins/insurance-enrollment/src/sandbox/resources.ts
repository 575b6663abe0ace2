import type {
  CodeableConcept,
  Coverage,
  CoverageEligibilityResponse,
  EnrollmentResponse,
  Extension,
  InsurancePlan,
} from 'fhir/r4.js';
import { subjectSystem, type FhirResource } from '@sojourn/plugin-kit/fhir';
import { extensions } from '../wire.ts';
import type { Case } from './case.ts';

// A case as FHIR R4 says it.

const conceptOf = ({ code, text }: { code: string; text: string }): CodeableConcept => ({
  coding: [{ code }],
  text,
});
const reasonOf = ({ reason }: Case): Extension[] =>
  reason ? [{ url: extensions.reason, valueCodeableConcept: conceptOf(reason) }] : [];
const memberOf = ({ member }: Case) => ({
  identifier: { system: subjectSystem, value: member },
});

/** The request, as it stands. */
export function requestOf({ id, state, request }: Case): FhirResource {
  const status = state === 'cancelled' ? 'cancelled' : 'active';
  return { ...request, ...{ id, status } };
}

/** The answer to it, as far as there is one. */
export function responseOf(of: Case): FhirResource {
  return of.request.resourceType === 'EnrollmentRequest' ? enrolled(of) : eligible(of);
}

/** What the member has of the plan, if anything. */
export function coverageOf(of: Case): Coverage[] {
  const { id, coverage, plan, state } = of;
  if (!coverage || of.request.resourceType !== 'EnrollmentRequest') return [];
  return [
    {
      resourceType: 'Coverage',
      id: coverage.id,
      status: state === 'lapsed' ? 'cancelled' : 'active',
      beneficiary: memberOf(of),
      payor: [{ display: 'insurer' }],
      period: { start: coverage.from, ...(coverage.to === undefined ? {} : { end: coverage.to }) },
      class: [{ type: { coding: [{ code: 'plan' }] }, value: plan }],
      extension: [
        { url: extensions.case, valueReference: { reference: `EnrollmentRequest/${id}` } },
        ...reasonOf(of),
      ],
    },
  ];
}

function eligible(of: Case): CoverageEligibilityResponse {
  const { id, at, coverage, state } = of;
  const isDecided = state === 'eligible' || state === 'not-eligible';
  return {
    resourceType: 'CoverageEligibilityResponse',
    id: `${id}-r`,
    status: 'active',
    purpose: ['validation', 'benefits'],
    patient: memberOf(of),
    created: at,
    request: { reference: `CoverageEligibilityRequest/${id}` },
    outcome: isDecided ? 'complete' : 'queued',
    insurer: { display: 'insurer' },
    insurance: [
      {
        coverage: coverage ? { reference: `Coverage/${coverage.id}` } : { display: 'unknown' },
        ...(isDecided ? { inforce: state === 'eligible' } : {}),
        ...(coverage
          ? {
              benefitPeriod: {
                start: coverage.from,
                ...(coverage.to === undefined ? {} : { end: coverage.to }),
              },
            }
          : {}),
      },
    ],
    extension: reasonOf(of),
  };
}

function enrolled(of: Case): EnrollmentResponse {
  const { id, at, state, coverage, missing = [], appealableUntil } = of;
  const decision = state === 'lapsed' ? 'enrolled' : state;
  const outcomes: Record<string, EnrollmentResponse['outcome']> = {
    enrolled: 'complete',
    declined: 'complete',
    'documents-missing': 'partial',
  };
  const outcome = outcomes[decision] ?? 'queued';
  return {
    resourceType: 'EnrollmentResponse',
    id: `${id}-r`,
    status: 'active',
    created: at,
    request: { reference: `EnrollmentRequest/${id}` },
    outcome,
    extension: [
      ...(outcome === 'complete' ? [{ url: extensions.decision, valueCode: decision }] : []),
      ...(coverage
        ? [{ url: extensions.coverage, valueReference: { reference: `Coverage/${coverage.id}` } }]
        : []),
      ...missing.map((valueString) => ({ url: extensions.missing, valueString })),
      ...(appealableUntil === undefined
        ? []
        : [{ url: extensions.appealableUntil, valueDate: appealableUntil }]),
      ...reasonOf(of),
    ],
  };
}

const planOf = (code: string, name: string): InsurancePlan & { id: string; name: string } => ({
  ...{ resourceType: 'InsurancePlan', id: code.toLowerCase(), status: 'active', name },
  identifier: [{ system: 'urn:example:plan', value: code }],
});

/** The plans that it sells. */
export const plans = [
  planOf('BASIC-2026', 'Basic 2026'),
  planOf('BRONZE-2026', 'Bronze 2026'),
  planOf('SILVER-2026', 'Silver 2026'),
  planOf('GOLD-2026', 'Gold 2026'),
  planOf('PLATINUM-2026', 'Platinum 2026'),
  planOf('FAMILY-2026', 'Family 2026'),
  planOf('SENIOR-2026', 'Senior 2026'),
  planOf('SPECIALTY-2026', 'Specialty medicines 2026'),
];
