import type { Checkpoint } from './ports.ts';

/** What a write outranks (S2): its revision; what was only foretold stands half a step below. */
export function rankOf({ state, predicted }: Pick<Checkpoint, 'state' | 'predicted'>): number {
  return predicted === true ? state.revision - 0.5 : state.revision;
}

/** The revision of a rank. */
export const revisionOf = (rank: number): number => Math.ceil(rank);
