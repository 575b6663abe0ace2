import { unitInterval } from '../hash.ts';
import { evaluate, evaluateCondition, valuesRead } from '../expressions/evaluate.ts';
import type { Json, JsonObject, PlanStep, PlanWait } from '../plan.ts';
import { sameJson } from '../json.ts';
import type { ArmedAlternative, RecentEvent, RunState, Token } from '../run.ts';
import { approximateMs, isCalendar, parseDuration } from '../time/duration.ts';
import { addDuration, exactInstant, instantText, isZone, momentOf } from '../time/instants.ts';
import { nextInWindow } from '../time/windows.ts';
import { copyOfRecent } from './copies.ts';
import { note, setDoing, type Draft } from './draft.ts';
import { raise } from './incidents.ts';
import { eventView, scopeOf, zoneOf } from './scope.ts';

// The alternatives of a wait.
//
//   W1. A wake-up is an instant, computed once when the wait is entered (spec: Time).
//   W2. The first to come true wins; on the same instant, the order in the list decides.
//   W3. One event releases one wait step at most once in a run, on whatever visit.
//   W4. An absent attribute arms its alternative when it appears.
//   W5. A zone of the subject that does not exist is not replaced by another in silence: what needs it becomes an incident.

/** An alternative that came true: where to leave, what the step's output is, and why. */
export interface WaitOutcome {
  port: string;
  output: Json;
  because: JsonObject;
  /** The event that does it: released once the wait is left by it (W3). */
  event?: RecentEvent;
}

/** An outcome that says by which alternative, counted from 1, where several share its port. */
export function byAlternative(
  step: PlanStep | undefined,
  index: number,
  outcome: WaitOutcome,
): WaitOutcome {
  const isShared =
    step?.kind === 'wait' && step.for.filter(({ port }) => port === outcome.port).length > 1;
  if (!isShared) return outcome;
  return { ...outcome, because: { ...outcome.because, alternative: index + 1 } };
}

/** Arms the alternatives of a wait just entered. Answers what came true at once, if anything did. */
export function armWait(draft: Draft, token: Token, step: PlanWait): WaitOutcome | undefined {
  const armed: ArmedAlternative[] = [];
  const outcomes: WaitOutcome[] = [];
  for (const [index, alternative] of step.for.entries()) {
    const answer = arm(draft, token, step, alternative);
    if (answer === 'incident') return undefined;
    armed.push(answer.armed);
    if (answer.outcome) outcomes.push(byAlternative(step, index, answer.outcome));
  }
  setDoing(draft, token, { type: 'waiting', alternatives: armed });
  const first = outcomes[0]; // W2: all of them came true at this instant
  if (first) release(draft, token, first);
  else note(draft, 'waits', waitReason(armed), token);
  return first;
}

function waitReason(armed: ArmedAlternative[]): JsonObject {
  return {
    for: armed.map(({ port, at, event }) => {
      const reason: JsonObject = { port };
      if (at !== undefined) reason['until'] = instantText(at);
      if (event !== undefined) reason['event'] = event;
      return reason;
    }),
  };
}

interface Armed {
  armed: ArmedAlternative;
  outcome?: WaitOutcome;
}

function arm(
  draft: Draft,
  token: Token,
  step: PlanWait,
  alternative: PlanWait['for'][number],
): Armed | 'incident' {
  const { port } = alternative;
  if ('after' in alternative) {
    const duration = parseDuration(alternative.after);
    const zone = zoneFor(draft, token, duration !== undefined && isCalendar(duration));
    if (zone === undefined) return 'incident';
    const at =
      duration === undefined
        ? draft.at
        : addDuration(token.since, duration, zone) + spreadOf(draft, step);
    return timed(draft, port, at, { after: alternative.after });
  }
  if ('at' in alternative) {
    const moment = momentFor(draft, token, step, alternative);
    if (moment === 'incident') return 'incident';
    if (moment === undefined) return { armed: { port } }; // W4
    return timed(draft, port, moment, { at: instantText(moment) });
  }
  if ('window' in alternative) return armWindow(draft, token, step, alternative);
  if ('event' in alternative) {
    const from = countsFrom(draft, token, alternative.since);
    const armed: ArmedAlternative = { port, event: alternative.event, from };
    if (alternative.if !== undefined) armed.if = alternative.if;
    // What counts from the entry is still to come: the event that brought somebody here is none of it.
    const past = alternative.since === 'entry' ? [] : draft.state.recent;
    for (const event of past) {
      const outcome = heard(draft, token, armed, event);
      if (outcome) return { armed, outcome };
    }
    return { armed };
  }
  if ('when' in alternative) {
    const answer = evaluateCondition(alternative.when, scopeOf(draft.plan, draft.state, draft.at));
    if (!answer.ok && !answer.absent) {
      raise(draft, token, expressionIncident(alternative.when, answer));
      return 'incident';
    }
    const holds = answer.ok && answer.value === true;
    return {
      armed: { port },
      ...(holds ? { outcome: { port, output: null, because: { when: alternative.when } } } : {}),
    };
  }
  return { armed: { port } };
}

function timed(draft: Draft, port: string, at: number, because: JsonObject): Armed {
  const armed: ArmedAlternative = { port, at };
  if (at > draft.at) return { armed };
  const reason = at < draft.at ? { ...because, note: 'already past' } : because;
  return { armed, outcome: { port, output: null, because: reason } };
}

/** The instant of an `at` alternative; undefined while an attribute that it reads is absent. */
function momentFor(
  draft: Draft,
  token: Token,
  step: PlanWait,
  alternative: Extract<PlanWait['for'][number], { at: unknown }>,
): number | undefined | 'incident' {
  let text: string;
  if (typeof alternative.at === 'string') {
    text = alternative.at;
  } else {
    const answer = evaluate(alternative.at.cel, scopeOf(draft.plan, draft.state, draft.at));
    if (!answer.ok) {
      if (answer.absent) return undefined;
      raise(draft, token, expressionIncident(alternative.at.cel, answer));
      return 'incident';
    }
    if (answer.value === null) return undefined;
    if (typeof answer.value !== 'string') {
      raise(draft, token, {
        code: 'not-a-date',
        group: alternative.at.cel,
        detail: `'${alternative.at.cel}' gives ${JSON.stringify(answer.value)}: a date such as 2027-01-05 or an instant is needed`,
      });
      return 'incident';
    }
    text = answer.value;
  }
  const { offset, time } = alternative;
  const shift = offset === undefined ? undefined : parseDuration(offset);
  const isFixed = time === undefined && exactInstant(text) !== undefined;
  const zone = zoneFor(draft, token, !isFixed || (shift !== undefined && isCalendar(shift)));
  if (zone === undefined) return 'incident';
  const moment = momentOf({ at: text, offset, time }, zone);
  if (moment === undefined) {
    const source = typeof alternative.at === 'string' ? alternative.at : alternative.at.cel;
    raise(draft, token, {
      code: 'not-a-date',
      group: source,
      detail: `'${source}' gives '${text.slice(0, 64)}': a date such as 2027-01-05 or an instant is needed`,
    });
    return 'incident';
  }
  return moment + spreadOf(draft, step);
}

/** A window is looked at when it is armed, not when the wait was entered: whoever retries late does not leave by night. */
function armWindow(
  draft: Draft,
  token: Token,
  step: PlanWait,
  { port, window }: Extract<PlanWait['for'][number], { window: unknown }>,
): Armed | 'incident' {
  const zone = zoneFor(draft, token, true);
  if (zone === undefined) return 'incident';
  const { calendar } = window;
  const days =
    calendar === undefined ? undefined : (draft.plan.calendars?.[calendar] ?? unknownCalendar);
  const answer = nextInWindow(window, draft.at, zone, days);
  if (answer.type === 'never') {
    raise(draft, token, {
      code: 'window-never-opens',
      detail: `the window of port '${port}' never opens: send the person on by a port, and publish the journey with other hours`,
    });
    return 'incident';
  }
  if (answer.type === 'unknown-year') {
    raise(draft, token, {
      code: 'calendar-unknown-year',
      group: calendar ?? '',
      detail: `calendar '${calendar ?? ''}' of this version does not know ${answer.year}, so nobody can say whether a day is open: send the person on by a port, and publish the journey anew with a calendar that knows ${answer.year}`,
    });
    return 'incident';
  }
  const because: JsonObject = { window: { ...window } };
  if (answer.from === draft.at)
    return timed(draft, port, draft.at, { ...because, note: 'inside already' });
  return timed(
    draft,
    port,
    answer.from + spreadOf(draft, step, answer.until - answer.from),
    because,
  );
}

const unknownCalendar = { years: [], holidays: {}, workdays: {} };

/** The run's zone. Undefined, with an incident, when it is needed and the subject's is no zone (W5). */
function zoneFor(draft: Draft, token: Token, isNeeded: boolean): string | undefined {
  const own = draft.state.subject.attributes['timeZone'];
  if (!isNeeded || typeof own !== 'string' || own === '' || isZone(own))
    return zoneOf(draft.plan, draft.state, isZone);
  const shown = own.slice(0, 64);
  raise(draft, token, {
    code: 'unknown-zone',
    group: shown,
    detail: `the subject's timeZone '${shown}' is no time zone, or is one no longer: set it to an IANA name such as Asia/Taipei, then retry`,
  });
  return undefined;
}

/** A stable offset below the wait's `spread`, in whole milliseconds: a hash of the run key. Below `mostMs` too, if that is less. */
function spreadOf(draft: Draft, step: PlanWait, mostMs = Infinity): number {
  const spread = step.spread === undefined ? undefined : parseDuration(step.spread);
  if (!spread) return 0;
  return Math.floor(
    unitInterval(`${draft.plan.journey}|${step.id}|spread|${draft.state.key}`) *
      Math.min(approximateMs(spread), mostMs),
  );
}

function countsFrom(
  draft: Draft,
  token: Token,
  since: 'action' | 'entry' | 'start' | undefined,
): number {
  if (since === 'start') return draft.state.startedAt;
  if (since === 'entry') return token.since;
  return token.actionAt ?? token.since;
}

/** What an event means to one armed alternative of a token. */
export function heard(
  draft: Draft,
  token: Token,
  armed: ArmedAlternative,
  event: RecentEvent,
): WaitOutcome | undefined {
  if (armed.event !== event.type || event.acceptedAt < (armed.from ?? 0)) return undefined;
  if (event.released?.includes(token.step)) return undefined; // W3
  if (armed.if !== undefined) {
    const answer = evaluateCondition(armed.if, scopeOf(draft.plan, draft.state, draft.at, event));
    if (!answer.ok || answer.value !== true) {
      const reason: JsonObject = answer.ok
        ? { if: armed.if }
        : { if: armed.if, fault: answer.message };
      note(draft, 'unheard', { event: event.type, id: event.id, ...reason }, token);
      return undefined;
    }
  }
  return {
    event,
    port: armed.port,
    output: eventView(event) as JsonObject,
    because: { event: event.type, id: event.id, acceptedAt: instantText(event.acceptedAt) },
  };
}

/** Notes that an outcome's event has released a token's step. */
export function release(draft: Draft, token: Token, { event }: WaitOutcome): void {
  if (!event) return;
  draft.state.recent = draft.state.recent.map((recent) => {
    if (recent.id !== event.id) return recent;
    const copy = copyOfRecent(recent);
    copy.released = recent.released ? [...recent.released, token.step] : [token.step];
    return copy;
  });
}

/** What is due of a wait at an instant: the earliest alternative, and of equals the first in the list (W2). */
export function dueAlternative(token: Token, at: number): ArmedAlternative | undefined {
  if (token.doing.type !== 'waiting') return undefined;
  let due: ArmedAlternative | undefined;
  for (const alternative of token.doing.alternatives) {
    if (alternative.at === undefined || alternative.at > at) continue;
    if (due?.at === undefined || alternative.at < due.at) due = alternative;
  }
  return due;
}

/**
 * Looks again at what may have changed with attributes or variables: `when` conditions, dates that were absent (W4) and
 * dates that follow. Answers what came true.
 */
export function rearmWait(
  draft: Draft,
  token: Token,
  step: PlanWait,
  earlier: RunState,
): WaitOutcome | undefined {
  if (token.doing.type !== 'waiting') return undefined;
  const armed = token.doing.alternatives;
  const next = [...armed];
  for (const [index, alternative] of step.for.entries()) {
    const before = armed[index];
    if (before?.at !== undefined && before.at <= draft.at) {
      const due = { port: before.port, output: null, because: { due: instantText(before.at) } };
      return byAlternative(step, index, due); // W2
    }
    const moves =
      'at' in alternative && (before?.at === undefined || follows(draft, alternative, earlier));
    if (!moves && !('when' in alternative)) continue;
    const answer = arm(draft, token, step, alternative);
    if (answer === 'incident') return undefined;
    if (answer.outcome) return byAlternative(step, index, answer.outcome);
    if (before?.at === answer.armed.at) continue;
    next[index] = answer.armed;
    setDoing(draft, token, { type: 'waiting', alternatives: next });
    note(draft, 'waits', waitReason(next), token);
  }
  return undefined;
}

/** Whether a date that follows reads what changed: a change of anything else, the zone among it, leaves it where it is. */
function follows(
  draft: Draft,
  { at, follow }: Extract<PlanWait['for'][number], { at: unknown }>,
  earlier: RunState,
): boolean {
  if (follow !== true || typeof at !== 'object') return false;
  const read = (state: RunState): JsonObject =>
    valuesRead(at.cel, scopeOf(draft.plan, state, draft.at));
  return !sameJson(read(earlier), read(draft.state));
}

/** An expression that failed, as an incident that shows it, the values and the position of the fault. */
export function expressionIncident(
  text: string,
  fault: { message: string; start: number },
): { code: string; group: string; detail: string } {
  return {
    code: 'expression-failed',
    group: text,
    detail: `'${text}' failed at character ${fault.start + 1}: ${fault.message}`,
  };
}
