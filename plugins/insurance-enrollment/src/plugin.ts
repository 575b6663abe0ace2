import {
  accepted,
  checkValue,
  definePlugin,
  done,
  PluginError,
  type ActionDefinition,
  type PerformRequest,
  type PerformResult,
  type PluginContext,
} from '@sojourn/plugin-kit';
import {
  createFhirClient,
  effectKeyOf,
  fhirCallbacks,
  fhirConnection,
  type FhirResource,
} from '@sojourn/plugin-kit/fhir';
import type { CoverageEligibilityResponse, EnrollmentResponse } from 'fhir/r4.js';
import { reportsOf } from './callback.ts';
import { eligibilityIn, enrollmentIn, type Decision } from './decision.ts';
import { plansFor } from './plans.ts';
import { checkOf, enrollmentOf, type CheckConfig, type EnrollConfig } from './request.ts';
import { insurerSandbox } from './sandbox/insurer.ts';
import {
  checkConfig,
  checkOutput,
  enrollConfig,
  enrollOutput,
  events,
  reported,
} from './schemas.ts';

/** A kind of case: how it is asked for, and how it is decided. */
interface Kind {
  request: 'CoverageEligibilityRequest' | 'EnrollmentRequest';
  response: 'CoverageEligibilityResponse' | 'EnrollmentResponse';
  decide: (caseId: string, response: FhirResource) => Decision;
}

const eligibility: Kind = {
  request: 'CoverageEligibilityRequest',
  response: 'CoverageEligibilityResponse',
  decide: (caseId, response) => eligibilityIn(caseId, response as CoverageEligibilityResponse),
};
const enrollment: Kind = {
  request: 'EnrollmentRequest',
  response: 'EnrollmentResponse',
  decide: (caseId, response) => enrollmentIn(caseId, response as EnrollmentResponse),
};

/** How a case stands: decided already, or to be told later. */
async function standingOf(kind: Kind, id: string, context: PluginContext): Promise<PerformResult> {
  const request = { type: kind.request, id };
  const response = await createFhirClient(context).answerTo(request, kind.response);
  if (!response) return accepted(id);
  const isReadable = checkValue(reported[kind.response] ?? {}, response).length === 0;
  const decision = isReadable ? kind.decide(id, response) : 'unreadable';
  if (decision === 'unreadable')
    throw new PluginError({
      code: 'insurer-error',
      kind: 'permanent',
      detail: 'the insurer answered with an error, or with nothing that decides',
    });
  return decision === 'pending' ? accepted(id) : done(decision.outcome, decision.output);
}

/** Files a case once, and answers how it stands. */
async function file(
  kind: Kind,
  resource: FhirResource,
  { callbackUrl, idempotencyKey }: PerformRequest,
  context: PluginContext,
): Promise<PerformResult> {
  const created = await createFhirClient(context).create(resource, {
    key: effectKeyOf(idempotencyKey),
    headers: callbackUrl === undefined ? {} : { 'x-callback-url': callbackUrl },
  });
  return await standingOf(kind, created.id, context);
}

/** What the two actions have in common. */
const common = (kind: Kind) =>
  ({
    schemaVersion: 1,
    connection: 'fhir',
    settles: 'later',
    idempotency: 'native',
    contact: false,
    options: { plans: plansFor },

    async reconcile(idempotencyKey, context) {
      const key = effectKeyOf(idempotencyKey);
      const found = await createFhirClient(context).find(kind.request, key);
      return found ? await standingOf(kind, found.id, context) : { type: 'not-found' };
    },

    async cancel(reference, context) {
      return await createFhirClient(context).cancel(kind.request, reference);
    },
  }) satisfies Partial<ActionDefinition>;

const asked = ({ subject, idempotencyKey }: PerformRequest, { clock }: PluginContext) => ({
  ...{ subject, key: effectKeyOf(idempotencyKey), created: new Date(clock()).toISOString() },
});

const check: ActionDefinition = {
  ...common(eligibility),
  title: { en: 'Check coverage', 'zh-Hant': '查詢保障資格', 'zh-Hans': '查询保障资格' },
  config: checkConfig,
  output: checkOutput,
  sample: {
    ...{ caseId: '5f0c1a9b2c3d', coverageId: '7c1e5f0c1a9b-c', isInForce: true },
    ...{ needsAuthorisation: false, period: { from: '2026-01-01', to: '2026-12-31' } },
  },
  outcomes: ['eligible', 'not-eligible'],
  defaultTimeout: 'P3D',
  async perform(request, context) {
    const config = request.config as unknown as CheckConfig;
    return await file(eligibility, checkOf(config, asked(request, context)), request, context);
  },
};

const enroll: ActionDefinition = {
  ...common(enrollment),
  title: { en: 'Enrol with an insurer', 'zh-Hant': '投保申請', 'zh-Hans': '投保申请' },
  config: enrollConfig,
  output: enrollOutput,
  sample: {
    ...{ caseId: '5f0c1a9b2c3d', missing: ['income-proof'], appealableUntil: '2027-01-27' },
    reason: { code: 'incomplete', text: 'A document is missing' },
  },
  outcomes: ['enrolled', 'declined', 'documents-missing'],
  defaultTimeout: 'P30D',
  async perform(request, context) {
    const config = request.config as unknown as EnrollConfig;
    return await file(enrollment, enrollmentOf(config, asked(request, context)), request, context);
  },
};

/** An insurer that tells who is covered and takes applications, over FHIR R4. */
export const insuranceEnrollment = definePlugin({
  id: 'insurance-enrollment',
  version: '1.0.0',
  apiVersion: 1,
  name: { en: 'Insurance', 'zh-Hant': '保險', 'zh-Hans': '保险' },
  description: {
    en: 'Asks an insurer who is covered, and enrols: missing documents, appeals, lapses.',
    'zh-Hant': '向保險公司查詢資格並投保：補件、申覆、失效。',
    'zh-Hans': '向保险公司查询资格并投保：补件、申诉、失效。',
  },
  icon: 'shield',
  category: 'supply',
  connections: { fhir: fhirConnection },
  actions: { check, enroll },
  events,
  callbacks: fhirCallbacks(reported, reportsOf),
  sandbox: insurerSandbox,
});
