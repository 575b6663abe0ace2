import {
  addDuration,
  decide,
  longestCapMs,
  mayBeCounted,
  parseDuration,
  zoneOf,
  type ContactAnswer,
  type ContactFacts,
  type ContactQuestion,
  type Plan,
  type PlanAction,
  type PolicyInForce,
  type RunState,
  type Token,
} from '@sojourn/engine';
import type { ConsentRecord, ContactRecord, EffectOutcome, SubjectRecord } from '@sojourn/store';
import type { ActivityDependencies } from './dependencies.ts';
import type { PolicyBook } from './policy-book.ts';

// The policies before every attempt at a contact.
//
//   G1. What is asked is decided in the engine (`decide`): here facts are gathered, in one round trip beside those that the
//       attempt makes anyway, and places under caps are taken and given back.
//   G2. A place is taken before the contact is made, and only where some cap counts it. One that was made keeps it, and so does
//       one of which nobody knows. One that was not made gives it back.
//   G3. Between attempts less than a minute apart the place is kept: the same effect asks again, and holds the same one.

/** What was gathered about a contact, before it is known whether there is anything to do. */
export interface ContactNotes {
  policies: PolicyInForce[];
  consents: ConsentRecord[];
  /** Places of the person under caps; none when no cap can count this contact. */
  places: ContactRecord[];
  isCounted: boolean;
  journey: ContactFacts['journey'];
  connection: ContactFacts['connection'];
  content: ContactFacts['content'];
}

/** The contact asked about. */
export interface ContactWork {
  plan: Plan;
  step: PlanAction;
  token: Token;
  /** The effect's idempotency key. */
  key: string;
  subject: SubjectRecord | undefined;
  state: RunState;
  notes: ContactNotes | undefined;
}

export interface ContactPolicies {
  /** Gathers what is asked of; undefined for an action that contacts nobody: nothing is asked then. */
  gather(plan: Plan, step: PlanAction, state: RunState): Promise<ContactNotes | undefined>;
  /** Asks, and takes the place that an allowed contact needs. */
  ask(work: ContactWork): Promise<ContactAnswer>;
  /** Keeps or gives back the place, by what came of the contact (G2). */
  settle(work: ContactWork, event: EffectOutcome): Promise<void>;
}

const mostRounds = 20;

/** The policies over the stores. */
export function createContactPolicies(
  { store, approvals, clock }: Pick<ActivityDependencies, 'store' | 'approvals' | 'clock'>,
  book: PolicyBook,
): ContactPolicies {
  const { contacts, subjects } = store;

  return {
    async gather(plan, step, state) {
      if (!step.contact) return undefined;
      const { type, key } = state.subject;
      const asked = { journey: plan.journey, channel: step.channel, purpose: step.purpose };
      const counting = async () => {
        const policies = await book.policies();
        const isCounted = mayBeCounted(policies, asked);
        return { policies, isCounted, places: isCounted ? await contacts.of(type, key) : [] };
      };
      const [counted, consents, journey, connection, content] = await Promise.all([
        counting(),
        subjects.consents(type, key),
        book.journey(plan.journey),
        step.needsConnection ? book.connection(step) : undefined,
        approvals?.of({ ...asked, planHash: plan.hash, step: step.id }),
      ]);
      const window = connection?.limits.window;
      return {
        ...counted,
        consents,
        journey,
        connection: connection && {
          id: connection.id,
          ...(window === undefined ? {} : { window, timeZone: window.timeZone }),
        },
        content,
      };
    },

    async ask(work) {
      const { notes, key, step, state } = work;
      if (!notes) return { answer: 'allow', counts: false };
      const { type, key: subject } = state.subject;
      const question = questionOf(work);
      let places = notes.places;
      for (let round = 1; round <= mostRounds; round += 1) {
        const facts = factsOf(work, notes, clock());
        const about = (others: ContactRecord[]) => decide(question, { ...facts, contacts: others });
        const answer = about(places.filter(({ effect }) => effect !== key));
        if (answer.answer !== 'allow') {
          if (places.some(({ effect }) => effect === key))
            await contacts.release(type, subject, key); // G2
          return answer;
        }
        if (!answer.counts) return answer;
        const place = {
          effect: key,
          at: facts.at,
          journey: question.journey,
          channel: step.channel,
          ...(step.purpose === undefined ? {} : { purpose: step.purpose }),
          countsUntil: facts.at + longestCapMs(notes.policies),
        };
        const isHeld = await contacts.reserve(
          type,
          subject,
          place,
          (others) => about(others).answer === 'allow',
        );
        if (isHeld) return answer;
        places = await contacts.of(type, subject); // somebody took the last place meanwhile
      }
      throw new Error(`no place for ${key} was taken nor refused in ${mostRounds} rounds`);
    },

    async settle({ notes, key, state }, event) {
      if (notes?.isCounted !== true) return;
      const { type, key: subject } = state.subject;
      if (wasMade(event)) await contacts.confirm(type, subject, key, event.at);
      else if (!isUnknown(event)) await contacts.release(type, subject, key);
    },
  };
}

/** Whether a person was contacted. A wrong output comes from a contact that was made. */
function wasMade(event: EffectOutcome): boolean {
  if (event.type === 'effect.failed') return event.kind === 'output-invalid';
  return event.type === 'effect.settled' || event.type === 'effect.accepted';
}

function isUnknown(event: EffectOutcome): boolean {
  return event.type === 'effect.failed' && event.kind === 'unknown-outcome';
}

function questionOf({ plan, step, token, key, subject, state }: ContactWork): ContactQuestion {
  const expires = step.expires === undefined ? undefined : parseDuration(step.expires);
  const attributes = subject?.attributes ?? state.subject.attributes;
  return {
    name: key,
    journey: plan.journey,
    channel: step.channel,
    purpose: step.purpose,
    expiresAt: expires && addDuration(token.since, expires, zoneOf(attributes, plan.timeZone)),
  };
}

function factsOf(
  { plan, subject }: ContactWork,
  { policies, consents, journey, connection, content }: ContactNotes,
  at: number,
): ContactFacts {
  return {
    at,
    timeZone: plan.timeZone,
    journey,
    subject: subject?.attributes,
    consents,
    content,
    policies,
    contacts: [],
    connection,
  };
}
