import type { Checkpoint } from './ports.ts';

/** As many revisions fit between two turns: more only make a record's `revision` begin anew, and never change an order. */
const revisions = 2 ** 22;

/**
 * What a write outranks (S2), as one number: its turn, then its revision; what was only foretold stands half a step below.
 * Exact up to a thousand million turns.
 */
export function rankOf({
  state,
  predicted,
  turn = 0,
}: Pick<Checkpoint, 'state' | 'predicted' | 'turn'>): number {
  const decided = turn * revisions + state.revision;
  return predicted === true ? decided - 0.5 : decided;
}

/** The revision of a rank. */
export const revisionOf = (rank: number): number => Math.ceil(rank) % revisions;

/** The turn of a rank. */
export const turnOf = (rank: number): number => Math.floor(Math.ceil(rank) / revisions);
