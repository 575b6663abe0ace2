import type { CapPolicy, PolicyDocument } from '@sojourn/schemas';
import { unitInterval } from '../hash.ts';
import type { JsonObject } from '../plan.ts';
import { approximateMs, parseDuration } from '../time/duration.ts';
import { addDuration, instantText, isZone } from '../time/instants.ts';
import { isHeldBy, readCap } from './caps.ts';
import { isWithin, nextWhere } from './clock.ts';
import type { ContactAnswer, ContactFacts, ContactQuestion, PolicyInForce } from './facts.ts';
import { holdsFor, selects } from './selectors.ts';

// May this contact be made now?
//
//   Y1. The rules are asked in the order of `policyOrder`; the first that objects decides.
//   Y2. A withdrawal of consent suppresses whatever the purpose, and no document can say otherwise.
//   Y3. A deferral names the first instant at which no rule objects, as far as is known now. It is asked again then.
//   Y4. Where a deferral would end after it is too late, the contact is suppressed at once, and the trail says so. In a frozen
//       journey nothing moves, so that does not.
//   Y5. Pure: no clock, no chance. The spread of contacts that were held back is a hash of the contact's name.

/** The rules in the order in which they are asked. */
export const policyOrder = [
  'expires',
  'journey',
  'status',
  'consent',
  'content',
  'quiet-hours',
  'cap',
  'connection',
] as const;

export type PolicyRule = (typeof policyOrder)[number];

interface Objection {
  rule: PolicyRule;
  /** When it may be otherwise; undefined suppresses. */
  until?: number | undefined;
  /** It may be otherwise only because somebody changes something: nothing can be said about that instant now. */
  isGuess?: boolean;
  because: JsonObject;
  spread?: string | undefined;
}

/** What a rule looks at. */
interface View {
  question: ContactQuestion;
  facts: ContactFacts;
  subject: JsonObject;
  zone: () => string;
}

type Rule = (view: View, at: number) => Objection | undefined;

const frozenMs = 3_600_000;
const mostRounds = 500;
const longestSpreadMs = 3_600_000;

/** Whether a contact may be made now, later, or not at all (Y1 to Y5). */
export function decide(question: ContactQuestion, facts: ContactFacts): ContactAnswer {
  const view = viewOf(question, facts);
  const first = objection(view, facts.at);
  if (!first) return { answer: 'allow', counts: capsFor(view).length > 0 };
  if (first.until === undefined) return { answer: 'suppress', because: first.because };

  let last = first;
  let until = first.until;
  const also: JsonObject[] = [];
  for (let round = 0; first.isGuess !== true; round += 1) {
    if (round === mostRounds) return { answer: 'suppress', because: never(first.because) };
    const next = objection(view, until);
    if (next?.until === undefined) break; // what suppresses then is asked again then (Y3)
    if (next.rule !== last.rule || next.because['policy'] !== last.because['policy'])
      also.push({ ...next.because, from: instantText(until) });
    last = next;
    until = next.until;
  }
  until = spreadOut(view, last, until);
  if (first.rule !== 'journey' && isTooLate(question, until))
    return {
      answer: 'suppress',
      because: tooLate(question, { deferredUntil: instantText(until), deferredBy: first.because }),
    }; // Y4
  return {
    answer: 'defer',
    until,
    because: also.length === 0 ? first.because : { ...first.because, also: also.slice(0, 5) },
  };
}

/** Whether caps may apply to such contacts, whoever the person is: else nobody need count. */
export function mayBeCounted(
  policies: readonly PolicyInForce[],
  contact: { journey: string; purpose?: string | undefined; channel: string },
): boolean {
  return policies.some(
    (policy) =>
      policy.kind === 'cap' &&
      policy.enabled &&
      selects(policy, contact) &&
      isHeldBy(policy, contact.purpose),
  );
}

/** How long at most a contact counts for the caps among these policies, in milliseconds. */
export function longestCapMs(policies: readonly PolicyInForce[]): number {
  const spans = policies.map((policy) => {
    if (policy.kind !== 'cap') return 0;
    const span = parseDuration(policy.per ?? '');
    return span ? approximateMs(span) : 31 * 86_400_000;
  });
  return Math.max(0, ...spans) + 86_400_000; // clocks change
}

function viewOf(question: ContactQuestion, facts: ContactFacts): View {
  const subject = facts.subject ?? {};
  let known: string | undefined;
  const zone = (): string => (known ??= zoneOf(subject, facts.timeZone));
  return { question, facts, subject, zone };
}

/** The person's own zone, when the attribute `timeZone` names one, else the given one. */
export function zoneOf(subject: JsonObject, otherwise: string): string {
  const own = subject['timeZone'];
  return typeof own === 'string' && isZone(own) ? own : otherwise;
}

function objection(view: View, at: number): Objection | undefined {
  for (const rule of policyOrder) {
    const found = rules[rule](view, at);
    if (found) return found; // Y1
  }
  return undefined;
}

const rules: Record<PolicyRule, Rule> = {
  expires: ({ question }, at) =>
    isTooLate(question, at) ? { rule: 'expires', because: tooLate(question, {}) } : undefined,

  journey({ facts: { journey }, question }, at) {
    if (journey?.state !== 'paused' || journey.waits !== 'freeze') return undefined;
    return {
      rule: 'journey',
      until: at + frozenMs,
      isGuess: true,
      because: { code: 'journey-frozen', rule: 'journey', journey: question.journey },
    };
  },

  status(view, at) {
    if (view.facts.subject === undefined)
      return { rule: 'status', because: { code: 'subject-erased', rule: 'status' } };
    const status = view.subject['status'];
    if (typeof status !== 'string') return undefined;
    const held = policiesOf(view, 'status').filter(({ values }) => values.includes(status));
    const policy = held.find(({ then }) => then === 'suppress') ?? held[0];
    if (!policy) return undefined;
    const because = { code: 'subject-status', ...naming('status', policy), status };
    if (policy.then === 'suppress') return { rule: 'status', because };
    const pause = parseDuration(policy.retryAfter ?? 'P1D');
    const until = pause ? addDuration(at, pause, view.zone()) : at + 86_400_000;
    return { rule: 'status', until, isGuess: true, because };
  },

  consent(view, at) {
    const { channel, purpose = '*' } = view.question;
    const said = view.facts.consents.filter(
      (consent) =>
        consent.channel === channel && (consent.purpose === purpose || consent.purpose === '*'),
    );
    const withdrawn = said.find(({ state }) => state === 'withdrawn');
    if (withdrawn) {
      const { source } = withdrawn;
      const since = instantText(withdrawn.at);
      const about = { channel, purpose: withdrawn.purpose, since, source };
      return { rule: 'consent', because: { code: 'consent-withdrawn', rule: 'consent', ...about } }; // Y2
    }
    const given = said.toSorted((a, b) => b.at - a.at)[0];
    for (const policy of policiesOf(view, 'consent')) {
      if (policy.basis !== 'opt-in') continue;
      const because = { ...naming('consent', policy), channel, purpose };
      if (!given) return { rule: 'consent', because: { code: 'consent-missing', ...because } };
      const validFor = parseDuration(policy.validFor ?? '');
      const ended = validFor && addDuration(given.at, validFor, view.zone());
      if (ended !== undefined && ended <= at) {
        const values = { since: instantText(given.at), endedAt: instantText(ended) };
        return { rule: 'consent', because: { code: 'consent-expired', ...because, ...values } };
      }
    }
    return undefined;
  },

  content: ({ facts: { content } }) =>
    content === undefined || content.approved
      ? undefined
      : {
          rule: 'content',
          because: { code: 'content-not-approved', rule: 'content', ...content.because },
        },

  'quiet-hours'(view, at) {
    for (const policy of policiesOf(view, 'quiet-hours')) {
      const zone = view.zone();
      if (!isWithin(policy, at, zone)) continue;
      const { from, to, days } = policy;
      const because = {
        code: 'quiet-hours',
        ...naming('quiet-hours', policy),
        ...{ from, to, zone },
        ...(days === undefined ? {} : { days }),
      };
      const until = nextWhere(policy, false, at, zone);
      if (until === undefined) return { rule: 'quiet-hours', because: never(because) };
      return { rule: 'quiet-hours', until, because, spread: policy.spread };
    }
    return undefined;
  },

  cap(view, at) {
    const zone = view.zone;
    const full = capsFor(view).flatMap((policy) => {
      const { count, roomAt } = readCap(policy, view.question, view.facts.contacts, at, zone());
      return roomAt === undefined ? [] : [{ policy, count, roomAt }];
    });
    const worst =
      full.find(({ policy }) => policy.then === 'suppress') ??
      full.toSorted((a, b) => b.roomAt - a.roomAt)[0];
    if (!worst) return undefined;
    const { policy, count, roomAt } = worst;
    const { limit, over } = policy;
    const window =
      policy.calendar === undefined ? { per: policy.per ?? '' } : { calendar: policy.calendar };
    const because = {
      code: 'cap-reached',
      ...naming('cap', policy),
      ...{ limit, count, over, ...window, zone: zone() },
    };
    const until = policy.then === 'suppress' ? undefined : roomAt;
    return { rule: 'cap', until, because, spread: policy.spread };
  },

  connection({ facts }, at) {
    const { id, window, timeZone } = facts.connection ?? {};
    if (window === undefined) return undefined;
    const zone = timeZone !== undefined && isZone(timeZone) ? timeZone : facts.timeZone;
    if (isWithin(window, at, zone)) return undefined;
    const { from, to, days } = window;
    const because = {
      ...{ code: 'connection-closed', rule: 'connection', connection: id ?? '', from, to, zone },
      ...(days === undefined ? {} : { days: [...days] }),
    };
    const until = nextWhere(window, true, at, zone);
    return { rule: 'connection', until, because: until === undefined ? never(because) : because };
  },
};

type PolicyOf<Kind extends PolicyDocument['kind']> = Extract<PolicyInForce, { kind: Kind }>;

/** The enabled policies of a kind that are about this contact. */
function policiesOf<Kind extends PolicyDocument['kind']>(
  { facts, question, subject }: View,
  kind: Kind,
): PolicyOf<Kind>[] {
  return facts.policies.filter(
    (policy): policy is PolicyOf<Kind> =>
      policy.kind === kind &&
      policy.enabled &&
      selects(policy, question) &&
      holdsFor(policy, subject),
  );
}

function capsFor(view: View): (CapPolicy & { revision?: number })[] {
  return policiesOf(view, 'cap').filter((cap) => isHeldBy(cap, view.question.purpose));
}

function naming(rule: PolicyRule, { key, revision }: PolicyInForce): JsonObject {
  return { rule, policy: key, ...(revision === undefined ? {} : { revision }) };
}

function isTooLate({ expiresAt }: ContactQuestion, at: number): boolean {
  return expiresAt !== undefined && at > expiresAt;
}

function tooLate({ expiresAt = 0 }: ContactQuestion, more: JsonObject): JsonObject {
  return { code: 'too-late', rule: 'expires', until: instantText(expiresAt), ...more };
}

function never(because: JsonObject): JsonObject {
  return { ...because, code: 'never-allowed', was: because['code'] ?? '' };
}

/** Moves a contact that was held back to an instant of its own, where no rule objects to that either (Y5). */
function spreadOut(view: View, { spread, because }: Objection, until: number): number {
  const span = parseDuration(spread ?? '');
  if (!span) return until;
  const longest = Math.min(approximateMs(span), longestSpreadMs);
  const policy = because['policy'];
  const part = unitInterval(`${view.question.name} ${typeof policy === 'string' ? policy : ''}`);
  const own = until + Math.floor((part * longest) / 1_000) * 1_000;
  return objection(view, own) === undefined ? own : until;
}
