import { sameJson } from '../json.ts';
import type { Json, JsonObject, Plan, PlanAction, PlanCall } from '../plan.ts';
import type { RecentEvent, RunEvent, RunState, Token, Transition } from '../run.ts';
import { instantText } from '../time/instants.ts';
import { dueAt, effectName, effectPlace, isStill } from '../views.ts';
import { obey } from './commands.ts';
import { copyOfRecent } from './copies.ts';
import { clearDeadline, draftOf, isHere, note, setDoing, type Draft } from './draft.ts';
import { cancelEffect } from './ending.ts';
import { raise } from './incidents.ts';
import { exitIfTrue, holds, isReached, leaveJourney, reach } from './rules.ts';
import { enter, leave, lookAgain, perform, timeoutAt } from './walk.ts';
import { byAlternative, dueAlternative, heard, release } from './waits.ts';

// The interpreter. One function, the same in the workflow, in the simulator and in tests.
//
//   E1. Pure. The answer depends on the arguments alone: no clock, no randomness, no I/O. It never throws.
//   E2. State, events, effects and trail are plain JSON: a state that went through JSON behaves the same.
//   E3. An event that names no outstanding effect changes nothing, so that a redelivered callback is harmless.
//   E4. A message that was handled changes nothing when it comes again.
//   E5. An effect's name occurs once in a run, but for retries of the same effect.
//   E6. What was due before an event was accepted comes before that event, however late the host is.
//   E7. The revision grows by one with every event that changes something.

const seenLimit = 1_000;
const mostRecent = 200;
const largestRecent = 500_000;
/** Failures that no step is passed on with: a person decides. */
const neverPassedOn = new Set(['unknown-outcome', 'output-invalid', 'no-worker']);

/** Advances one run by one event, and says what to do next. */
export function transition(plan: Plan, state: RunState, event: RunEvent): Transition {
  if ('id' in event && state.seen.includes(event.id)) return unchanged(state); // E4
  const draft = draftOf(plan, state, event.at);
  if (state.status !== 'ended' && event.type !== 'run.started') {
    // E6. At the very instant of an event or a change the list of a wait decides: see `received` and `rearmWait`.
    if (event.type === 'event.received') fireDue(draft, acceptanceOf(draft, event) - 1);
    else fireDue(draft, event.type === 'subject.changed' ? draft.at - 1 : draft.at);
  }
  if (hasEnded(draft) && state.status !== 'ended') return finished(draft, event);
  apply(draft, event);
  return draft.changed ? finished(draft, event) : unchanged(state);
}

/** A walk may have ended the run since the compiler last saw its status. */
function hasEnded(draft: Draft): boolean {
  return draft.state.status === 'ended';
}

function unchanged(state: RunState): Transition {
  return { state, effects: [], trail: [] };
}

/** The last so many of a list: the list itself when it has no more. */
function latest<Item>(list: Item[], most: number): Item[] {
  return list.length <= most ? list : list.slice(-most);
}

function finished(draft: Draft, event: RunEvent): Transition {
  if ('id' in event) draft.state.seen = [...latest(draft.state.seen, seenLimit - 1), event.id];
  draft.state.revision += 1; // E7
  if (draft.ownNow) draft.state.visitsNow = { at: draft.at, of: draft.ownNow };
  return { state: draft.state, effects: draft.effects, trail: draft.trail };
}

function apply(draft: Draft, event: RunEvent): void {
  if (draft.state.status === 'ended') return afterEnd(draft, event);
  switch (event.type) {
    case 'run.started':
      return start(draft, event);
    case 'timer.fired':
      return; // fireDue did it
    case 'effect.settled':
    case 'effect.accepted':
    case 'effect.failed':
    case 'effect.deferred':
    case 'effect.suppressed':
      return answered(draft, event);
    case 'event.received':
      received(draft, event.event);
      return fireDue(draft, acceptanceOf(draft, event));
    case 'subject.changed':
      changed(draft, event.attributes, event.revision);
      return fireDue(draft, draft.at);
    case 'command.given':
      obey(draft, event.command, event.at);
      return fireDue(draft, draft.at); // what was due while the run was held
  }
}

function start(draft: Draft, event: Extract<RunEvent, { type: 'run.started' }>): void {
  if (draft.state.nextSeq > 0) return; // E3
  note(draft, 'started', {
    journey: draft.plan.journey,
    plan: draft.plan.hash,
    ...(event.cause ?? {}),
  });
  if (exitIfTrue(draft)) return;
  const token: Token = {
    step: draft.plan.start,
    visit: 0,
    since: draft.at,
    doing: { type: 'waiting', alternatives: [] },
  };
  draft.state.tokens.push(token);
  enter(draft, token, draft.plan.start);
}

function acceptanceOf(draft: Draft, event: Extract<RunEvent, { type: 'event.received' }>): number {
  return Math.min(event.event.acceptedAt, draft.at);
}

/** Lets go what is due: waits, deferred effects, time-outs; the earliest first, until nothing is (E6). */
function fireDue(draft: Draft, limit: number): void {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const token = earliestDue(draft, limit);
    if (!token || hasEnded(draft)) return;
    fire(draft, token, limit);
  }
}

function earliestDue(draft: Draft, limit: number): Token | undefined {
  let found: { token: Token; at: number } | undefined;
  for (const token of draft.state.tokens) {
    const at =
      token.doing.type === 'waiting' ? dueAlternative(token, limit)?.at : dueOf(draft, token);
    if (at !== undefined && at <= limit && (!found || at < found.at)) found = { token, at };
  }
  return found?.token;
}

function dueOf(draft: Draft, token: Token): number | undefined {
  if (token.doing.type === 'deferred' && isStill(draft.state)) return token.deadlineAt;
  return dueAt(token);
}

function fire(draft: Draft, token: Token, limit: number): void {
  const { doing } = token;
  const isLate = token.deadlineAt !== undefined && token.deadlineAt <= limit;
  if (doing.type === 'deferred' && !isLate) {
    perform(draft, token);
    return;
  }
  if (doing.type !== 'waiting') {
    const step = draft.plan.steps[token.step];
    const port =
      step?.kind === 'action' && step.deadlineOutcome !== undefined
        ? step.deadlineOutcome
        : 'timeout';
    cancelEffect(draft, token);
    const passed = isLate
      ? { deadline: instantText(token.deadlineAt ?? limit) }
      : { timeout: true };
    clearDeadline(token);
    leave(draft, token, port, null, passed);
    return;
  }
  const due = dueAlternative(token, limit);
  if (due?.at === undefined) return;
  const { port, because } = byAlternative(
    draft.plan.steps[token.step],
    doing.alternatives.indexOf(due),
    { port: due.port, output: null, because: { due: instantText(due.at) } },
  );
  leave(draft, token, port, null, because);
}

type Answer = Extract<RunEvent, { effect: string }>;

function answered(draft: Draft, event: Answer): void {
  const token = draft.state.tokens.find((candidate) => awaits(candidate, event));
  const step = token && draft.plan.steps[token.step];
  if (!token || (step?.kind !== 'action' && step?.kind !== 'call')) return noteLeft(draft, event); // E3
  const before = draft.state;
  const isNews = event.subject !== undefined && learn(draft, event.subject, event.subjectRevision);
  if (isNews && exitIfTrue(draft)) return noteLeft(draft, event);
  answer(draft, token, step, event);
  if (isNews) lookAgain(draft, before);
}

/** Takes attributes over, unless they are older than what is known. False when nothing changed. */
function learn(draft: Draft, attributes: JsonObject, revision: number | undefined): boolean {
  const { subject } = draft.state;
  const known = subject.revision;
  if (revision !== undefined && known !== undefined && revision < known) return false;
  const isNews = !sameJson(subject.attributes, attributes);
  if (!isNews && revision === known) return false;
  draft.state = {
    ...draft.state,
    subject: { ...subject, attributes, ...(revision === undefined ? {} : { revision }) },
  };
  if (isNews) draft.changed = true;
  return isNews;
}

function answer(draft: Draft, token: Token, step: PlanAction | PlanCall, event: Answer): void {
  if (step.kind === 'call') return calledBack(draft, token, step, event);
  switch (event.type) {
    case 'effect.settled':
      return settled(draft, token, step, event);
    case 'effect.accepted': {
      if (step.settles === 'now') {
        return raise(draft, token, {
          code: 'outcome-unknown',
          detail: `${step.plugin}/${step.action} says it settles now, but answered that the end comes later`,
        });
      }
      const until = timeoutAt(draft, step.timeout);
      note(
        draft,
        'accepted',
        {
          reference: event.reference,
          ...(until === undefined ? {} : { until: instantText(until) }),
        },
        token,
      );
      return setDoing(draft, token, {
        type: 'accepted',
        reference: event.reference,
        ...(until === undefined ? {} : { until }),
      });
    }
    case 'effect.failed': {
      const because = {
        code: event.code,
        kind: event.kind,
        detail: event.detail,
        attempts: event.attempts,
      };
      note(draft, 'failed', because, token);
      if (neverPassedOn.has(event.kind)) {
        return raise(draft, token, { code: event.code, group: event.kind, detail: event.detail });
      }
      return leave(draft, token, 'failed', because, because);
    }
    case 'effect.deferred':
      note(draft, 'deferred', { until: instantText(event.until), ...event.because }, token);
      return setDoing(draft, token, {
        type: 'deferred',
        until: event.until,
        because: textOf(event.because['code']),
      });
    case 'effect.suppressed':
      note(draft, 'suppressed', event.because, token);
      return leave(draft, token, 'suppressed', event.because, event.because);
  }
}

/** What becomes of a called run: begun, ended, or refused. */
function calledBack(draft: Draft, token: Token, step: PlanCall, event: Answer): void {
  switch (event.type) {
    case 'effect.accepted':
      note(draft, 'accepted', { run: event.reference }, token);
      return setDoing(draft, token, { type: 'accepted', reference: event.reference });
    case 'effect.settled': {
      note(draft, 'settled', { outcome: event.outcome, output: event.output }, token);
      const known = step.outcomes.includes(event.outcome);
      return leave(draft, token, known ? event.outcome : 'failed', event.output, {
        ...(known
          ? {}
          : { code: 'ended-otherwise', detail: `the called run ended as '${event.outcome}'` }),
      });
    }
    case 'effect.failed':
      note(draft, 'failed', { code: event.code, detail: event.detail }, token);
      return raise(draft, token, { code: event.code, group: step.journey, detail: event.detail });
    case 'effect.deferred':
    case 'effect.suppressed':
      return raise(draft, token, {
        code: 'outcome-unknown',
        detail: `a call was answered with '${event.type}'`,
      });
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Whether a token waits for this answer: performing for any, accepted for its end. */
function awaits(token: Token, event: Answer): boolean {
  if (effectName(token) !== event.effect) return false;
  if (token.doing.type === 'performing') return true;
  return (
    token.doing.type === 'accepted' &&
    (event.type === 'effect.settled' || event.type === 'effect.failed')
  );
}

function settled(
  draft: Draft,
  token: Token,
  step: PlanAction,
  event: Extract<RunEvent, { type: 'effect.settled' }>,
): void {
  if (!step.outcomes.includes(event.outcome)) {
    return raise(draft, token, {
      code: 'outcome-unknown',
      detail: `${step.plugin}/${step.action} answered '${event.outcome}', which is none of ${step.outcomes.join(', ')}`,
    });
  }
  const word = step.contact && step.settles === 'now' ? 'sent' : 'settled';
  note(draft, word, { outcome: event.outcome, output: event.output, ...event.because }, token);
  leave(draft, token, event.outcome, event.output, {});
}

/** What comes of an effect that was left behind is noted once, and moves nobody. */
function noteLeft(draft: Draft, event: Answer): void {
  if (!draft.state.left.includes(event.effect)) return;
  if (event.type === 'effect.accepted') {
    draft.changed = true;
    draft.effects.push({
      type: 'cancel',
      effect: event.effect,
      ...effectPlace(event.effect),
      reference: event.reference, // it was left before the provider took it
    });
    return;
  }
  if (event.type === 'effect.deferred') return;
  draft.state.left = draft.state.left.filter((effect) => effect !== event.effect);
  note(draft, 'settled-after-end', {
    effect: event.effect,
    type: event.type,
    ...(event.type === 'effect.settled' ? { outcome: event.outcome } : {}),
  });
}

function afterEnd(draft: Draft, event: RunEvent): void {
  if ('effect' in event) noteLeft(draft, event);
}

/** An event about the subject: exits, then goals, then waits (the journey document, "Events"). */
function received(draft: Draft, given: Omit<RecentEvent, 'released'>): void {
  const event = copyOfRecent(given);
  if (!draft.plan.listens.includes(event.type)) return;
  for (const exit of draft.plan.exits) {
    if (exit.event === event.type && holds(draft, exit, event))
      return leaveJourney(draft, exit, { event: event.type, id: event.id });
  }
  for (const goal of draft.plan.goals) {
    if (
      goal.event === event.type &&
      !isReached(draft, goal) &&
      holds(draft, goal, event) &&
      reach(draft, goal, { event: event.type, id: event.id })
    )
      return;
  }
  draft.state.recent = kept([...draft.state.recent, event]);
  draft.changed = true;
  for (const token of [...draft.state.tokens]) {
    if (token.doing.type !== 'waiting' || !isHere(draft, token)) continue;
    for (const [index, armed] of token.doing.alternatives.entries()) {
      if (armed.at !== undefined && armed.at <= event.acceptedAt) break; // due at this instant, and listed first
      if (armed.event !== event.type) continue;
      const current = draft.state.recent.find((recent) => recent.id === event.id) ?? event;
      const outcome = heard(draft, token, armed, current);
      if (outcome) {
        const { because } = byAlternative(draft.plan.steps[token.step], index, outcome);
        release(draft, token, outcome);
        leave(draft, token, outcome.port, outcome.output, because);
        break;
      }
    }
  }
}

/** The latest events, as many as a state can carry: Temporal takes no payload of more than 2 MB. */
function kept(events: RecentEvent[]): RecentEvent[] {
  let size = 0;
  const from = events.findLastIndex((event, index) => {
    size += sizeOf(event.data);
    return size > largestRecent || events.length - index > mostRecent;
  });
  return events.slice(from + 1);
}

/** Events stay in a state for long: each is measured once. */
const sizes = new WeakMap<object, number>();

function sizeOf(data: Json): number {
  if (typeof data !== 'object' || data === null) return JSON.stringify(data).length; // whatever somebody sends
  const known = sizes.get(data);
  if (known !== undefined) return known;
  const size = JSON.stringify(data).length;
  sizes.set(data, size);
  return size;
}

function changed(draft: Draft, attributes: JsonObject, revision: number | undefined): void {
  const before = draft.state;
  if (learn(draft, attributes, revision) && !exitIfTrue(draft)) lookAgain(draft, before);
}
