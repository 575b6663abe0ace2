import { own } from '../own.ts';
import type { JsonObject, Plan } from '../plan.ts';
import { copyOfState, copyOfToken } from './copies.ts';
import type { Effect, RunState, Token, TrailEntry, TrailWord } from '../run.ts';

// A transition works on a copy of the state: tokens are copied at its start, other parts when they are first written to.
// Lists are never written to; they are replaced.

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
  /** Whether an earlier transition was at this very instant: then visits at it are counted. */
  isSameInstant: boolean;
  /** Those counts as far as this transition has added to them. */
  ownNow: Record<string, number> | undefined;
  /** Whether these parts of the state are copies already: else they are still those of the state before. */
  ownVisits: boolean;
  ownPassages: boolean;
  ownRounds: boolean;
  /** Set by whatever changes the state; without it the event changed nothing. */
  changed: boolean;
}

/** A copy of the state to work on at an instant that is never before an earlier one. */
export function draftOf(plan: Plan, state: RunState, at: number): Draft {
  const now = Math.max(at, state.at);
  const copy = copyOfState(state);
  copy.at = now;
  copy.tokens = state.tokens.map(copyOfToken);
  return {
    plan,
    at: now,
    state: copy,
    ownVisits: false,
    ownPassages: false,
    ownRounds: false,
    effects: [],
    trail: [],
    entered: 0,
    isSameInstant: state.nextSeq > 0 && state.at === now,
    ownNow: undefined,
    changed: false,
  };
}

function standingNow({ at, state: { visitsNow: standing } }: Draft): Record<string, number> {
  return standing?.at === at ? standing.of : {};
}

/** Counts a visit of a step, from the second transition at one instant on. */
export function countNow(draft: Draft, step: string): void {
  if (!draft.isSameInstant) return;
  draft.ownNow ??= { ...standingNow(draft) };
  draft.ownNow[step] = (own(draft.ownNow, step) ?? 0) + 1;
}

/** How often a step was visited since the second transition at this instant. */
export function visitsNow(draft: Draft, step: string): number {
  return draft.isSameInstant ? (own(draft.ownNow ?? standingNow(draft), step) ?? 0) : 0;
}

/** The visits, to write to. */
export function ownVisits(draft: Draft): RunState['visits'] {
  if (!draft.ownVisits) draft.state.visits = { ...draft.state.visits };
  draft.ownVisits = true;
  return draft.state.visits;
}

/** The passages, to write to. */
export function ownPassages(draft: Draft): RunState['passages'] {
  if (!draft.ownPassages) draft.state.passages = { ...draft.state.passages };
  draft.ownPassages = true;
  return draft.state.passages;
}

/** The rounds, to write to. */
export function ownRounds(draft: Draft): RunState['rounds'] {
  if (!draft.ownRounds) draft.state.rounds = { ...draft.state.rounds };
  draft.ownRounds = true;
  return draft.state.rounds;
}

/** Appends one decision to the trail. */
export function note(
  draft: Draft,
  what: TrailWord,
  because: JsonObject,
  token?: Pick<Token, 'step' | 'visit'>,
): void {
  draft.changed = true;
  const seq = draft.state.nextSeq;
  draft.state.nextSeq += 1;
  const { at } = draft;
  draft.trail.push(
    token
      ? { seq, at, step: token.step, visit: token.visit, what, because }
      : { seq, at, what, because },
  );
}

/** Takes a token's deadline away. `delete` is slow, and slows the object down, even when there is nothing to take. */
export function clearDeadline(token: Token): void {
  if (token.deadlineAt !== undefined) delete token.deadlineAt;
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
