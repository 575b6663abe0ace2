import { evaluate, evaluateCondition } from './expressions/evaluate.ts';
import type { JsonObject, Plan } from './plan.ts';
import { checkValue } from '@sojourn/schemas';

/** Keys are indexed, and databases bound what they index. */
const longestKey = 512;

/** An event as a trigger looks at it. */
export interface EntryEvent {
  id: string;
  type: string;
  source: string;
  time?: string;
  data: JsonObject;
}

/** What a trigger makes of an event or of a caller's wish. */
export type EntryAnswer =
  | { type: 'not-for-us' }
  | { type: 'enters'; key: string; entry: JsonObject }
  | {
      type: 'refused';
      reason: 'inputs-invalid' | 'key-failed' | 'subject-type' | 'no-manual-entry';
      detail: string;
    };

/** Whether an event enters a journey, and under which run key: the first trigger that matches decides. */
export function entryOfEvent(
  plan: Plan,
  event: EntryEvent,
  subject: { type: string; key: string; attributes: JsonObject },
): EntryAnswer {
  if (subject.type !== plan.subjectType) return { type: 'not-for-us' };
  const scope = {
    subject: { ...subject.attributes, type: subject.type, key: subject.key },
    event: { ...event },
    entry: event.data,
  };
  for (const trigger of plan.entry) {
    if (trigger.on !== 'event' || trigger.event !== event.type) continue;
    if (trigger.if !== undefined) {
      const answer = evaluateCondition(trigger.if, scope);
      if (!answer.ok || answer.value !== true) continue; // an absent field makes the condition false
    }
    return keyed(plan, trigger.key, scope, subject.key, event.data);
  }
  return { type: 'not-for-us' };
}

/** Whether somebody may be enrolled by hand, and under which run key. */
export function entryByHand(
  plan: Plan,
  subject: { type: string; key: string; attributes: JsonObject },
  data: JsonObject,
): EntryAnswer {
  if (subject.type !== plan.subjectType) {
    return {
      type: 'refused',
      reason: 'subject-type',
      detail: `this journey is for a '${plan.subjectType}', not a '${subject.type}'`,
    };
  }
  const trigger = plan.entry.find((entry) => entry.on === 'manual');
  if (!trigger)
    return {
      type: 'refused',
      reason: 'no-manual-entry',
      detail: 'the journey has no manual entry',
    };
  const scope = {
    subject: { ...subject.attributes, type: subject.type, key: subject.key },
    event: { data },
    entry: data,
  };
  return keyed(plan, trigger.key, scope, subject.key, data);
}

function keyed(
  plan: Plan,
  key: string | undefined,
  scope: Record<string, unknown>,
  subjectKey: string,
  data: JsonObject,
): EntryAnswer {
  const faults = plan.inputs === undefined ? [] : checkValue(plan.inputs, data);
  const first = faults[0];
  if (first)
    return {
      type: 'refused',
      reason: 'inputs-invalid',
      detail: `${first.pointer || '/'}: ${first.detail}`,
    };
  if (key === undefined) return { type: 'enters', key: subjectKey, entry: data };
  const answer = evaluate(key, scope);
  if (!answer.ok)
    return { type: 'refused', reason: 'key-failed', detail: `'${key}': ${answer.message}` };
  if (typeof answer.value !== 'string' && typeof answer.value !== 'number') {
    return { type: 'refused', reason: 'key-failed', detail: `'${key}' gives no text or number` };
  }
  const runKey = String(answer.value);
  if (runKey === '' || runKey.length > longestKey)
    return {
      type: 'refused',
      reason: 'key-failed',
      detail: `'${key}' gives ${runKey.length} characters: a run key has 1 to ${longestKey}`,
    };
  return { type: 'enters', key: runKey, entry: data };
}
