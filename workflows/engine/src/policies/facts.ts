import type { PolicyDocument } from '@sojourn/schemas';
import type { JsonObject } from '../plan.ts';

// Terminology
//   contact     an action that reaches a person: `contact: true` in its manifest
//   question    which contact is asked about
//   facts       everything that the answer depends on, gathered by whoever asks
//   objection   what one rule has against a contact now
//   because     the code, the rule and the values that decided, as they go into the trail

/** Which contact is asked about. */
export interface ContactQuestion {
  /** The idempotency key: of two contacts held back by the same policy, each goes out at an instant of its own. */
  name: string;
  journey: string;
  channel: string;
  purpose?: string | undefined;
  /** After this it is too late (`expires`), in milliseconds since 1970. */
  expiresAt?: number | undefined;
}

/** A policy as it stands; with its revision where there is one. */
export type PolicyInForce = PolicyDocument & { revision?: number };

/** What a person agreed to. `*` is every purpose. */
export interface Consent {
  purpose: string;
  channel: string;
  state: 'given' | 'withdrawn';
  at: number;
  source: string;
}

/** An earlier contact, or one that is just being made: what caps count. */
export interface Contact {
  at: number;
  journey: string;
  channel: string;
  purpose?: string | undefined;
}

/** Hours of a day on some clock. */
export interface Hours {
  /** HH:MM. */
  from: string;
  /** HH:MM. Earlier than `from`: on the next day. The same: a whole day later. */
  to: string;
  /** Days on which they begin: `mo` to `su`. Absent: every day. */
  days?: readonly string[] | undefined;
}

/** Everything that the answer depends on. */
export interface ContactFacts {
  /** Now, in milliseconds since 1970. */
  at: number;
  /** The zone of people who have none of their own: the plan's. */
  timeZone: string;
  /** Undefined when nothing is known of the journey: then it holds nothing back. */
  journey?: { state: string; waits: string } | undefined;
  /** The person's attributes; undefined when the person was erased. */
  subject: JsonObject | undefined;
  consents: readonly Consent[];
  /** What the approval of the content says; undefined when nobody asks for one. */
  content?: { approved: boolean; because: JsonObject } | undefined;
  policies: readonly PolicyInForce[];
  /** Contacts of this person without the one asked about. */
  contacts: readonly Contact[];
  connection?:
    { id: string; window?: Hours | undefined; timeZone?: string | undefined } | undefined;
}

/** The answer. `counts`: caps apply, so a contact that is made must be noted. */
export type ContactAnswer =
  | { answer: 'allow'; counts: boolean }
  | { answer: 'defer'; until: number; because: JsonObject }
  | { answer: 'suppress'; because: JsonObject };
