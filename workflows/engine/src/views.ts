import type { JsonObject } from './plan.ts';
import type { Effect, RunEvent, RunState, Token } from './run.ts';

// What others read from a state without knowing how it is made.

/** The name of an effect: `stepId#visit`, and `stepId#visit!n` when an operator edited it for the n-th time. */
export function effectName({
  step,
  visit,
  edited,
}: Pick<Token, 'step' | 'visit' | 'edited'>): string {
  return edited === undefined ? `${step}#${visit}` : `${step}#${visit}!${edited.times}`;
}

/** The step and visit that an effect's name says. */
export function effectPlace(effect: string): { step: string; visit: number } {
  const [step = '', visit = ''] = effect.split('#');
  return { step, visit: Number.parseInt(visit, 10) };
}

/** What a step's action or call is given: the designer's fields, and in their place those that an operator edited. */
export function inputOf(own: JsonObject, { edited }: Pick<Token, 'edited'>): JsonObject {
  if (edited === undefined) return own;
  const fields = Object.entries({ ...own, ...edited.input });
  return Object.fromEntries(fields.filter(([, value]) => value !== null));
}

/** Whether nothing leaves a step: an operator holds the run, or its journey is frozen. */
export function isStill(state: RunState): boolean {
  return state.status === 'held' || state.frozen === true;
}

/** The earliest instant at which something is due by itself; undefined when only an event can move the run. */
export function nextWakeAt(state: RunState): number | undefined {
  if (isStill(state) || state.status === 'ended') return undefined;
  let earliest: number | undefined;
  for (const token of state.tokens) {
    const due = dueAt(token);
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}

/** When a token is due by itself. */
export function dueAt(token: Token): number | undefined {
  switch (token.doing.type) {
    case 'waiting': {
      let first: number | undefined;
      for (const { at } of token.doing.alternatives) first = earlier(first, at);
      return first;
    }
    case 'deferred':
    case 'accepted':
      return earlier(token.doing.until, token.deadlineAt);
    case 'performing':
      return token.deadlineAt;
    case 'joining':
    case 'incident':
    case 'ready':
      return undefined;
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** The effects a run has asked for and not been answered: what a host must be doing after it lost its memory. */
export function outstandingEffects(state: RunState): Extract<Effect, { type: 'perform' }>[] {
  if (state.status === 'ended') return [];
  return state.tokens.flatMap((token) =>
    token.doing.type === 'performing'
      ? [
          {
            type: 'perform' as const,
            effect: effectName(token),
            step: token.step,
            visit: token.visit,
            ...(token.doing.call === undefined ? {} : { call: token.doing.call }),
          },
        ]
      : [],
  );
}

/**
 * Whether a command came before the answer that it is about. What an effect came to is seen in our store a moment before
 * its run hears of it: an operator, or a program, may answer an incident that the run does not stand in yet.
 */
export function isTooEarly(state: RunState, event: RunEvent): boolean {
  if (event.type !== 'command.given') return false;
  const { type, step, visit } = event.command;
  if (type !== 'retry' && type !== 'skip') return false;
  const meant = state.tokens.filter(
    (token) =>
      (step === undefined || token.step === step) && (visit === undefined || token.visit === visit),
  );
  return (
    meant.some((token) => token.doing.type === 'performing') &&
    !meant.some((token) => token.doing.type === 'incident')
  );
}

/** Where a run stands, for lists and counts: one position a token. */
export interface Position {
  step: string;
  visit: number;
  since: number;
  until?: number;
  /** In a few words of our own: an event type, `effect`, `callback`, `person`, `resume`. */
  waitingFor?: string;
}

/** The positions of a run, as lists and counts show them. */
export function positionsOf(state: RunState): Position[] {
  return state.tokens.map((token) => {
    const until = dueAt(token);
    const waitingFor = waitingForOf(token);
    return {
      step: token.step,
      visit: token.visit,
      since: token.since,
      ...(until === undefined ? {} : { until }),
      ...(waitingFor === undefined ? {} : { waitingFor }),
    };
  });
}

function waitingForOf(token: Token): string | undefined {
  switch (token.doing.type) {
    case 'waiting': {
      const events = token.doing.alternatives.flatMap((alternative) => alternative.event ?? []);
      return events.length === 0 ? undefined : events.join(' ');
    }
    case 'performing':
      return 'effect';
    case 'accepted':
      return 'callback';
    case 'joining':
      return 'join';
    case 'incident':
      return 'person';
    case 'ready':
      return 'resume';
    case 'deferred':
      return 'deferral';
  }
}

/** What stops a run at a step until a person decides. */
export interface RunIncident {
  id: string;
  step: string;
  visit: number;
  code: string;
  /** The same for incidents alike: by journey, step and cause. */
  fingerprint: string;
  detail: string;
  at: number;
}

/** The incidents a run stands in. */
export function incidentsOf(state: RunState): RunIncident[] {
  return state.tokens.flatMap((token) =>
    token.doing.type === 'incident'
      ? { ...token.doing.incident, step: token.step, visit: token.visit }
      : [],
  );
}
