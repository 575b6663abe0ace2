import type { CoverageEligibilityResponse, EnrollmentResponse } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { eligibilityIn, enrollmentIn } from './decision.ts';
import { extensions } from './wire.ts';

type Insurance = NonNullable<CoverageEligibilityResponse['insurance']>[number];

const aCheck = (
  insurance: Partial<Insurance> | undefined,
  more: Partial<CoverageEligibilityResponse> = {},
) =>
  eligibilityIn('e1', {
    ...{ resourceType: 'CoverageEligibilityResponse', outcome: 'complete' },
    ...(insurance ? { insurance: [insurance] } : {}),
    ...more,
  } as CoverageEligibilityResponse);

const anEnrollment = (
  outcome: EnrollmentResponse['outcome'],
  extension: EnrollmentResponse['extension'] = [],
) =>
  enrollmentIn('n1', {
    resourceType: 'EnrollmentResponse',
    outcome,
    extension,
  });

describe('an answer about eligibility', () => {
  it('is that somebody is covered, and how', () => {
    const coverage = { reference: 'Coverage/c1' };
    const benefitPeriod = { start: '2026-01-01', end: '2026-12-31' };
    const item = [{ authorizationRequired: false }, { authorizationRequired: true }];
    expect(aCheck({ inforce: true, coverage, benefitPeriod, item })).toEqual({
      outcome: 'eligible',
      output: {
        ...{ caseId: 'e1', coverageId: 'c1', isInForce: true, needsAuthorisation: true },
        period: { from: '2026-01-01', to: '2026-12-31' },
      },
    });
  });

  it.each<[string, Partial<Insurance>, boolean]>([
    ['there is no coverage', { inforce: false }, false],
    ['what was asked for is excluded (D3)', { inforce: true, item: [{ excluded: true }] }, true],
  ])('is that they are not when %s', (_, insurance, isInForce) => {
    expect(aCheck(insurance)).toMatchObject({ outcome: 'not-eligible', output: { isInForce } });
  });

  it('says why, in code and words, or in words alone', () => {
    const concept = { coding: [{ code: 'not-covered' }], text: 'Not in this plan' };
    const extension = [{ url: extensions.reason, valueCodeableConcept: concept }];
    expect(aCheck({ inforce: false }, { extension })).toMatchObject({
      output: { reason: { code: 'not-covered', text: 'Not in this plan' } },
    });
    expect(aCheck({ inforce: false }, { disposition: 'No' })).toMatchObject({
      output: { reason: { text: 'No' } },
    });
  });

  it.each<CoverageEligibilityResponse['outcome']>(['queued', 'partial'])(
    'that is %s decides nothing (D1)',
    (outcome) => {
      expect(aCheck({ inforce: false }, { outcome })).toBe('pending');
    },
  );

  it('that is an error is no decision (D2)', () => {
    expect(aCheck({ inforce: false }, { outcome: 'error' })).toBe('unreadable');
    expect(aCheck({})).toBe('unreadable');
    expect(aCheck(undefined)).toBe('unreadable');
  });
});

describe('an answer to an application', () => {
  const decided = (valueCode: string) => ({ url: extensions.decision, valueCode });
  const missing = (valueString: string) => ({ url: extensions.missing, valueString });

  it('enrols, with the coverage that follows', () => {
    const coverage = {
      url: extensions.coverage,
      valueReference: { reference: 'Coverage/c1' },
    };
    expect(anEnrollment('complete', [decided('enrolled'), coverage])).toEqual({
      ...{ outcome: 'enrolled', output: { caseId: 'n1', coverageId: 'c1', missing: [] } },
    });
  });

  it('declines, and says until when one may appeal', () => {
    const until = { url: extensions.appealableUntil, valueDate: '2027-01-27' };
    expect(anEnrollment('complete', [decided('declined'), until])).toMatchObject({
      ...{ outcome: 'declined', output: { appealableUntil: '2027-01-27' } },
    });
  });

  it('asks for documents by name; partial without a name is not there yet (D1)', () => {
    const asked = anEnrollment('partial', [missing('income-proof'), missing('passport')]);
    expect(asked).toMatchObject({
      ...{ outcome: 'documents-missing', output: { missing: ['income-proof', 'passport'] } },
    });
    expect(anEnrollment('partial')).toBe('pending');
    expect(anEnrollment('queued', [decided('enrolled')])).toBe('pending');
  });

  it('decides nothing as an error, or without a decision that we know (D2)', () => {
    expect(anEnrollment('error', [decided('declined')])).toBe('unreadable');
    expect(anEnrollment('complete')).toBe('unreadable');
    expect(anEnrollment('complete', [decided('maybe')])).toBe('unreadable');
  });
});
