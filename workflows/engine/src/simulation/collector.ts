import type { Plan, PlanAction } from '../plan.ts';
import type { RunState } from '../run.ts';
import { createQuantiles, type Quantiles } from './quantiles.ts';

// Counts over all people, in memory that depends on the journey and the time simulated, not on the number of people.

export interface StepSummary {
  entered: number;
  left: Record<string, number>;
  incidents: number;
  /** How long people were inside, in milliseconds, of those who left. */
  inside: { p50: number; p90: number; p99: number } | null;
}

export interface Summary {
  people: number;
  entered: number;
  refused: Record<string, number>;
  ended: Record<string, number>;
  open: number;
  goals: Record<string, number>;
  steps: Record<string, StepSummary>;
  /** Connected ports that nobody took. */
  neverTaken: { step: string; port: string }[];
  /** Where people are at the end of each month (UTC), and at the end of the simulation. */
  months: { at: string; here: Record<string, number>; ended: Record<string, number> }[];
}

export interface ActionLoad {
  action: string;
  connection: string;
  total: number;
  /** Count by day (UTC), without the days on which there were none. */
  days: Record<string, number>;
  peakDay: { at: string; count: number };
  hours?: Record<string, number>;
  peakHour?: { at: string; count: number };
}

/** Gathers what happens to people. */
export interface Collector {
  entered(): void;
  refused(reason: string): void;
  enteredStep(step: string, at: number): void;
  leftStep(step: string, port: string, insideMs: number): void;
  incident(step: string): void;
  performed(step: PlanAction, at: number): void;
  /** One person is done: ended, or still open. */
  ended(state: RunState): void;
  summary(people: number): Summary;
  load(): ActionLoad[];
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** An empty collector. */
export function createCollector(
  plan: Plan,
  from: number,
  until: number,
  byHour: boolean,
): Collector {
  const steps = new Map<
    string,
    { entered: number; left: Map<string, number>; incidents: number; inside: Quantiles }
  >();
  for (const id of Object.keys(plan.steps))
    steps.set(id, { entered: 0, left: new Map(), incidents: 0, inside: createQuantiles() });
  const refused = new Map<string, number>();
  const ended = new Map<string, number>();
  const goals = new Map<string, number>();
  const loads = new Map<string, Map<number, number>>();
  const loadOfStep = new Map<PlanAction, Map<number, number>>();
  const months = monthEnds(from, until).map((at) => ({
    at,
    here: new Map<string, number>(),
    ended: new Map<string, number>(),
  }));
  let entries = 0;
  let open = 0;
  /** Steps that the person under way was in, in order: where they stood at each month's end. */
  let walk: { step: string; at: number }[] = [];

  return {
    entered: () => void (entries += 1),
    refused: (reason) => add(refused, reason),
    enteredStep(step, at) {
      walk.push({ step, at });
      const known = steps.get(step);
      if (known) known.entered += 1;
    },
    leftStep(step, port, insideMs) {
      const known = steps.get(step);
      if (!known) return;
      add(known.left, port);
      known.inside.add(insideMs);
    },
    incident(step) {
      const known = steps.get(step);
      if (known) known.incidents += 1;
    },
    performed(step, at) {
      let hours = loadOfStep.get(step);
      if (!hours) {
        const key = `${step.plugin}/${step.action}\n${step.connection ?? 'default'}`;
        hours = loads.get(key) ?? new Map<number, number>();
        loads.set(key, hours);
        loadOfStep.set(step, hours);
      }
      add(hours, Math.floor(at / hourMs));
    },
    ended(state) {
      if (state.status === 'ended') add(ended, state.outcome ?? '');
      else open += 1;
      for (const goal of state.goals) add(goals, goal.id);
      let place = 0;
      for (const month of months) {
        if (month.at < state.startedAt) continue;
        while ((walk[place + 1]?.at ?? Infinity) <= month.at) place += 1;
        if (state.endedAt !== undefined && state.endedAt <= month.at)
          add(month.ended, state.outcome ?? '');
        else add(month.here, walk[place]?.step ?? '');
      }
      walk = [];
    },
    summary: (people) => ({
      people,
      entered: entries,
      refused: sorted(refused),
      ended: sorted(ended),
      open,
      goals: sorted(goals),
      steps: Object.fromEntries(
        [...steps].map(([id, step]) => [
          id,
          {
            entered: step.entered,
            left: sorted(step.left),
            incidents: step.incidents,
            inside: quantilesOf(step.inside),
          },
        ]),
      ),
      neverTaken: Object.values(plan.steps).flatMap((step) =>
        Object.keys(step.to)
          .filter((port) => !steps.get(step.id)?.left.has(port))
          .map((port) => ({ step: step.id, port })),
      ),
      months: months.map((month) => ({
        at: new Date(month.at).toISOString(),
        here: sorted(month.here),
        ended: sorted(month.ended),
      })),
    }),
    load: () =>
      [...loads]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, hours]) => loadOf(key, hours, byHour)),
  };
}

/** Counts one more. */
function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** By name, so that the order of people says nothing. */
function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function quantilesOf(inside: Quantiles): StepSummary['inside'] {
  const [p50, p90, p99] = [inside.at(0.5), inside.at(0.9), inside.at(0.99)];
  return p50 === undefined || p90 === undefined || p99 === undefined ? null : { p50, p90, p99 };
}

function loadOf(key: string, byTheHour: ReadonlyMap<number, number>, byHour: boolean): ActionLoad {
  const [action = '', connection = ''] = key.split('\n');
  const days = new Map<string, number>();
  const hours = new Map<string, number>();
  let total = 0;
  for (const [hour, count] of [...byTheHour].sort(([one], [other]) => one - other)) {
    total += count;
    const day = new Date(Math.floor((hour * hourMs) / dayMs) * dayMs).toISOString().slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + count);
    hours.set(new Date(hour * hourMs).toISOString(), count);
  }
  return {
    action,
    connection,
    total,
    days: Object.fromEntries(days),
    peakDay: peakOf(days),
    ...(byHour ? { hours: Object.fromEntries(hours), peakHour: peakOf(hours) } : {}),
  };
}

function peakOf(counts: ReadonlyMap<string, number>): { at: string; count: number } {
  let peak = { at: '', count: 0 };
  for (const [at, count] of counts) if (count > peak.count) peak = { at, count };
  return peak;
}

/** The last millisecond of each month from one instant to another, and that other; at most 600. */
function monthEnds(from: number, until: number): number[] {
  const ends: number[] = [];
  const start = new Date(from);
  for (let month = 1; ends.length < 600; month += 1) {
    const end = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month, 1) - 1;
    if (end + 1 >= until) break;
    ends.push(end);
  }
  return [...ends, until];
}
