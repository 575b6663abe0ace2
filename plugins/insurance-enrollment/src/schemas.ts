import { shapes } from '@sojourn/plugin-kit/fhir';

// JSON Schemas of the actions, of the events and of what an insurer reports: forms are drawn from the first.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** A text whose values come from the journey. */
const template = { type: 'string', 'x-template': true, contentMediaType: 'text/plain' } as const;
const attribute = { ...template, maxLength: 200 } as const;

const plan = {
  ...template,
  minLength: 1,
  maxLength: 200,
  title: 'Plan',
  'x-title': text('Plan', '方案', '方案'),
  description: "As the insurer calls it: 'GOLD-2026'.",
  'x-options': 'plans',
} as const;

const member = {
  type: 'object',
  additionalProperties: false,
  title: 'Member',
  'x-title': text('Member', '被保險人', '被保险人'),
  description: "What is left out is the person's own.",
  properties: {
    memberId: {
      ...attribute,
      title: 'Member number',
      'x-title': text('Member number', '會員編號', '会员编号'),
    },
    givenName: { ...attribute, title: 'Given name', 'x-title': text('Given name', '名', '名') },
    familyName: { ...attribute, title: 'Family name', 'x-title': text('Family name', '姓', '姓') },
    birthDate: {
      ...attribute,
      title: 'Date of birth',
      'x-title': text('Date of birth', '出生日期', '出生日期'),
    },
    phone: { ...attribute, title: 'Telephone', 'x-title': text('Telephone', '電話', '电话') },
    email: { ...attribute, title: 'E-mail', 'x-title': text('E-mail', '電子郵件', '电子邮件') },
  },
} as const;

/** Config of `insurance-enrollment/check`. */
export const checkConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['plan'],
  properties: {
    plan,
    member,
    product: {
      type: 'object',
      additionalProperties: false,
      required: ['text'],
      title: 'Medicine or service',
      'x-title': text('Medicine or service', '藥品或服務', '药品或服务'),
      description: 'What is to be covered. Default: whether there is coverage at all.',
      properties: {
        text: {
          ...template,
          minLength: 1,
          maxLength: 500,
          title: 'Name',
          'x-title': text('Name', '名稱', '名称'),
        },
        code: { ...attribute, title: 'Code', 'x-title': text('Code', '代碼', '代码') },
        system: {
          type: 'string',
          maxLength: 500,
          title: 'Code system',
          'x-title': text('Code system', '代碼系統', '代码系统'),
          description: 'Whose code it is: http://www.whocc.no/atc',
        },
      },
    },
    date: {
      ...attribute,
      title: 'Day',
      'x-title': text('Day', '日期', '日期'),
      description: 'On which it is to be covered: 2026-02-28. Default: now.',
    },
  },
} as const;

/** Config of `insurance-enrollment/enroll`. */
export const enrollConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['plan'],
  properties: {
    plan,
    member,
    documents: {
      type: 'array',
      maxItems: 50,
      title: 'Documents',
      'x-title': text('Documents', '文件', '文件'),
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: {
          type: {
            ...attribute,
            minLength: 1,
            title: 'Kind',
            'x-title': text('Kind', '種類', '种类'),
            description: "As the insurer calls it: 'income-proof'.",
          },
          title: { ...attribute, title: 'Title', 'x-title': text('Title', '標題', '标题') },
          url: {
            ...template,
            maxLength: 2_000,
            title: 'Address',
            'x-title': text('Address', '網址', '网址'),
            description: 'Where the insurer may fetch it.',
          },
        },
      },
    },
    continues: {
      ...attribute,
      title: 'Earlier case',
      'x-title': text('Earlier case', '先前案件', '先前案件'),
      description: 'The caseId of before, when documents are sent after it or it is appealed.',
    },
    appeal: {
      type: 'boolean',
      default: false,
      title: 'Appeal',
      'x-title': text('Appeal', '申覆', '申诉'),
    },
    reason: {
      ...template,
      maxLength: 4_000,
      title: 'Reason of the appeal',
      'x-title': text('Reason of the appeal', '申覆理由', '申诉理由'),
      'x-multiline': true,
    },
  },
} as const;

const reason = {
  type: 'object',
  description: "The insurer's code and words.",
  properties: { code: { type: 'string' }, text: { type: 'string' } },
} as const;
const period = {
  type: 'object',
  properties: { from: { type: 'string' }, to: { type: 'string' } },
} as const;
const caseId = { type: 'string', description: "The insurer's own id of the case." } as const;

/** Output of `insurance-enrollment/check`. */
export const checkOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['caseId', 'isInForce'],
  properties: {
    ...{ caseId, reason, period },
    isInForce: { type: 'boolean', description: 'Whether there is coverage at all.' },
    coverageId: { type: 'string' },
    needsAuthorisation: { type: 'boolean', description: 'Whether it must be authorised first.' },
  },
} as const;

/** Output of `insurance-enrollment/enroll`. */
export const enrollOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['caseId', 'missing'],
  properties: {
    ...{ caseId, reason },
    coverageId: { type: 'string' },
    missing: { type: 'array', items: { type: 'string' }, description: 'Documents to be sent.' },
    appealableUntil: { type: 'string', description: 'The last day of an appeal.' },
  },
} as const;

const coverageData = {
  type: 'object',
  additionalProperties: false,
  required: ['coverageId', 'status'],
  properties: {
    ...{ coverageId: { type: 'string' }, status: { type: 'string' }, plan: { type: 'string' } },
    ...{ reason, period },
  },
} as const;

/** What an insurer brings, whether a step waits for it or not. */
export const events = {
  'coverage.changed': {
    title: text('Coverage changed', '保障變更', '保障变更'),
    schema: coverageData,
  },
  'coverage.lapsed': {
    title: text('Coverage lapsed', '保障失效', '保障失效'),
    schema: coverageData,
  },
};

const { id, flag, concept, extension, reference, somebody, period: span, text: word } = shapes;
const response = {
  ...{ extension, request: reference, disposition: word },
  outcome: { enum: ['queued', 'complete', 'error', 'partial'] },
} as const;
const listOf = (properties: Record<string, object>, required: string[] = []) => ({
  ...{ type: 'array', items: { type: 'object', required, properties } },
});

/** As much of FHIR R4 as is read of what an insurer answers and reports. */
export const reported: Record<string, Record<string, unknown>> = {
  CoverageEligibilityResponse: {
    required: ['outcome', 'request'],
    properties: {
      ...response,
      insurance: listOf({
        ...{ coverage: reference, inforce: flag, benefitPeriod: span },
        item: listOf({ excluded: flag, authorizationRequired: flag }),
      }),
    },
  },
  EnrollmentResponse: { required: ['outcome', 'request'], properties: response },
  Coverage: {
    required: ['id', 'status'],
    properties: {
      ...{ id, extension, period: span, beneficiary: somebody },
      status: { enum: ['active', 'cancelled', 'draft', 'entered-in-error'] },
      class: listOf({ type: concept, value: word }, ['type', 'value']),
    },
  },
};
