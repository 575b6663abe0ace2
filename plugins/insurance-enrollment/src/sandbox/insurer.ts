import type { JsonObject } from '@sojourn/plugin-kit';
import {
  createFhirSandbox,
  extensionOf,
  FhirFault,
  idIn,
  type FhirChange,
  type FhirProvider,
  type FhirRecord,
  type FhirResource,
  type FhirShelf,
} from '@sojourn/plugin-kit/fhir';
import type {
  Coverage,
  CoverageEligibilityRequest,
  DocumentReference,
  EnrollmentRequest,
  Patient,
  Reference,
} from 'fhir/r4.js';
import { extensions } from '../wire.ts';
import { moves, movesOf, type Case } from './case.ts';
import { coverageOf, plans, requestOf, responseOf } from './resources.ts';

// An insurer: what becomes of a case, move by move. Pure.
//
//   I1. Of a member whom it insures in that plan, or did, it knows the answer at once; of others somebody decides.
//   I2. Documents are taken for a case that waits for them; an appeal against one that was declined, for sixty days.
//   I3. What is decided cannot be cancelled.

type Change = FhirChange<Case>;
type Shelf = FhirShelf<Case>;

const appealDays = 60;
const dayMs = 86_400_000;

/** The insurer. */
export const insurer: FhirProvider<Case> = {
  name: 'cases',
  callsBack: 'where-told',
  takes: { CoverageEligibilityRequest: takeCheck, EnrollmentRequest: takeEnrollment },
  publishes: { InsurancePlan: plans },
  resourcesOf: (of) => [requestOf(of), responseOf(of), ...coverageOf(of)],
  cancel(of) {
    if (of.state !== 'pending') throw new FhirFault(409, 'conflict', 'decided'); // I3
    return { ...of, state: 'cancelled' };
  },
  movesOf,
  play,
  itemOf,
  indexOf: ({ coverage, request, member, plan }) =>
    coverage && request.resourceType === 'EnrollmentRequest' ? `${member}|${plan}` : undefined,
};

/** An insurer that one can play. */
export const insurerSandbox = createFhirSandbox(insurer);

function takeCheck(given: FhirResource, base: FhirRecord, shelf: Shelf): Case {
  const request = given as CoverageEligibilityRequest;
  const opened = open(request, request.patient, base);
  const known = shelf.under(`${opened.member}|${opened.plan}`).at(-1);
  if (!known?.coverage) return opened; // I1
  return {
    ...opened,
    coverage: known.coverage,
    state: known.state === 'enrolled' ? 'eligible' : 'not-eligible',
    ...(known.reason ? { reason: known.reason } : {}),
  };
}

function takeEnrollment(given: FhirResource, base: FhirRecord, shelf: Shelf): Case {
  const request = given as EnrollmentRequest;
  const opened = open(request, request.candidate, base);
  const isAppeal = extensionOf(request, extensions.appeal)?.valueBoolean === true;
  const continues = idIn(
    extensionOf(request, extensions.continues)?.valueReference,
    'EnrollmentRequest',
  );
  if (continues === undefined) return { ...opened, isAppeal };
  const earlier = shelf.get(continues);
  const refusal = refusalOf(opened, earlier, isAppeal, shelf.now());
  if (refusal !== undefined) throw new FhirFault(422, 'business-rule', refusal); // I2
  return { ...opened, isAppeal, continues };
}

/** Why a case does not continue an earlier one; undefined when it does. */
function refusalOf(
  { member, plan }: Case,
  earlier: Case | undefined,
  isAppeal: boolean,
  now: string,
): string | undefined {
  if (earlier?.member !== member || earlier.plan !== plan) return 'no-such-case';
  if (!isAppeal) return earlier.state === 'documents-missing' ? undefined : 'nothing-missing';
  if (earlier.state !== 'declined') return 'not-declined';
  return now.slice(0, 10) > (earlier.appealableUntil ?? '') ? 'appeal-too-late' : undefined;
}

function open(
  request: CoverageEligibilityRequest | EnrollmentRequest,
  whom: Reference | undefined,
  base: FhirRecord,
): Case {
  const contained: FhirResource[] = request.contained ?? [];
  const of = <Resource extends FhirResource>(type: Resource['resourceType']): Resource[] =>
    contained.filter((resource): resource is Resource => resource.resourceType === type);
  const [patient] = of<Patient>('Patient');
  const plan = of<Coverage>('Coverage')[0]?.class?.[0]?.value;
  const member = whom?.identifier?.value;
  if (plan === undefined || member === undefined)
    throw new FhirFault(422, 'required', 'incomplete');
  const [name] = patient?.name ?? [];
  return {
    ...base,
    ...{ state: 'pending', request, member, plan, isAppeal: false },
    name: [name?.given?.join(' '), name?.family].filter(Boolean).join(' '),
    documents: of<DocumentReference>('DocumentReference').map(({ type }) => type?.text ?? ''),
  };
}

function play(of: Case, action: { type: string } & JsonObject, shelf: Shelf): Change {
  const today = shelf.now().slice(0, 10);
  const isCheck = of.request.resourceType === 'CoverageEligibilityRequest';
  switch (action.type as keyof typeof moves) {
    case 'approve': {
      const coverage = { id: `${of.id}-c`, from: today };
      if (isCheck) return decided({ ...of, state: 'eligible', coverage });
      const enrolled = { ...of, state: 'enrolled', coverage };
      return change(enrolled, [[responseOf(enrolled)], coverageOf(enrolled)]);
    }
    case 'ask-for-documents': {
      const usual = moves['ask-for-documents'].input.properties.documents.default;
      const missing = (action['documents'] as string[] | undefined) ?? usual;
      const reason = { code: 'incomplete', text: 'Documents are missing' };
      return decided({ ...of, state: 'documents-missing', missing, reason });
    }
    case 'decline': {
      const reason = reasonIn(action, moves.decline);
      if (isCheck) return decided({ ...of, state: 'not-eligible', reason });
      const until = new Date(Date.parse(today) + appealDays * dayMs).toISOString().slice(0, 10);
      return decided({ ...of, state: 'declined', reason, appealableUntil: until });
    }
    case 'lapse': {
      const coverage = { ...coverageIn(of), to: today };
      const reason = reasonIn(action, moves.lapse);
      const lapsed = { ...of, state: 'lapsed', coverage, reason };
      return change(lapsed, [coverageOf(lapsed)]);
    }
    case 'reinstate': {
      const { to: _to, ...coverage } = coverageIn(of);
      const reason = { code: 'reinstated', text: 'Reinstated' };
      const back = { ...of, state: 'enrolled', coverage, reason };
      return change(back, [coverageOf(back)]);
    }
  }
}

function itemOf({ request, ...of }: Case): JsonObject & { to: string } {
  return {
    to: of.name === '' ? of.member : of.name,
    subject: of.member,
    kind: request.resourceType === 'EnrollmentRequest' ? 'enrollment' : 'check',
    plan: of.plan,
    documents: of.documents,
    isAppeal: of.isAppeal,
    ...(of.continues === undefined ? {} : { continues: of.continues }),
    ...(of.reason ? { reason: of.reason } : {}),
    ...(of.missing ? { missing: of.missing } : {}),
    ...(of.coverage ? { coverage: of.coverage } : {}),
    ...(of.appealableUntil === undefined ? {} : { appealableUntil: of.appealableUntil }),
  };
}

const change = (of: Case, bundles: FhirResource[][]): Change => ({
  records: [of],
  reports: bundles.map((resources) => ({ of, resources })),
});
const decided = (of: Case): Change => change(of, [[responseOf(of)]]);

function coverageIn({ id, coverage }: Case): NonNullable<Case['coverage']> {
  if (!coverage) throw new Error(`nobody is covered by '${id}'`);
  return coverage;
}

function reasonIn(
  action: JsonObject,
  move: typeof moves.decline | typeof moves.lapse,
): { code: string; text: string } {
  const { code, reason } = move.input.properties;
  return {
    code: typeof action['code'] === 'string' ? action['code'] : code.default,
    text: typeof action['reason'] === 'string' ? action['reason'] : reason.default,
  };
}
