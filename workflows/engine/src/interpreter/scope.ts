import type { Scope } from '../expressions/evaluate.ts';
import type { Plan } from '../plan.ts';
import type { RecentEvent, RunState } from '../run.ts';

/** What expressions of a run see at an instant; `event` only in an event's condition. */
export function scopeOf(plan: Plan, state: RunState, at: number, event?: RecentEvent): Scope {
  return {
    subject: { ...state.subject.attributes, type: state.subject.type, key: state.subject.key },
    entry: state.entry,
    vars: state.vars,
    steps: Object.fromEntries(
      Object.entries(state.passages).map(([step, passage]) => [
        step,
        { ...passage, at: new Date(passage.at) },
      ]),
    ),
    run: {
      id: state.runId,
      key: state.key,
      startedAt: new Date(state.startedAt),
      journey: plan.journey,
    },
    now: new Date(at),
    ...(event ? { event: eventView(event) } : {}),
  };
}

/** An event as expressions and `steps["…"].output` show it. */
export function eventView(event: Omit<RecentEvent, 'released'>): Record<string, unknown> {
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    ...(event.time === undefined ? {} : { time: event.time }),
    acceptedAt: new Date(event.acceptedAt).toISOString(),
    data: event.data,
  };
}

/** The zone a run reckons in: its subject's, else the plan's. */
export function zoneOf(plan: Plan, state: RunState, isZone: (zone: string) => boolean): string {
  const own = state.subject.attributes['timeZone'];
  return typeof own === 'string' && isZone(own) ? own : plan.timeZone;
}
