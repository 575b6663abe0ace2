import type { FhirResource } from '@sojourn/plugin-kit/fhir';
import { describe, expect, it } from 'vitest';
import { reportsOf } from './callback.ts';
import { extensions } from './wire.ts';

const reports = (...resources: object[]) =>
  reportsOf({ eventId: 'e1', resources: resources as FhirResource[] });
const aResponse = (more: object = {}) => ({
  resourceType: 'EnrollmentResponse',
  ...{ outcome: 'complete', request: { reference: 'EnrollmentRequest/n1' } },
  extension: [{ url: extensions.decision, valueCode: 'enrolled' }],
  ...more,
});
const aCoverage = (status: string, more: object = {}) => ({
  ...{ resourceType: 'Coverage', id: 'c1', status },
  beneficiary: { identifier: { system: 'urn:sojourn:subject', value: 'patient/p/1' } },
  ...more,
});

describe('what an insurer reports', () => {
  it('ends the case that it names (C1)', () => {
    expect(reports(aResponse())).toEqual([
      {
        ...{ type: 'settled', eventId: 'e1/end/n1', reference: 'n1', outcome: 'enrolled' },
        output: { caseId: 'n1', missing: [] },
      },
    ]);
    expect(reports(aResponse({ outcome: 'queued' }))).toEqual([]);
  });

  it.each([
    [{ outcome: 'error' }],
    [{ request: { reference: 'CoverageEligibilityRequest/n1' } }],
    [{ request: {} }],
  ])('is refused with %j, and whatever came with it (C2)', (more) => {
    expect(reports(aCoverage('active'), aResponse(more))).toMatchObject({ type: 'refused' });
  });

  it.each([
    ['active', 'coverage.changed'],
    ['entered-in-error', 'coverage.changed'],
    ['cancelled', 'coverage.lapsed'],
  ])('is of coverage that is %s: %s (C3)', (status, eventType) => {
    expect(reports(aCoverage(status))).toMatchObject([
      {
        ...{ eventType, eventId: `e1/${eventType}/c1`, data: { coverageId: 'c1', status } },
        subject: { type: 'patient', key: 'p/1' },
      },
    ]);
  });

  it('is nothing when coverage is a draft, or somebody else is meant by it', () => {
    const elsewhere = { beneficiary: { identifier: { system: 'urn:other', value: 'patient/p1' } } };
    expect(reports(aCoverage('draft'))).toEqual([]);
    expect(reports(aCoverage('active', elsewhere))).not.toHaveProperty('0.subject');
  });
});
