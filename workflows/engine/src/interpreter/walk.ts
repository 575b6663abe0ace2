import { evaluate, evaluateCondition, valuesRead } from '../expressions/evaluate.ts';
import type {
  Json,
  JsonObject,
  Plan,
  PlanBranch,
  PlanCall,
  PlanJoin,
  PlanParallel,
  PlanRepeat,
  PlanSet,
  PlanSplit,
  PlanStep,
} from '../plan.ts';
import { own } from '../own.ts';
import type { RunState, Token } from '../run.ts';
import { splitArm } from '../split.ts';
import { parseDuration } from '../time/duration.ts';
import { addDuration, isZone } from '../time/instants.ts';
import { isObject } from '../json.ts';
import { effectName, inputOf, isStill } from '../views.ts';
import {
  clearDeadline,
  countNow,
  isHere,
  note,
  ownPassages,
  ownRounds,
  ownVisits,
  setDoing,
  visitsNow,
  type Draft,
} from './draft.ts';
import { endRun } from './ending.ts';
import { exitIfTrue } from './rules.ts';
import { raise } from './incidents.ts';
import { scopeOf, zoneOf } from './scope.ts';
import { armWait, expressionIncident, rearmWait } from './waits.ts';
import { absorb, closeWays, forkInto, passable, standAt, standingAt } from './ways.ts';

// Walking: from a port along its edge into the next step, until something must be waited for.
//
//   L1. At most 1,000 steps in one transition, and 200 visits of a step at one instant: more is an incident, not a hang.
//   L2. A port without an edge: `failed` and `timeout` stop as an incident; `suppressed` goes on by the outcome that the
//       action names; any other cannot be, since it was not published.

const mostSteps = 1_000;
const mostVisitsAtOnce = 200;
const mostTokens = 200;
const largestVariables = 262_144;

/** Lets a token leave by a port, and go on until it must wait. Held runs keep it ready instead. */
export function leave(
  draft: Draft,
  token: Token,
  port: string,
  output: Json,
  because: JsonObject,
): void {
  if (isStill(draft.state)) {
    setDoing(draft, token, { type: 'ready', port, output, because });
    return;
  }
  const step = draft.plan.steps[token.step];
  const edge = step && targetOf(step, port);
  if (!step || !edge) {
    raiseUnconnected(draft, token, port, because);
    return;
  }
  note(draft, 'left', { port, to: edge, ...because }, token);
  ownPassages(draft)[token.step] = { port, output, at: draft.at, visit: token.visit };
  enter(draft, token, edge);
}

/** Where a port leads; `suppressed` without an edge leads where the outcome it stands for does (L2). */
function targetOf(step: PlanStep, port: string): string | undefined {
  const direct = own(step.to, port);
  if (direct !== undefined || port !== 'suppressed') return direct;
  return step.kind === 'action' && step.whenSuppressed !== undefined
    ? own(step.to, step.whenSuppressed)
    : undefined;
}

function raiseUnconnected(draft: Draft, token: Token, port: string, because: JsonObject): void {
  const code =
    typeof because['code'] === 'string'
      ? because['code']
      : port === 'timeout'
        ? 'timeout'
        : 'port-unconnected';
  const given = because['detail'];
  const detail =
    typeof given === 'string' ? given : `port '${port}' of step '${token.step}' leads nowhere`;
  raise(draft, token, { code, group: port, detail, values: because });
}

/** Enters a step with a token. */
export function enter(draft: Draft, token: Token, stepId: string): void {
  const step = draft.plan.steps[stepId];
  const standing = step?.kind === 'join' ? standingAt(draft, step, token) : undefined;
  if (standing && step?.kind === 'join') {
    absorb(draft, standing, token, step);
    return passJoins(draft);
  }
  const visit = (own(draft.state.visits, stepId) ?? 0) + 1;
  ownVisits(draft)[stepId] = visit;
  token.step = stepId;
  token.visit = visit;
  token.since = draft.at;
  clearDeadline(token);
  if (token.edited !== undefined) delete token.edited;
  token.doing = { type: 'waiting', alternatives: [] }; // until its step says what it does
  draft.entered += 1;
  countNow(draft, stepId);
  note(draft, 'entered', {}, token);
  if (isRunningAway(draft, stepId)) {
    raise(draft, token, {
      code: 'loop-without-progress',
      detail: `step '${stepId}' is entered again and again without anything to wait for`,
    });
    return;
  }
  act(draft, token);
}

function isRunningAway(draft: Draft, stepId: string): boolean {
  if (draft.entered > mostSteps) return true; // L1
  if (visitsNow(draft, stepId) > mostVisitsAtOnce) return true;
  if (draft.entered <= mostVisitsAtOnce) return false;
  const visits = draft.trail.filter(
    (entry) => entry.what === 'entered' && entry.step === stepId,
  ).length;
  return visits > mostVisitsAtOnce;
}

/** Does what a token's step asks, on entry or again after an incident. */
export function act(draft: Draft, token: Token): void {
  const step = draft.plan.steps[token.step];
  if (!step) {
    raise(draft, token, { code: 'step-unknown', detail: `the plan has no step '${token.step}'` });
    return;
  }
  switch (step.kind) {
    case 'action':
      token.actionAt = token.since;
      forgetBefore(draft);
      setDeadline(draft, token, step.deadline);
      perform(draft, token);
      return;
    case 'call':
      return call(draft, token, step);
    case 'wait': {
      const outcome = armWait(draft, token, step);
      if (outcome) leave(draft, token, outcome.port, outcome.output, outcome.because);
      return;
    }
    case 'branch':
      return branch(draft, token, step);
    case 'split':
      return split(draft, token, step);
    case 'repeat':
      return repeat(draft, token, step);
    case 'set':
      return set(draft, token, step);
    case 'parallel':
      return fork(draft, token, step);
    case 'join':
      return arrive(draft, token, step);
    case 'end':
      return end(draft, token, step.outcome, step.stop);
  }
}

/** Asks the world for a token's effect. The same name again is the same effect. */
export function perform(draft: Draft, token: Token): void {
  const call = token.doing.type === 'performing' ? token.doing.call : undefined;
  setDoing(draft, token, { type: 'performing', ...(call === undefined ? {} : { call }) });
  draft.effects.push({
    type: 'perform',
    effect: effectName(token),
    step: token.step,
    visit: token.visit,
    ...(call === undefined ? {} : { call }),
  });
}

/** From now on the action has so long. */
export function setDeadline(draft: Draft, token: Token, deadline: string | undefined): void {
  const at = timeoutAt(draft, deadline);
  if (at === undefined) clearDeadline(token);
  else token.deadlineAt = at;
}

/** Asks for a run of another journey. What it is given is computed here, once. */
function call(draft: Draft, token: Token, step: PlanCall): void {
  const scope = scopeOf(draft.plan, draft.state, draft.at);
  const entry = computed(inputOf(step.with, token), scope);
  if (!entry.ok) {
    raise(draft, token, expressionIncident(entry.text, entry.fault));
    return;
  }
  const { type, key } = draft.state.subject;
  let subject = { type, key };
  if (step.subject !== undefined) {
    const answer = evaluate(step.subject, scope);
    if (!answer.ok) {
      raise(draft, token, expressionIncident(step.subject, answer));
      return;
    }
    const match = typeof answer.value === 'string' ? subjectText.exec(answer.value) : null;
    if (!match) {
      raise(draft, token, {
        code: 'not-a-subject',
        group: step.subject,
        detail: `'${step.subject}' gives ${JSON.stringify(answer.value).slice(0, 100)}: a subject is written type/key`,
      });
      return;
    }
    subject = { type: match[1] ?? '', key: match[2] ?? '' };
  }
  setDoing(draft, token, {
    type: 'performing',
    call: { subject, entry: entry.value as JsonObject },
  });
  perform(draft, token);
}

const subjectText = /^([a-z][a-z0-9-]*)\/(.{1,200})$/u;

type Computed =
  | { ok: true; value: Json }
  | { ok: false; text: string; fault: { message: string; start: number } };

/** A value with every `{ "cel": … }` in it replaced by what it gives. */
function computed(value: Json, scope: Record<string, unknown>): Computed {
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const answer = computed(item, scope);
      if (!answer.ok) return answer;
      items.push(answer.value);
    }
    return { ok: true, value: items };
  }
  if (!isObject(value)) return { ok: true, value };
  const { cel } = value;
  if (typeof cel === 'string' && Object.keys(value).length === 1) {
    const answer = evaluate(cel, scope);
    return answer.ok ? answer : { ok: false, text: cel, fault: answer };
  }
  const result: JsonObject = {};
  for (const [name, item] of Object.entries(value)) {
    const answer = computed(item, scope);
    if (!answer.ok) return answer;
    Object.defineProperty(result, name, {
      value: answer.value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return { ok: true, value: result };
}

/** Events before the latest action of every token can release no wait, unless one counts from the start of the run. */
function forgetBefore(draft: Draft): void {
  const { plan, state } = draft;
  if (state.recent.length === 0 || countsFromStart(plan)) return;
  let earliest = Infinity;
  for (const token of state.tokens) earliest = Math.min(earliest, token.actionAt ?? token.since);
  state.recent = state.recent.filter((event) => event.acceptedAt >= earliest);
}

const fromStart = new WeakMap<Plan, boolean>();

/** Whether some wait of a plan counts events from the start of the run. */
function countsFromStart(plan: Plan): boolean {
  const known = fromStart.get(plan);
  if (known !== undefined) return known;
  const answer = Object.values(plan.steps).some(
    (step) =>
      step.kind === 'wait' && step.for.some((item) => 'event' in item && item.since === 'start'),
  );
  fromStart.set(plan, answer);
  return answer;
}

function branch(draft: Draft, token: Token, step: PlanBranch): void {
  const scope = scopeOf(draft.plan, draft.state, draft.at);
  const values: JsonObject = {};
  for (const item of step.cases) {
    const answer = evaluateCondition(item.if, scope);
    Object.assign(values, valuesRead(item.if, scope));
    if (!answer.ok) {
      raise(draft, token, { ...expressionIncident(item.if, answer), values });
      return;
    }
    if (answer.value === true) {
      leave(draft, token, item.port, null, { if: item.if, values });
      return;
    }
  }
  leave(draft, token, 'else', null, { values });
}

function split(draft: Draft, token: Token, step: PlanSplit): void {
  let by = draft.state.subject.key;
  if (step.by !== undefined) {
    const answer = evaluate(step.by, scopeOf(draft.plan, draft.state, draft.at));
    if (!answer.ok) {
      raise(draft, token, expressionIncident(step.by, answer));
      return;
    }
    by = typeof answer.value === 'string' ? answer.value : JSON.stringify(answer.value);
  }
  const choice = splitArm(draft.plan.journey, step, by);
  leave(draft, token, choice.port, null, {
    u: choice.u,
    of: 'SHA-256 of journey|step|experiment|by',
  });
}

function repeat(draft: Draft, token: Token, step: PlanRepeat): void {
  const scope = scopeOf(draft.plan, draft.state, draft.at);
  const count = roundsOf(token, step);
  const taken = own(draft.state.rounds, count) ?? 0;
  if (step.until !== undefined) {
    const answer = evaluateCondition(step.until, scope);
    if (!answer.ok) {
      raise(draft, token, expressionIncident(step.until, answer));
      return;
    }
    if (answer.value === true) {
      draft.state.rounds = without(draft.state.rounds, count);
      leave(draft, token, 'done', taken, {
        until: step.until,
        rounds: taken,
        values: valuesRead(step.until, scope),
      });
      return;
    }
  }
  const times = timesOf(step, scope);
  if (typeof times === 'object') {
    raise(draft, token, times);
    return;
  }
  if (taken < times) {
    ownRounds(draft)[count] = taken + 1;
    leave(draft, token, 'again', taken + 1, { round: taken + 1, of: times });
  } else {
    draft.state.rounds = without(draft.state.rounds, count);
    leave(draft, token, 'done', taken, { rounds: taken, of: times });
  }
}

/** Rounds are counted for each way of its own: two tokens in one loop do not use up each other's. */
function roundsOf(token: Token, step: PlanRepeat): string {
  if (token.ways === undefined) return step.id;
  const ways = token.ways.map(({ of, visit, branch }) => `${of}#${visit} ${branch}`);
  return [step.id, ...ways].join(' / ');
}

function timesOf(
  step: PlanRepeat,
  scope: Record<string, unknown>,
): number | { code: string; group: string; detail: string } {
  if (typeof step.times === 'number') return step.times;
  const { cel } = step.times;
  const answer = evaluate(cel, scope);
  if (!answer.ok) return expressionIncident(cel, answer);
  const value = answer.value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000)
    return value;
  return {
    code: 'not-a-count',
    group: cel,
    detail: `'${cel}' gives ${JSON.stringify(value)}: a whole number from 0 to 1000 is needed`,
  };
}

function without(rounds: Record<string, number>, id: string): Record<string, number> {
  const { [id]: _, ...rest } = rounds;
  return rest;
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

/** Computes variables, all from the values before the step, so that their order in the document says nothing. */
function set(draft: Draft, token: Token, step: PlanSet): void {
  const scope = scopeOf(draft.plan, draft.state, draft.at);
  const values: JsonObject = {};
  for (const [name, text] of Object.entries(step.vars)) {
    const answer = evaluate(text, scope);
    if (!answer.ok) {
      raise(draft, token, expressionIncident(text, answer));
      return;
    }
    const type = draft.plan.varTypes[name];
    if (type !== undefined && !isOfType(answer.value, type)) {
      raise(draft, token, {
        code: 'wrong-type',
        group: `${name} ${text}`,
        detail: `'${text}' gives ${JSON.stringify(answer.value).slice(0, 100)}; variable '${name}' holds ${type}`,
      });
      return;
    }
    values[name] = answer.value;
  }
  if (JSON.stringify({ ...draft.state.vars, ...values }).length > largestVariables) {
    raise(draft, token, {
      code: 'variables-too-large',
      detail: `the variables would take more than ${largestVariables} characters as JSON: keep less in them`,
    });
    return;
  }
  const before = draft.state;
  draft.state = { ...before, vars: { ...before.vars, ...values } };
  if (exitIfTrue(draft)) return;
  leave(draft, token, 'next', null, { set: values });
  lookAgain(draft, before);
}

/** Looks at every wait that may have changed with an attribute or a variable. `before`: the state before the change. */
export function lookAgain(draft: Draft, before: RunState): void {
  for (const token of [...draft.state.tokens]) {
    const step = draft.plan.steps[token.step];
    if (step?.kind !== 'wait' || token.doing.type !== 'waiting' || !isHere(draft, token)) continue;
    const outcome = rearmWait(draft, token, step, before);
    if (outcome) leave(draft, token, outcome.port, outcome.output, outcome.because);
  }
}

/** Goes down every branch at once. An earlier branch may end the run, or close the ways, before a later one begins. */
function fork(draft: Draft, token: Token, step: PlanParallel): void {
  if (draft.state.tokens.length + step.branches.length > mostTokens) {
    raise(draft, token, {
      code: 'too-many-ways',
      detail: `the run would go ${draft.state.tokens.length + step.branches.length} ways at once; at most ${mostTokens} are walked`,
    });
    return;
  }
  for (const [index, branch] of forkInto(draft, token, step).entries()) {
    if (isHere(draft, branch)) leave(draft, branch, step.branches[index] ?? '', null, {});
  }
}

/** Stands at a join until it may pass. */
function arrive(draft: Draft, token: Token, step: PlanJoin): void {
  if (!standAt(draft, token, step)) {
    leave(draft, token, 'joined', null, { note: 'on no way of its parallel' });
    return;
  }
  passJoins(draft);
}

/** Lets every join pass that may: one that passes takes tokens away, for which another join may have stood waiting. */
function passJoins(draft: Draft): void {
  for (
    let found = passable(draft);
    found && !isStill(draft.state) && draft.state.status !== 'ended';
    found = passable(draft)
  ) {
    const { token, met } = found;
    const { doing } = token;
    if (doing.type !== 'joining') return;
    const arrived = doing.arrived;
    if (!met) note(draft, 'need-unmet', { arrived }, token);
    closeWays(draft, token);
    setDoing(draft, token, { type: 'waiting', alternatives: [] });
    leave(draft, token, 'joined', { arrived, met }, { arrived, met });
  }
}

/** Ends one token; the run ends with its last one, or at once with `stop: run`. */
function end(draft: Draft, token: Token, outcome: string, stop: boolean): void {
  ownPassages(draft)[token.step] = {
    port: outcome,
    output: null,
    at: draft.at,
    visit: token.visit,
  };
  draft.state.tokens = draft.state.tokens.filter((other) => other !== token);
  if (stop || draft.state.tokens.length === 0) endRun(draft, outcome, {});
  else {
    draft.changed = true;
    passJoins(draft);
  }
}

/** When an accepted effect times out: the step's `timeout` after the acceptance. */
export function timeoutAt(draft: Draft, timeout: string | undefined): number | undefined {
  const duration = timeout === undefined ? undefined : parseDuration(timeout);
  return duration && addDuration(draft.at, duration, zoneOf(draft.plan, draft.state, isZone));
}
