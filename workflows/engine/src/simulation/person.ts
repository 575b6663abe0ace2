import { entryByHand, entryOfEvent, type EntryAnswer } from '../entry.ts';
import { initialState } from '../interpreter/start.ts';
import { transition } from '../interpreter/transition.ts';
import { pick } from '../json.ts';
import type { Json, JsonObject, Plan, PlanAction, PlanCall } from '../plan.ts';
import type { CallRequest, Effect, RunEvent, RunState, TrailEntry } from '../run.ts';
import { decide, type Contact, type ContactAnswer } from '../policies/index.ts';
import { zoneOf } from '../interpreter/scope.ts';
import { parseDuration } from '../time/duration.ts';
import { addDuration, instantText, isZone } from '../time/instants.ts';
import { nextWakeAt } from '../views.ts';
import type { Agenda, AgendaItem } from './agenda.ts';
import { createAgenda } from './agenda.ts';
import type { Traveller } from './traveller.ts';
import type { Outcome, World } from './world.ts';

// One person walked in virtual time, over the same `transition` as on Temporal.
//
//   V1. Of things at the same instant, what was asked for first happens first; what the engine itself has due at that
//       instant is the engine's to order.
//   V2. A called run is walked beside its caller, unless how it ends is given. Events reach every open run of the person.
//   V3. A called run may be about somebody else, of whom nothing is known: no attributes, no consents, no contacts but those
//       of this walk.
//   V4. More than 5,000 transitions of one person at one instant stop the walk there, with an incident: the engine
//       bounds the visits of a step in each run, and not how many runs call each other.

const mostAtOnce = 5_000;

export interface PathEntry {
  step: string;
  visit: number;
  enteredAt: string;
  port?: string;
  /** Which alternative of a wait, counted from 1, where several share the port. */
  alternative?: number;
  leftAt?: string;
  /** By which ways a parallel step was left; `port` is the first of them. */
  ways?: string[];
}

/** What became of one person. */
export interface PersonAnswer {
  key: string;
  entered: string | null;
  outcome: string | null;
  endedAt: string | null;
  refused?: { reason: string; detail: string };
  path: PathEntry[];
  effects: { step: string; visit: number; action: string; at: string; input: Json }[];
  policy: {
    step: string;
    visit: number;
    at: string;
    answer: string;
    until?: string;
    because: JsonObject;
  }[];
  goals: { id: string; at: string }[];
  incidents: { step: string; visit: number; at: string; code: string; detail: string }[];
}

interface SimulatedRun {
  plan: Plan;
  state: RunState;
  /** The run that called it, and by which effect. */
  caller?: { run: SimulatedRun; effect: string };
  isMain: boolean;
  /** What it was last told of its subject, and of which attributes that was picked. */
  known: { of: JsonObject; picked: JsonObject };
}

/** A step that the person is in, since when, and its place on the path. */
interface Standing {
  step: string;
  visit: number;
  at: number;
  path: PathEntry | undefined;
}

const nothing: JsonObject = {};

/** Walks one person to the end, or to the simulation's. Never throws on what a document may do. */
export function walkPerson(world: World, traveller: Traveller): PersonAnswer {
  return new Walk(world, traveller).go();
}

class Walk {
  private readonly world: World;
  private readonly who: Traveller;
  private readonly agenda: Agenda<Happening> = createAgenda();
  private readonly runs: SimulatedRun[] = [];
  private readonly answer: PersonAnswer;
  /** The steps that the person is in: few at once, so a list is quicker to look through than a map of names. */
  private readonly open: Standing[] = [];
  private readonly scheduled = new Set<number>();
  private attributes: JsonObject;
  private readonly contacts = new Map<string, Contact[]>();
  private atOnce = { at: NaN, count: 0 };
  private isStopped = false;
  private count = 0;

  constructor(world: World, traveller: Traveller) {
    this.world = world;
    this.who = traveller;
    this.attributes = merged({}, traveller.attributes);
    this.answer = {
      key: traveller.key,
      entered: null,
      outcome: null,
      endedAt: null,
      path: [],
      effects: [],
      policy: [],
      goals: [],
      incidents: [],
    };
  }

  go(): PersonAnswer {
    const { enters, changes, events } = this.who;
    for (const change of changes) this.agenda.add(change.at, { type: 'change', set: change.set });
    if (enters !== undefined) this.agenda.add(enters, { type: 'enter' });
    for (const event of events) {
      if (event.at !== undefined)
        this.agenda.add(event.at, { type: 'event', name: event.type, data: event.data });
    }
    while (!this.isStopped) {
      const next = this.agenda.peek();
      const due = this.earliestDue();
      if (due && (!next || due.at < next.at)) {
        if (due.at > this.world.until) break;
        this.handle(due.run, { type: 'timer.fired', at: due.at });
        continue;
      }
      if (!next || next.at > this.world.until) break;
      this.agenda.take();
      this.happen(next);
    }
    const main = this.runs[0];
    if (main) this.world.collector.ended(main.state);
    else if (this.answer.refused) this.world.collector.refused(this.answer.refused.reason);
    return this.finished(main);
  }

  private finished(main: SimulatedRun | undefined): PersonAnswer {
    const { answer } = this;
    if (!main) return answer;
    if (main.state.status === 'ended') {
      answer.outcome = main.state.outcome ?? null;
      answer.endedAt = instantText(main.state.endedAt ?? main.state.at);
    }
    answer.goals = main.state.goals.map(({ id, at }) => ({ id, at: instantText(at) }));
    return answer;
  }

  private earliestDue(): { run: SimulatedRun; at: number } | undefined {
    let found: { run: SimulatedRun; at: number } | undefined;
    for (const run of this.runs) {
      const at = nextWakeAt(run.state);
      if (at !== undefined && (!found || at < found.at)) found = { run, at };
    }
    return found;
  }

  private happen({ at, item }: AgendaItem<Happening>): void {
    switch (item.type) {
      case 'enter':
        return this.enter(at, this.byHand(at));
      case 'change': {
        this.attributes = merged(this.attributes, item.set);
        for (const run of this.openRuns()) {
          this.handle(run, {
            type: 'subject.changed',
            at,
            id: this.nextId('change'),
            attributes: this.known(run),
          });
        }
        return;
      }
      case 'event':
        return this.hear(at, item.name, item.data);
      case 'answer':
        item.event.subject = this.known(item.run);
        return this.handle(item.run, item.event);
    }
  }

  private openRuns(): SimulatedRun[] {
    return this.runs.filter((run) => run.state.status !== 'ended' && this.isOwn(run.state.subject));
  }

  /** Whether this is the person that is walked. */
  private isOwn({ type, key }: { type: string; key: string }): boolean {
    return type === this.who.type && key === this.who.key;
  }

  private attributesOf(run: SimulatedRun): JsonObject {
    return this.isOwn(run.state.subject) ? this.attributes : nothing; // V3
  }

  /** What a run knows of its subject. The very same object while nothing changes, so that nobody looks for a difference. */
  private known(run: SimulatedRun): JsonObject {
    const attributes = this.attributesOf(run);
    if (run.known.of !== attributes)
      run.known = { of: attributes, picked: pick(attributes, run.plan.reads) };
    return run.known.picked;
  }

  private hear(at: number, type: string, data: JsonObject): void {
    const id = this.nextId('event');
    const open = this.openRuns();
    for (const run of open) {
      if (!run.plan.listens.includes(type)) continue;
      this.handle(run, {
        type: 'event.received',
        at,
        id,
        event: { id, type, source: 'simulation', acceptedAt: at, data },
      });
    }
    if (this.runs.length > 0 || this.who.enters !== undefined) return;
    const answer = entryOfEvent(
      this.world.plan,
      { id, type, source: 'simulation', data },
      this.subject(),
    );
    if (answer.type !== 'not-for-us') this.enter(at, answer, { event: type, id });
  }

  private subject(): { type: string; key: string; attributes: JsonObject } {
    return { type: this.who.type, key: this.who.key, attributes: this.attributes };
  }

  /** Entry at a given instant: by hand where the journey lets people in so, else as by its first event. */
  private byHand(at: number): EntryAnswer {
    const { plan } = this.world;
    const event = plan.entry.find((trigger) => trigger.on === 'event');
    if (plan.entry.some((trigger) => trigger.on === 'manual') || event?.on !== 'event')
      return entryByHand(plan, this.subject(), this.who.entry);
    return entryOfEvent(
      plan,
      {
        id: 'entry',
        type: event.event,
        source: 'simulation',
        time: instantText(at),
        data: this.who.entry,
      },
      this.subject(),
    );
  }

  private enter(at: number, answer: EntryAnswer, cause?: { event: string; id: string }): void {
    if (answer.type !== 'enters') {
      const refused =
        answer.type === 'refused'
          ? { reason: answer.reason, detail: answer.detail }
          : { reason: 'not-for-us', detail: 'no trigger matches' };
      this.answer.refused = refused;
      return;
    }
    if (this.answer.refused) delete this.answer.refused;
    const run = this.begin(this.world.plan, at, answer.key, this.subject(), answer.entry);
    this.answer.entered = instantText(at);
    this.world.collector.entered();
    this.handle(run, { type: 'run.started', at, ...(cause ? { cause } : {}) });
  }

  private begin(
    plan: Plan,
    at: number,
    key: string,
    subject: { type: string; key: string; attributes: JsonObject },
    entry: JsonObject,
    caller?: SimulatedRun['caller'],
  ): SimulatedRun {
    const state = initialState(plan, {
      runId: `${this.who.key}.${this.runs.length}`,
      key,
      subject,
      entry,
      at,
    });
    const run: SimulatedRun = {
      plan,
      state,
      known: { of: subject.attributes, picked: state.subject.attributes },
      isMain: this.runs.length === 0,
      ...(caller ? { caller } : {}),
    };
    this.runs.push(run);
    return run;
  }

  private handle(run: SimulatedRun, event: RunEvent): void {
    if (this.isEndless(event.at)) return;
    const before = run.state;
    const next = transition(run.plan, before, event);
    if (next.state === before) return;
    run.state = next.state;
    if (run.isMain) for (const entry of next.trail) this.noted(entry);
    for (const effect of next.effects) this.asked(run, effect);
    if (before.status !== 'ended' && next.state.status === 'ended') this.endedRun(run);
  }

  /** Whether there is no end to what happens at one instant: then an incident says so, and the walk stops (V4). */
  private isEndless(at: number): boolean {
    if (this.isStopped) return true;
    if (this.atOnce.at !== at) this.atOnce = { at, count: 0 };
    this.atOnce.count += 1;
    if (this.atOnce.count <= mostAtOnce) return false;
    this.isStopped = true;
    const { step = this.world.plan.start, visit = 1 } = this.runs[0]?.state.tokens[0] ?? {};
    this.incident(step, visit, at, {
      code: 'loop-without-progress',
      detail: `more than ${mostAtOnce} things happen at this instant: let something take time, in the journey or in what the request says follows`,
    });
    return true;
  }

  private incident(step: string, visit: number, at: number, because: JsonObject): void {
    this.world.collector.incident(step);
    if (this.world.detail !== 'people') return;
    const [code, detail] = [textOf(because['code']), textOf(because['detail'])];
    this.answer.incidents.push({ step, visit, at: instantText(at), code, detail });
  }

  /** What the trail says, as path and counts. */
  private noted(entry: TrailEntry): void {
    const { collector } = this.world;
    const { step, visit = 0 } = entry;
    if (step === undefined) return;
    switch (entry.what) {
      case 'entered': {
        collector.enteredStep(step, entry.at);
        const path = this.onPath(step, visit, entry.at);
        const plan = this.world.plan.steps[step];
        if (plan?.kind !== 'end') this.open.push({ step, visit, at: entry.at, path });
        else if (path) Object.assign(path, { port: plan.outcome, leftAt: path.enteredAt });
        if (visit === 1) this.followStep(step, entry.at);
        return;
      }
      case 'left': {
        const port = textOf(entry.because['port']);
        const place = this.open.findLastIndex((item) => item.step === step && item.visit === visit);
        const entered = this.open[place];
        // A parallel step is left by each of its ports; its path shows the first as `port`, and all as `ways`.
        const forks = this.world.plan.steps[step]?.kind === 'parallel';
        if (!forks && place === this.open.length - 1) this.open.pop();
        else if (!forks && entered) this.open.splice(place, 1);
        else if (entered?.path) (entered.path.ways ??= []).push(port);
        if (entered) {
          if (entered.path && entered.path.port === undefined)
            Object.assign(entered.path, {
              port,
              leftAt: instantText(entry.at),
              ...('alternative' in entry.because
                ? { alternative: entry.because['alternative'] }
                : {}),
            });
          collector.leftStep(step, port, entry.at - entered.at);
        }
        return this.followPort(step, visit, port, entry.at);
      }
      case 'incident':
        return this.incident(step, visit, entry.at, entry.because);
      default:
        return;
    }
  }

  private onPath(step: string, visit: number, at: number): PathEntry | undefined {
    if (this.world.detail !== 'people') return undefined;
    const path: PathEntry = { step, visit, enteredAt: instantText(at) };
    this.answer.path.push(path);
    return path;
  }

  /** Events that this person brings so long after a step is first entered. */
  private followStep(step: string, at: number): void {
    for (const [index, event] of this.who.events.entries()) {
      if (event.after?.step !== step || this.scheduled.has(index)) continue;
      this.scheduled.add(index);
      this.agenda.add(at + event.after.delay, {
        type: 'event',
        name: event.type,
        data: event.data,
      });
    }
  }

  /** Events that follow by chance when a step is left by a port. */
  private followPort(step: string, visit: number, port: string, at: number): void {
    for (const rule of this.world.follows(step, port)) {
      const name = `${this.who.key}|${rule.name}|${step}#${visit}`;
      if (this.world.draw(`${name}|chance`) >= rule.chance) continue;
      const delay = rule.delay(this.world.draw(`${name}|delay`));
      this.agenda.add(at + delay, { type: 'event', name: rule.type, data: rule.data });
    }
  }

  private asked(run: SimulatedRun, effect: Effect): void {
    if (effect.type === 'cancel') {
      const called = this.runs.find(
        ({ caller }) => caller?.run === run && caller.effect === effect.effect,
      );
      if (called) {
        const command = {
          type: 'end',
          by: 'caller',
          reason: 'the caller went on',
          outcome: 'cancelled',
        } as const;
        this.handle(called, {
          type: 'command.given',
          at: run.state.at,
          id: this.nextId('cancel'),
          command,
        });
      }
      return;
    }
    const step = run.plan.steps[effect.step];
    if (step?.kind === 'action') return this.perform(run, step, effect);
    if (step?.kind === 'call' && effect.call) this.callRun(run, step, effect, effect.call);
  }

  private perform(run: SimulatedRun, step: PlanAction, effect: Effect): void {
    const { world } = this;
    const { at } = run.state;
    const name = effect.effect;
    const verdict = this.mayContact(run, step, effect);
    if (verdict.answer !== 'allow') {
      if (world.detail === 'people')
        this.answer.policy.push({
          step: effect.step,
          visit: effect.visit,
          at: instantText(at),
          answer: verdict.answer,
          ...(verdict.answer === 'defer' ? { until: instantText(verdict.until) } : {}),
          because: verdict.because,
        });
      const { because } = verdict;
      if (verdict.answer === 'suppress')
        return this.answers(run, { type: 'effect.suppressed', at, effect: name, because });
      const { until } = verdict;
      return this.answers(run, { type: 'effect.deferred', at, effect: name, until, because });
    }
    if (world.detail === 'people') {
      const input = world.input(step, run.plan, run.state, this.attributesOf(run));
      this.answer.effects.push({
        step: effect.step,
        visit: effect.visit,
        action: `${step.plugin}/${step.action}`,
        at: instantText(at),
        input,
      });
    }
    world.collector.performed(step, at);
    const outcome = run.isMain ? world.outcome(this.who, step, effect.visit) : first(step);
    const later = at + outcome.takes;
    switch (outcome.port) {
      case 'failed':
        return this.answers(run, {
          type: 'effect.failed',
          at: later,
          effect: name,
          code: 'simulated',
          kind: 'permanent',
          detail: 'the simulation lets it fail',
          attempts: step.retry.attempts,
        });
      case 'suppressed':
        return this.answers(run, {
          type: 'effect.suppressed',
          at: later,
          effect: name,
          because: { code: 'simulated' },
        });
      default:
        if (step.settles === 'later')
          this.answers(run, {
            type: 'effect.accepted',
            at,
            effect: name,
            reference: `${this.who.key}/${name}`,
          });
        if (outcome.port === 'timeout') return; // nobody answers: the time-out or the deadline is the engine's
        return this.answers(run, {
          type: 'effect.settled',
          at: later,
          effect: name,
          outcome: outcome.port,
          output: outcome.output,
        });
    }
  }

  /** What comes of an effect, at the event's instant. What is known of the subject then is added then. */
  private answers(run: SimulatedRun, event: EffectEvent): void {
    this.agenda.add(event.at, { type: 'answer', run, event });
  }

  /** Asks the policies before a contact, and keeps what caps count. */
  private mayContact(run: SimulatedRun, step: PlanAction, effect: Effect): ContactAnswer {
    const consents = this.isOwn(run.state.subject) ? this.who.consents : []; // V3
    const { plan, state } = run;
    const { at } = state;
    const expiresAt = expiryOf(run, step, effect);
    const isFree = this.world.policies.length + consents.length === 0; // then it can be too late only
    if (!step.contact || (isFree && (expiresAt === undefined || at <= expiresAt)))
      return { answer: 'allow', counts: false };
    const about = `${state.subject.type}/${state.subject.key}`;
    const contacts = this.contacts.get(about) ?? [];
    const contact = { journey: plan.journey, channel: step.channel, purpose: step.purpose };
    const answer = decide(
      {
        ...contact,
        name: `${state.runId}/${effect.effect}`,
        expiresAt,
      },
      {
        at,
        timeZone: plan.timeZone,
        subject: this.attributesOf(run),
        consents: consents.filter((consent) => consent.at <= at),
        policies: this.world.policies,
        contacts,
      },
    );
    if (answer.answer === 'allow' && answer.counts)
      this.contacts.set(about, [...contacts, { ...contact, at }]);
    return answer;
  }

  private callRun(run: SimulatedRun, step: PlanCall, effect: Effect, call: CallRequest): void {
    const { at } = run.state;
    const ending = run.isMain ? this.world.ending(this.who, step, effect.visit) : undefined;
    if (ending) return this.endCall(run, effect.effect, ending);
    const plan = this.world.called(step.planHash);
    const child = this.begin(
      plan,
      at,
      `${run.state.runId}/${effect.effect}`,
      { ...call.subject, attributes: this.isOwn(call.subject) ? this.attributes : nothing },
      call.entry,
      { run, effect: effect.effect },
    );
    this.handle(run, {
      type: 'effect.accepted',
      at,
      effect: effect.effect,
      reference: child.state.runId,
    });
    this.handle(child, { type: 'run.started', at });
  }

  /** A called run of which only the end is said. */
  private endCall(run: SimulatedRun, effect: string, { port, takes, output }: Outcome): void {
    const { at } = run.state;
    this.handle(run, { type: 'effect.accepted', at, effect, reference: effect });
    this.answers(run, {
      ...{ type: 'effect.settled', at: at + takes, effect },
      ...{ outcome: port, output },
    });
  }

  private endedRun(run: SimulatedRun): void {
    if (!run.caller) return;
    const { outcome = '', runId, at } = run.state;
    const { effect } = run.caller;
    this.answers(run.caller.run, {
      ...{ type: 'effect.settled', at, effect },
      ...{ outcome, output: { run: runId, outcome } },
    });
  }

  private nextId(kind: string): string {
    this.count += 1;
    return `${kind}-${this.count}`;
  }
}

type Happening =
  | { type: 'enter' }
  | { type: 'change'; set: JsonObject }
  | { type: 'event'; name: string; data: JsonObject }
  | { type: 'answer'; run: SimulatedRun; event: EffectEvent };

/** After which instant an effect is too late. */
function expiryOf({ plan, state }: SimulatedRun, step: PlanAction, effect: Effect) {
  const expires = step.expires === undefined ? undefined : parseDuration(step.expires);
  if (expires === undefined) return undefined;
  const token = state.tokens.find(
    (item) => item.step === effect.step && item.visit === effect.visit,
  );
  return token && addDuration(token.since, expires, zoneOf(plan, state, isZone));
}

type EffectEvent = Extract<RunEvent, { effect: string }>;
/** What an action of a called journey comes to: what is said of a step is said of the main journey's. */
function first({ outcomes }: PlanAction): Outcome {
  return { port: outcomes[0] ?? '', takes: 0, output: {} };
}

/** A JSON merge patch on the attributes themselves: null takes one away. */
function merged(attributes: JsonObject, set: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries({ ...attributes, ...set }).filter(([, value]) => value !== null),
  );
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
