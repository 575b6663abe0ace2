import { PluginError, type PluginSubject } from '@sojourn/plugin-kit';
import { effectSystem, identifierOf, isDay, present, textIn } from '@sojourn/plugin-kit/fhir';
import type {
  Coverage,
  CoverageEligibilityRequest,
  DocumentReference,
  EnrollmentRequest,
  Extension,
  Patient,
} from 'fhir/r4.js';
import { extensions } from './wire.ts';

/** Who is to be insured: what the step does not say is the person's. */
export interface MemberConfig {
  memberId?: string;
  givenName?: string;
  familyName?: string;
  birthDate?: string;
  phone?: string;
  email?: string;
}

/** Config of `insurance-enrollment/check`, rendered. */
export interface CheckConfig {
  plan: string;
  member?: MemberConfig;
  product?: { code?: string; system?: string; text: string };
  date?: string;
}

/** Config of `insurance-enrollment/enroll`, rendered. */
export interface EnrollConfig {
  plan: string;
  member?: MemberConfig;
  documents?: { type: string; title?: string; url?: string }[];
  continues?: string;
  appeal?: boolean;
  reason?: string;
}

/** What came of the same wish under one key: the namespace in which a member number counts is the insurer's own. */
interface Asked {
  subject: PluginSubject;
  key: string;
  /** RFC 3339 */
  created: string;
}

const memberSystem = 'urn:sojourn:member';

/** The question whether a plan covers somebody. Throws `PluginError` when it cannot be written. */
export function checkOf(config: CheckConfig, asked: Asked): CoverageEligibilityRequest {
  const { plan, member, product, date } = config;
  const coding =
    product?.code === undefined
      ? {}
      : { coding: [{ code: product.code, ...present({ system: product.system }) }] };
  return {
    resourceType: 'CoverageEligibilityRequest',
    status: 'active',
    purpose: ['validation', 'benefits'],
    identifier: [{ system: effectSystem, value: asked.key }],
    contained: [patientOf(member, asked.subject), coverageOf(plan, asked.subject)],
    patient: { reference: '#member', identifier: identifierOf(asked.subject) },
    created: asked.created,
    insurer: { display: 'insurer' },
    insurance: [{ coverage: { reference: '#coverage' } }],
    ...(date === undefined || date === '' ? {} : { servicedDate: dayIn('/date', date) }),
    ...(product ? { item: [{ productOrService: { ...coding, text: product.text } }] } : {}),
  };
}

/** The application for a plan, an answer to what was missing, or an appeal. Throws `PluginError` when it cannot be written. */
export function enrollmentOf(config: EnrollConfig, asked: Asked): EnrollmentRequest {
  const { plan, member, documents = [], continues = '', appeal = false, reason = '' } = config;
  if (appeal && (continues === '' || reason === ''))
    throw wrong("/appeal: an appeal names the case that it 'continues' and its 'reason'");
  const more: Extension[] = [{ url: extensions.appeal, valueBoolean: appeal }];
  if (continues !== '')
    more.push({
      url: extensions.continues,
      valueReference: { reference: `EnrollmentRequest/${continues}` },
    });
  if (appeal) more.push({ url: extensions.appealReason, valueString: reason });
  return {
    resourceType: 'EnrollmentRequest',
    status: 'active',
    identifier: [{ system: effectSystem, value: asked.key }],
    created: asked.created,
    contained: [
      patientOf(member, asked.subject),
      coverageOf(plan, asked.subject),
      ...documents.map(documentOf),
    ],
    candidate: { reference: '#member', identifier: identifierOf(asked.subject) },
    coverage: { reference: '#coverage' },
    extension: more,
  };
}

function patientOf(config: MemberConfig = {}, subject: PluginSubject): Patient {
  const of = (name: keyof MemberConfig): string | undefined =>
    textIn(config[name]) ?? textIn(subject.attributes[name]);
  const [memberId, givenName, birthDate] = [of('memberId'), of('givenName'), of('birthDate')];
  const [familyName, phone, email] = [of('familyName'), of('phone'), of('email')];
  const name = { ...present({ family: familyName }), ...(givenName ? { given: [givenName] } : {}) };
  return {
    resourceType: 'Patient',
    id: 'member',
    identifier: [
      identifierOf(subject),
      ...(memberId === undefined ? [] : [{ system: memberSystem, value: memberId }]),
    ],
    ...(Object.keys(name).length === 0 ? {} : { name: [name] }),
    ...(birthDate === undefined ? {} : { birthDate: dayIn('/member/birthDate', birthDate) }),
    telecom: [
      ...(phone === undefined ? [] : [{ system: 'phone' as const, value: phone }]),
      ...(email === undefined ? [] : [{ system: 'email' as const, value: email }]),
    ],
  };
}

function coverageOf(plan: string, subject: PluginSubject): Coverage {
  return {
    resourceType: 'Coverage',
    id: 'coverage',
    status: 'draft',
    beneficiary: { reference: '#member', identifier: identifierOf(subject) },
    payor: [{ display: 'insurer' }],
    class: [{ type: { coding: [{ code: 'plan' }] }, value: plan }],
  };
}

function documentOf(
  { type, title, url }: { type: string; title?: string; url?: string },
  index: number,
): DocumentReference {
  return {
    resourceType: 'DocumentReference',
    id: `document-${index + 1}`,
    status: 'current',
    type: { text: type },
    content: [{ attachment: present({ title: title ?? type, url }) }],
  };
}

function dayIn(pointer: string, text: string): string {
  const day = text.slice(0, 10);
  if (!isDay(day)) throw wrong(`${pointer}: it is no day of the calendar: write it as 1980-02-28`);
  return day;
}

function wrong(detail: string): PluginError {
  return new PluginError({ code: 'request-invalid', kind: 'config', detail });
}
