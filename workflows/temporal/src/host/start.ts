import type { RunEvent, RunState } from '@sojourn/engine';
import type { PlanReference, RunArguments } from '../protocol.ts';

/** What the workflow of a run begins with when Temporal does not know it: the stored checkpoint, and messages to handle first. */
export function argumentsOf(
  state: RunState,
  planHash: string,
  inbox: RunEvent[] = [],
): [RunArguments, PlanReference] {
  return [
    {
      v: 1,
      state,
      inbox,
      pending: [],
      storedRevision: state.revision,
      missed: false,
      parkedAt: 0,
    },
    { $plan: planHash },
  ];
}
