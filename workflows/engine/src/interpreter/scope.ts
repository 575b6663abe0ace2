import type { Scope } from '../expressions/evaluate.ts';
import type { Plan } from '../plan.ts';
import type { RecentEvent, RunState } from '../run.ts';
import { instantText } from '../time/instants.ts';

/** What expressions of a run see at an instant; `event` only in an event's condition. */
export function scopeOf(plan: Plan, state: RunState, at: number, event?: RecentEvent): Scope {
  return new RunScope(plan, state, at, event) as unknown as Scope;
}

/** The same as a plain object, for what looks for own properties only, as text templates do. */
export function plainScopeOf(plan: Plan, state: RunState, at: number): Scope {
  const { subject, entry, vars, steps, run, now } = scopeOf(plan, state, at);
  return { subject, entry, vars, steps, run, now };
}

/** Each name is made when an expression reads it: most read one or two of them. */
class RunScope {
  readonly #plan: Plan;
  readonly #state: RunState;
  readonly #at: number;
  readonly #event: RecentEvent | undefined;

  constructor(plan: Plan, state: RunState, at: number, event: RecentEvent | undefined) {
    this.#plan = plan;
    this.#state = state;
    this.#at = at;
    this.#event = event;
  }

  get subject(): Record<string, unknown> {
    const { attributes, type, key } = this.#state.subject;
    return { ...attributes, type, key };
  }

  get entry(): unknown {
    return this.#state.entry;
  }

  get vars(): unknown {
    return this.#state.vars;
  }

  get steps(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#state.passages).map(([step, passage]) => [
        step,
        { ...passage, at: new Date(passage.at) },
      ]),
    );
  }

  get run(): Record<string, unknown> {
    const { runId, key, startedAt } = this.#state;
    return { id: runId, key, startedAt: new Date(startedAt), journey: this.#plan.journey };
  }

  get now(): Date {
    return new Date(this.#at);
  }

  get event(): Record<string, unknown> | undefined {
    return this.#event && eventView(this.#event);
  }
}

/** An event as expressions and `steps["…"].output` show it. */
export function eventView(event: Omit<RecentEvent, 'released'>): Record<string, unknown> {
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    ...(event.time === undefined ? {} : { time: event.time }),
    acceptedAt: instantText(event.acceptedAt),
    data: event.data,
  };
}

/** The zone a run reckons in: its subject's, else the plan's. */
export function zoneOf(plan: Plan, state: RunState, isZone: (zone: string) => boolean): string {
  const own = state.subject.attributes['timeZone'];
  return typeof own === 'string' && isZone(own) ? own : plan.timeZone;
}
