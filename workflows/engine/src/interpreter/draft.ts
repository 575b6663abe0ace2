import type { JsonObject, Plan } from '../plan.ts';
import type { Effect, RunState, Token, TrailEntry, TrailWord } from '../run.ts';

// A transition works on a copy of the state: tokens are copied at its start, other parts when they are first written to.
// Lists are never written to; they are replaced.

type OwnPart = 'visits' | 'passages' | 'rounds';

/** A run while one event is being handled. */
export interface Draft {
  plan: Plan;
  /** The instant of this transition. */
  at: number;
  state: RunState;
  effects: Effect[];
  trail: TrailEntry[];
  /** Steps entered in this transition, for the guard against loops without progress. */
  entered: number;
  /** The parts of the state that are copies already: the others are still those of the state before. */
  own: Set<OwnPart>;
  /** Set by whatever changes the state; without it the event changed nothing. */
  changed: boolean;
}

/** A copy of the state to work on at an instant that is never before an earlier one. */
export function draftOf(plan: Plan, state: RunState, at: number): Draft {
  const now = Math.max(at, state.at);
  return {
    plan,
    at: now,
    state: {
      ...state,
      at: now,
      tokens: state.tokens.map((token) => ({ ...token })),
    },
    own: new Set(),
    effects: [],
    trail: [],
    entered: 0,
    changed: false,
  };
}

/** A part of the state to write to. */
export function own<Part extends OwnPart>(draft: Draft, part: Part): RunState[Part] {
  if (!draft.own.has(part)) {
    draft.own.add(part);
    draft.state[part] = { ...draft.state[part] };
  }
  return draft.state[part];
}

/** Appends one decision to the trail. */
export function note(
  draft: Draft,
  what: TrailWord,
  because: JsonObject,
  token?: Pick<Token, 'step' | 'visit'>,
): void {
  draft.changed = true;
  draft.trail.push({
    seq: draft.state.nextSeq,
    at: draft.at,
    ...(token ? { step: token.step, visit: token.visit } : {}),
    what,
    because,
  });
  draft.state.nextSeq += 1;
}

/** Replaces what a token does. */
export function setDoing(draft: Draft, token: Token, doing: Token['doing']): void {
  draft.changed = true;
  token.doing = doing;
}

/** Whether a token still stands in a run that goes on: one walk may end what another loop was about to look at. */
export function isHere(draft: Draft, token: Token): boolean {
  return draft.state.status !== 'ended' && draft.state.tokens.includes(token);
}
