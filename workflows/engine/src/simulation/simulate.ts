import { evaluate } from '../expressions/evaluate.ts';
import { isObject } from '../json.ts';
import type { Json, JsonObject, Plan, PlanAction, PlanCall, PlanStep } from '../plan.ts';
import type { PolicyInForce } from '../policies/index.ts';
import type { RunState } from '../run.ts';
import { scopeOf } from '../interpreter/scope.ts';
import { createCollector, type ActionLoad, type Summary } from './collector.ts';
import { drawsOf } from './draws.ts';
import { walkPerson, type PersonAnswer } from './person.ts';
import type { Traveller } from './traveller.ts';
import type {
  Behaviour,
  Cohort,
  EventRule,
  SimulatedPerson,
  SimulationRequest,
} from './request.ts';
import { attributeOf, choiceOf, instantOf, SimulationError, spanMs, spanOf } from './spans.ts';
import type { Following, Outcome, World } from './world.ts';

// A cohort walked in virtual time. Nothing outside is touched; the same request gives the same answer, byte for byte, under
// the same engine and tz data.

/** What a simulation is run with. */
export interface SimulationEnvironment {
  plan: Plan;
  /** Plans that may be called, by their hash. */
  plans?: ReadonlyMap<string, Plan>;
  /** By default every contact is allowed. */
  policies?: readonly PolicyInForce[];
  /** What an action is given, for `effects[].input`; by default its configuration with expressions computed. */
  input?: World['input'];
}

export interface SimulationAnswer {
  summary: Summary;
  people?: PersonAnswer[];
  load?: ActionLoad[];
}

/** How far a simulation is. `partial` computes the summary of those walked so far. */
export interface SimulationProgress {
  done: number;
  of: number;
  partial(): Summary;
}

/** People are walked in portions of so many, so that whoever runs the generator can stop, or show how far it is. */
const portion = 200;
export const mostPeople = 1_000_000;

/**
 * Runs a simulation, portion by portion. A generator, so that its host decides when to go on, and whether.
 * Throws a `SimulationError` with a pointer into the request when the request makes no sense.
 */
export function* simulating(
  request: SimulationRequest,
  environment: SimulationEnvironment,
): Generator<SimulationProgress, SimulationAnswer> {
  const { plan } = environment;
  const from = instantOf(request.start, '/start');
  const until = instantOf(request.until, '/until');
  if (until < from) throw new SimulationError('/until', 'ends before it starts');
  const detail = request.detail ?? (request.cohort ? 'summary' : 'people');
  const collector = createCollector(plan, from, until, request.hours === true);
  const draw = drawsOf(request.seed ?? '');
  const world: World = {
    plan,
    until,
    detail,
    draw,
    collector,
    called(planHash) {
      const called = environment.plans?.get(planHash);
      if (!called)
        throw new SimulationError('/document', 'calls a journey whose plan is not given');
      return called;
    },
    ...outcomesOf(plan, request.behaviour, draw),
    follows: followsOf(plan, request.behaviour),
    policies: environment.policies ?? [],
    input: environment.input ?? computedInput,
  };
  const size = (request.people?.length ?? 0) + (request.cohort?.size ?? 0);
  if (size > mostPeople)
    throw new SimulationError(
      '/cohort/size',
      `at most ${mostPeople} people are walked; these are ${size}`,
    );
  const people: PersonAnswer[] = [];
  let done = 0;
  for (const traveller of travellers(request, plan, draw, from)) {
    const answer = walkPerson(world, traveller);
    if (detail === 'people') people.push(answer);
    done += 1;
    if (done % portion === 0) yield { done, of: size, partial: () => collector.summary(done) };
  }
  return {
    summary: collector.summary(done),
    ...(detail === 'people' ? { people } : {}),
    ...(detail === 'load' ? { load: collector.load() } : {}),
  };
}

/** Runs a simulation to its end. */
export function simulate(
  request: SimulationRequest,
  environment: SimulationEnvironment,
): SimulationAnswer {
  const walk = simulating(request, environment);
  for (;;) {
    const next = walk.next();
    if (next.done === true) return next.value;
  }
}

function* travellers(
  request: SimulationRequest,
  plan: Plan,
  draw: (text: string) => number,
  from: number,
): Generator<Traveller> {
  for (const [index, person] of (request.people ?? []).entries())
    yield travellerOf(person, plan, `/people/${index}`, from);
  if (request.cohort) yield* drawn(request.cohort, plan, draw, from);
}

function travellerOf(
  person: SimulatedPerson,
  plan: Plan,
  pointer: string,
  from: number,
): Traveller {
  const { type, key, ...attributes } = person.subject;
  // Whoever has no instant of entry comes in by an event.
  const eventInstantOf = (text: string, where: string) =>
    person.enters === undefined ? entryInstantOf(text, where, from) : instantOf(text, where);
  for (const step of Object.keys(person.actions ?? {}))
    checkStep(plan, step, `${pointer}/actions/${step}`);
  return {
    key,
    type: type ?? plan.subjectType,
    attributes,
    ...(person.enters === undefined
      ? {}
      : { enters: entryInstantOf(person.enters, `${pointer}/enters`, from) }),
    entry: person.entry ?? {},
    events: (person.events ?? []).map((event, index) => {
      const own = `${pointer}/events/${index}`;
      if (event.after) checkStep(plan, event.after.step, `${own}/after/step`);
      return {
        ...(event.at === undefined ? {} : { at: eventInstantOf(event.at, `${own}/at`) }),
        ...(event.after === undefined
          ? {}
          : {
              after: {
                step: event.after.step,
                delay: spanMs(event.after.delay, `${own}/after/delay`),
              },
            }),
        type: event.type,
        data: event.data ?? {},
      };
    }),
    changes: (person.changes ?? []).map((change, index) => ({
      at: instantOf(change.at, `${pointer}/changes/${index}/at`),
      set: change.set,
    })),
    consents: (person.consents ?? []).map((consent, index) => ({
      ...consent,
      at: instantOf(consent.at, `${pointer}/consents/${index}/at`),
      source: 'simulation',
    })),
    actions: Object.fromEntries(
      Object.entries(person.actions ?? {}).map(([step, list]) => [
        step,
        list.map((item, index) => {
          checkPort(plan, step, item.port, `${pointer}/actions/${step}/${index}/port`);
          return {
            port: item.port,
            takes: spanMs(item.takes ?? 'PT0S', `${pointer}/actions/${step}/${index}/takes`),
            ...(item.output === undefined ? {} : { output: item.output }),
          };
        }),
      ]),
    ),
  };
}

/** An instant at which somebody may come in: the simulation has begun. */
function entryInstantOf(text: string, pointer: string, from: number): number {
  const at = instantOf(text, pointer);
  if (at < from)
    throw new SimulationError(
      pointer,
      `'${text}' is before the simulation starts: enter then or later, or let it start earlier`,
    );
  return at;
}

function checkStep(plan: Plan, step: string, pointer: string): void {
  if (!Object.hasOwn(plan.steps, step))
    throw new SimulationError(pointer, `the journey has no step '${step}'`);
}

function checkPort(plan: Plan, id: string, port: string, pointer: string): void {
  const step = plan.steps[id];
  if (step?.kind !== 'action' && step?.kind !== 'call')
    throw new SimulationError(
      pointer,
      `step '${id}' is no action and no call: it has no outcome to be given`,
    );
  const ports = [...step.outcomes, ...givenBeside(step)];
  if (!ports.includes(port))
    throw new SimulationError(
      pointer,
      `step '${id}' has no port '${port}': use ${ports.join(', ')}`,
    );
}

/** What may be given besides an outcome. An action that is answered at once, and has no deadline, cannot time out. */
function givenBeside(step: PlanAction | PlanCall): string[] {
  if (step.kind === 'call') return ['failed'];
  const mayTimeOut = step.settles === 'later' || step.deadline !== undefined;
  return ['failed', ...(mayTimeOut ? ['timeout'] : []), 'suppressed'];
}

function* drawn(
  cohort: Cohort,
  plan: Plan,
  draw: (text: string) => number,
  from: number,
): Generator<Traveller> {
  const template = travellerOf(
    { ...cohort.template, subject: { ...cohort.template?.subject, key: '' } },
    plan,
    '/cohort/template',
    from,
  );
  const attributes = Object.entries(cohort.attributes ?? {}).map(
    ([name, rule]) => [name, attributeOf(rule, `/cohort/attributes/${name}`)] as const,
  );
  const enters = entersOf(cohort.enters, from);
  const digits = String(cohort.size).length;
  for (let index = 1; index <= cohort.size; index += 1) {
    const key = `p${String(index).padStart(digits, '0')}`;
    yield {
      ...template,
      key,
      attributes: {
        ...template.attributes,
        ...Object.fromEntries(
          attributes.map(([name, of]) => [name, of(draw(`${key}|attribute|${name}`))]),
        ),
      },
      enters: enters(draw(`${key}|enters`)),
    };
  }
}

/** A day that is given as a date is drawn from whole: its last instant is the end of it. */
function entersOf(enters: Cohort['enters'], start: number): (u: number) => number {
  if (typeof enters === 'string') {
    const at = entryInstantOf(enters, '/cohort/enters', start);
    return () => at;
  }
  const [first, last] = enters.uniform;
  const from = entryInstantOf(first, '/cohort/enters/uniform/0', start);
  const to = instantOf(last, '/cohort/enters/uniform/1') + (last.length === 10 ? 86_400_000 : 0);
  if (to < from) throw new SimulationError('/cohort/enters/uniform', 'ends before it begins');
  return (u) => Math.floor(from + (to - from) * u);
}

function outcomesOf(
  plan: Plan,
  behaviour: Behaviour | undefined,
  draw: (text: string) => number,
): Pick<World, 'outcome' | 'ending'> {
  const drawnOutcomes = new Map<
    string,
    (who: string, effect: string) => { port: string; takes: number } | undefined
  >();
  const rules = Object.entries(behaviour?.actions ?? {});
  // By `plugin/action` first: a step's own rule then takes its place.
  rules.sort(([one], [other]) => Number(other.includes('/')) - Number(one.includes('/')));
  for (const [name, weights] of rules) {
    const pointer = `/behaviour/actions/${name}`;
    const steps = stepsNamed(plan, name, pointer);
    const weighted = Object.entries(weights).map(([port, rule]) => {
      for (const step of steps) checkPort(plan, step, port, `${pointer}/${port}`);
      const { weight, takes } =
        typeof rule === 'number' ? { weight: rule, takes: undefined } : rule;
      return [{ port, takes: spanOf(takes, `${pointer}/${port}/takes`) }, weight] as const;
    });
    const choose = choiceOf(weighted, pointer);
    for (const step of steps) {
      drawnOutcomes.set(step, (who, effect) => {
        const chosen = choose(draw(`${who}|outcome|${effect}`));
        return chosen && { port: chosen.port, takes: chosen.takes(draw(`${who}|takes|${effect}`)) };
      });
    }
  }
  const said = (who: Traveller, { id }: PlanStep, visit: number): Outcome | undefined => {
    const given = who.actions[id];
    const item = given?.[Math.min(visit, given.length) - 1];
    if (item) return { port: item.port, takes: item.takes, output: item.output ?? {} };
    const chosen = drawnOutcomes.get(id)?.(who.key, `${id}#${visit}`);
    return chosen && { ...chosen, output: {} };
  };
  return {
    outcome: (who, step, visit) =>
      said(who, step, visit) ?? { port: step.outcomes[0] ?? '', takes: 0, output: {} },
    ending: said,
  };
}

/** The steps that a name of `behaviour` means: one step, or all that use a `plugin/action`. */
function stepsNamed(plan: Plan, name: string, pointer: string): string[] {
  if (!name.includes('/')) {
    checkStep(plan, name, pointer);
    return [name];
  }
  return Object.values(plan.steps).flatMap((step) =>
    step.kind === 'action' && `${step.plugin}/${step.action}` === name ? [step.id] : [],
  );
}

function followsOf(plan: Plan, behaviour: Behaviour | undefined): World['follows'] {
  const rules = new Map<string, Map<string, Following[]>>(); // by step and port
  for (const [type, given] of Object.entries(behaviour?.events ?? {})) {
    const list: EventRule[] = Array.isArray(given) ? given : [given];
    for (const [index, rule] of list.entries()) {
      const pointer = Array.isArray(given)
        ? `/behaviour/events/${type}/${index}`
        : `/behaviour/events/${type}`;
      const [name, port] = splitAt(rule.after);
      const following = {
        type,
        chance: rule.chance ?? 1,
        delay: spanOf(rule.delay, `${pointer}/delay`),
        data: rule.data ?? {},
      };
      for (const step of stepsNamed(plan, name, `${pointer}/after`)) {
        const ports = rules.get(step) ?? new Map<string, Following[]>();
        const known = ports.get(port) ?? [];
        const same = known.filter((other) => other.type === type).length;
        ports.set(port, [...known, { ...following, name: same === 0 ? type : `${type}/${same}` }]);
        rules.set(step, ports);
      }
    }
  }
  return (step, port) => rules.get(step)?.get(port) ?? [];
}

function splitAt(text: string): [string, string] {
  const place = text.lastIndexOf(':');
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
}

/** An action's configuration with what is computed in it; text templates stay as they are written. */
function computedInput(
  step: PlanAction,
  plan: Plan,
  state: RunState,
  attributes: JsonObject,
): Json {
  const scope = scopeOf(plan, { ...state, subject: { ...state.subject, attributes } }, state.at);
  const computed = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(computed);
    if (!isObject(value)) return value;
    const { cel } = value;
    if (typeof cel === 'string' && Object.keys(value).length === 1) {
      const answer = evaluate(cel, scope);
      return answer.ok ? answer.value : { fault: answer.message };
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, computed(item)]));
  };
  return computed(step.with);
}
