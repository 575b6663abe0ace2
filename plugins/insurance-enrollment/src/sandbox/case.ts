import type { SandboxMove } from '@sojourn/plugin-kit';
import type { FhirRecord } from '@sojourn/plugin-kit/fhir';
import type { CoverageEligibilityRequest, EnrollmentRequest } from 'fhir/r4.js';

/** What an insurer keeps of a case. */
export interface Case extends FhirRecord {
  request: CoverageEligibilityRequest | EnrollmentRequest;
  /** In our namespace: `patient/p1`. */
  member: string;
  name: string;
  plan: string;
  documents: string[];
  isAppeal: boolean;
  continues?: string;
  reason?: { code: string; text: string };
  missing?: string[];
  appealableUntil?: string;
  /** What the member has, or had, in this plan. */
  coverage?: { id: string; from: string; to?: string };
}

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });
const reasonWith = (usual: { code: string; text: string }) => ({
  type: 'object',
  additionalProperties: false,
  properties: {
    reason: {
      ...{ type: 'string', minLength: 1, maxLength: 500, default: usual.text, title: 'Reason' },
      'x-title': text('Reason', '原因', '原因'),
    },
    code: {
      ...{ type: 'string', pattern: '^[a-z][a-z0-9-]*$', maxLength: 64, default: usual.code },
      title: 'Code',
      'x-title': text('Code', '代碼', '代码'),
    },
  },
});

/** What can be done with a case, by its type. */
export const moves = {
  approve: { type: 'approve', title: text('Approve', '核准', '核准') },
  'ask-for-documents': {
    type: 'ask-for-documents',
    title: text('Ask for documents', '要求補件', '要求补件'),
    harm: true,
    input: {
      type: 'object',
      additionalProperties: false,
      properties: {
        documents: {
          ...{ type: 'array', minItems: 1, maxItems: 20, default: ['income-proof'] },
          title: 'Documents',
          'x-title': text('Documents', '文件', '文件'),
          items: { type: 'string', minLength: 1, maxLength: 200 },
        },
      },
    },
  },
  decline: {
    type: 'decline',
    title: text('Decline', '拒絕', '拒绝'),
    harm: true,
    input: reasonWith({ code: 'not-covered', text: 'The plan does not cover it' }),
  },
  lapse: {
    type: 'lapse',
    title: text('Let it lapse', '使其失效', '使其失效'),
    harm: true,
    input: reasonWith({ code: 'premium-unpaid', text: 'The premium was not paid' }),
  },
  reinstate: { type: 'reinstate', title: text('Reinstate', '復效', '复效') },
} satisfies Record<string, SandboxMove>;

/** What can be done with a case now, the usual first. */
export function movesOf({ state, request }: Case): SandboxMove[] {
  if (state === 'enrolled') return [moves.lapse];
  if (state === 'lapsed') return [moves.reinstate];
  if (state !== 'pending') return [];
  return request.resourceType === 'EnrollmentRequest'
    ? [moves.approve, moves['ask-for-documents'], moves.decline]
    : [moves.approve, moves.decline];
}
