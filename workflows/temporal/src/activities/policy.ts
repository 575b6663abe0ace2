import {
  addDuration,
  instantText,
  isZone,
  parseDuration,
  type JsonObject,
  type Plan,
  type PlanAction,
  type RunState,
  type Token,
} from '@sojourn/engine';
import type { Store } from '@sojourn/store';

/** What the policies say before an attempt. */
export type PolicyAnswer = { answer: 'allow' } | { answer: 'suppress'; because: JsonObject };

/**
 * Asks before every attempt: is it too late (`expires`), and did the person withdraw consent for this channel and purpose?
 * Only contacts are asked for.
 */
export async function policyAnswer(
  subjects: Pick<Store['subjects'], 'consents'>,
  step: PlanAction,
  token: Token,
  state: RunState,
  plan: Plan,
  now: number,
): Promise<PolicyAnswer> {
  if (!step.contact) return { answer: 'allow' };
  const expires = step.expires === undefined ? undefined : parseDuration(step.expires);
  if (expires) {
    const own = state.subject.attributes['timeZone'];
    const until = addDuration(
      token.since,
      expires,
      typeof own === 'string' && isZone(own) ? own : plan.timeZone,
    );
    if (now > until)
      return {
        answer: 'suppress',
        because: { code: 'too-late', rule: 'expires', until: instantText(until) },
      };
  }
  const purpose = step.purpose ?? '*';
  const consents = await subjects.consents(state.subject.type, state.subject.key);
  const withdrawn = consents.find(
    (consent) =>
      consent.channel === step.channel &&
      (consent.purpose === purpose || consent.purpose === '*') &&
      consent.state === 'withdrawn',
  );
  if (!withdrawn) return { answer: 'allow' };
  return {
    answer: 'suppress',
    because: {
      code: 'consent-withdrawn',
      rule: 'consent',
      channel: withdrawn.channel,
      purpose: withdrawn.purpose,
      since: instantText(withdrawn.at),
      source: withdrawn.source,
    },
  };
}
