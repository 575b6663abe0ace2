import type { ActionStep, CallStep, JoinStep, JourneyDocument, Step } from '@sojourn/schemas';
import type { Diagnostic } from '../diagnostics.ts';
import { hashOf } from '../hash.ts';
import type { JsonObject, Plan, PlanAction, PlanCall, PlanStep } from '../plan.ts';
import { actionManifest, outcomesOf } from '../ports.ts';
import { checkCalls } from './calls.ts';
import { calledVersion, type CompileEnvironment } from './environment.ts';
import { checkExpressions } from './expressions.ts';
import { checkGraph, type Graph } from './graph.ts';
import { checkJoins } from './joins.ts';
import { createReport } from './report.ts';
import { shapeOf, type Shape } from './shape.ts';
import { checkSettings } from './settings.ts';
import { checkSteps } from './steps.ts';

/** A plan, or the reasons why there is none; warnings may stand beside a plan. */
export interface Compilation {
  plan?: Plan;
  diagnostics: Diagnostic[];
}

const defaultRetry = { attempts: 5, firstDelay: 'PT10S', factor: 2, maxDelay: 'PT1H' };

/** Compiles any JSON value. Finds every fault in one pass; never throws. Pure. */
export function compile(input: unknown, environment: CompileEnvironment): Compilation {
  const report = createReport();
  const shape = shapeOf(input, report);
  if (!shape) return { diagnostics: report.findings };
  const graph = checkGraph(shape, environment, report);
  checkJoins(shape, graph, report);
  const { reads } = checkExpressions(shape, report);
  checkSettings(shape, report);
  checkSteps(shape, environment, report);
  checkCalls(shape, environment, report);
  const diagnostics = inOrder(report.findings, shape);
  if (diagnostics.some((finding) => finding.severity === 'error')) return { diagnostics };
  const document = input as JourneyDocument;
  const isResolved = Object.values(document.steps).every(
    (step) => step.kind !== 'call' || calledVersion(step, environment.journeys) !== undefined,
  );
  if (!isResolved) return { diagnostics };
  return { plan: planOf(document, graph, reads, environment), diagnostics };
}

/** Errors first, then in the order of the steps: the order in which somebody would mend them. */
function inOrder(findings: Diagnostic[], shape: Shape): Diagnostic[] {
  const place = new Map([...shape.stepIds].map((id, index) => [id, index]));
  const rank = (finding: Diagnostic): number =>
    (finding.severity === 'error' ? 0 : place.size + 1) +
    (finding.stepId === undefined ? -1 : (place.get(finding.stepId) ?? 0));
  return [...findings].sort((one, other) => rank(one) - rank(other));
}

function planOf(
  document: JourneyDocument,
  graph: Graph,
  reads: string[],
  environment: CompileEnvironment,
): Plan {
  const steps: Record<string, PlanStep> = {};
  for (const id of Object.keys(document.steps).sort()) {
    const step = document.steps[id];
    if (step)
      steps[id] = planStep(
        id,
        step,
        Object.fromEntries(graph.to.get(id) ?? []),
        document.steps,
        environment,
      );
  }
  const { inputs } = document;
  const content: Omit<Plan, 'hash'> = {
    format: 1,
    journey: document.key,
    subjectType: document.subject,
    timeZone: document.timeZone ?? environment.timeZone,
    ...(inputs === undefined ? {} : { inputs: inputs as JsonObject }),
    vars: Object.fromEntries(
      Object.entries(document.vars ?? {}).map(([name, variable]) => [
        name,
        firstValue(variable) as JsonObject,
      ]),
    ),
    varTypes: Object.fromEntries(
      Object.entries(document.vars ?? {}).map(([name, variable]) => [name, variable.type]),
    ),
    entry: document.entry,
    reentry: document.reentry ?? 'after-end',
    exits: document.exits ?? [],
    goals: document.goals ?? [],
    start: document.start,
    steps,
    reads,
    listens: listensOf(document),
    ...calendarsOf(document, environment),
  };
  return { ...content, hash: hashOf(content) };
}

function firstValue(variable: { type: string; default?: unknown }): unknown {
  if (variable.default !== undefined) return variable.default;
  const empty: Record<string, unknown> = {
    string: '',
    integer: 0,
    number: 0,
    boolean: false,
    array: [],
    object: {},
  };
  return empty[variable.type] ?? null;
}

/** The calendars that some window names, as they are now: a version never changes. */
function calendarsOf(
  document: JourneyDocument,
  { calendars = [] }: CompileEnvironment,
): Pick<Plan, 'calendars'> {
  const named = new Set<string>();
  for (const step of Object.values(document.steps)) {
    if (step.kind !== 'wait') continue;
    for (const alternative of step.for)
      if ('window' in alternative && alternative.window.calendar !== undefined)
        named.add(alternative.window.calendar);
  }
  if (named.size === 0) return {};
  return {
    calendars: Object.fromEntries(
      calendars
        .filter(({ id }) => named.has(id))
        .map(({ id, years, holidays, workdays }) => [id, { years, holidays, workdays }]),
    ),
  };
}

function listensOf(document: JourneyDocument): string[] {
  const types = new Set<string>();
  for (const rule of [...(document.exits ?? []), ...(document.goals ?? [])])
    if (rule.event !== undefined) types.add(rule.event);
  for (const step of Object.values(document.steps)) {
    if (step.kind !== 'wait') continue;
    for (const alternative of step.for) if ('event' in alternative) types.add(alternative.event);
  }
  return [...types].sort();
}

function planStep(
  id: string,
  step: Step,
  to: Record<string, string>,
  steps: JourneyDocument['steps'],
  environment: CompileEnvironment,
): PlanStep {
  switch (step.kind) {
    case 'action':
      return planAction(id, step, to, environment);
    case 'wait':
      return {
        kind: 'wait',
        id,
        to,
        for: step.for,
        ...(step.spread === undefined ? {} : { spread: step.spread }),
      };
    case 'branch':
      return { kind: 'branch', id, to, cases: step.cases };
    case 'split':
      return {
        kind: 'split',
        id,
        to,
        arms: step.arms,
        experiment: step.experiment ?? '',
        ...(step.by === undefined ? {} : { by: step.by }),
      };
    case 'repeat':
      return {
        kind: 'repeat',
        id,
        to,
        times: step.times,
        ...(step.until === undefined ? {} : { until: step.until }),
      };
    case 'set':
      return { kind: 'set', id, to, vars: step.vars };
    case 'end':
      return { kind: 'end', id, to, outcome: step.outcome, stop: step.stop === 'run' };
    case 'parallel':
      return { kind: 'parallel', id, to, branches: step.branches };
    case 'join':
      return { kind: 'join', id, to, of: step.of, need: needOf(step, steps) };
    case 'call':
      return planCall(id, step, to, environment);
  }
}

function planCall(
  id: string,
  step: CallStep,
  to: Record<string, string>,
  environment: CompileEnvironment,
): PlanCall {
  const called = calledVersion(step, environment.journeys);
  if (!called)
    throw new Error(
      `step '${id}' calls '${step.journey}', which passed the check for unknown ones`,
    );
  return {
    kind: 'call',
    id,
    to,
    journey: called.key,
    version: called.version,
    planHash: called.planHash,
    outcomes: called.outcomes,
    with: (step.with ?? {}) as JsonObject,
    ...(step.subject === undefined ? {} : { subject: step.subject }),
  };
}

/** How many branches a join waits for. */
function needOf(step: JoinStep, steps: JourneyDocument['steps']): number {
  if (typeof step.need === 'number') return step.need;
  if (step.need === 'any') return 1;
  const parallel = steps[step.of];
  return parallel?.kind === 'parallel' ? parallel.branches.length : 1;
}

function planAction(
  id: string,
  step: ActionStep,
  to: Record<string, string>,
  environment: CompileEnvironment,
): PlanAction {
  const found = actionManifest(step, environment.manifests);
  if (!found)
    throw new Error(`step '${id}' uses '${step.uses}', which passed the check for unknown actions`);
  const { plugin, action, name } = found;
  const timeout = step.timeout ?? action.defaultTimeout;
  return {
    kind: 'action',
    id,
    to,
    plugin: plugin.id,
    action: name,
    schemaVersion: action.schemaVersion,
    ...(step.connection === undefined ? {} : { connection: step.connection }),
    needsConnection: action.connection !== undefined,
    channel: action.channel ?? plugin.id,
    with: (step.with ?? {}) as JsonObject,
    ...(step.purpose === undefined ? {} : { purpose: step.purpose }),
    contact: action.contact === true,
    settles: action.settles,
    outcomes: outcomesOf(action, step.with ?? {}),
    ...(action.whenSuppressed === undefined ? {} : { whenSuppressed: action.whenSuppressed }),
    ...(action.deadlineOutcome === undefined ? {} : { deadlineOutcome: action.deadlineOutcome }),
    idempotency: action.idempotency ?? 'none',
    ...(step.expires === undefined ? {} : { expires: step.expires }),
    ...(step.deadline === undefined ? {} : { deadline: step.deadline }),
    ...(timeout === undefined || action.settles === 'now' ? {} : { timeout }),
    retry: { ...defaultRetry, ...step.retry },
  };
}
