import type { RunEvent, RunState } from '@sojourn/engine';
import type { Pace, PlanReference, RunArguments } from '../protocol.ts';

/**
 * What the workflow of a run begins with when Temporal does not know it: the stored checkpoint, with the turn it was decided
 * in, and messages to handle first.
 */
export function argumentsOf(
  state: RunState,
  { planHash, turn }: { planHash: string; turn?: number },
  inbox: RunEvent[] = [],
  pace?: Pace,
): [RunArguments, PlanReference] {
  return [
    {
      v: 1,
      state,
      inbox,
      pending: [],
      storedRevision: state.revision,
      missed: false,
      ...(turn === undefined ? {} : { turn }),
      parkedAt: 0,
      ...(pace === undefined ? {} : { pace }),
    },
    { $plan: planHash },
  ];
}
