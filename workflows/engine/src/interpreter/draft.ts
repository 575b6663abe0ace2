import type { JsonObject, Plan } from '../plan.ts';
import type { Effect, RunState, Token, TrailEntry, TrailWord } from '../run.ts';

// A transition works on a copy of the state: the parts that it may change are copied once, at its start.

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
      vars: { ...state.vars },
      visits: { ...state.visits },
      passages: { ...state.passages },
      rounds: { ...state.rounds },
      tokens: state.tokens.map((token) => ({ ...token })),
      goals: [...state.goals],
      recent: [...state.recent],
      seen: [...state.seen],
      left: [...state.left],
    },
    effects: [],
    trail: [],
    entered: 0,
    changed: false,
  };
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
