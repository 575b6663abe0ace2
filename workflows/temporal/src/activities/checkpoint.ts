import {
  incidentsOf,
  nextWakeAt,
  positionsOf,
  type RunState,
  type TrailEntry,
} from '@sojourn/engine';
import type { Checkpoint, Store } from '@sojourn/store';

/** The one write of what was decided: position, state and trail, each replaced only by what ranks no lower. */
export function checkpointOf(
  journey: { journey: string; version: number },
  state: RunState,
  trail: TrailEntry[],
  how: { turn?: number | undefined; predicted?: boolean } = {},
): Checkpoint {
  const nextDueAt = nextWakeAt(state);
  return {
    runId: state.runId,
    ...journey,
    state,
    trail,
    positions: positionsOf(state),
    incidents: incidentsOf(state),
    ...(nextDueAt === undefined ? {} : { nextDueAt }),
    ...(how.turn === undefined ? {} : { turn: how.turn }),
    ...(how.predicted === true ? { predicted: true } : {}),
  };
}

/** Which version of which journey a run is pinned to. Kept: a run never changes it but by migration. */
export function createVersionOfRun(
  runs: Pick<Store['runs'], 'get'>,
): (runId: string) => Promise<{ journey: string; version: number }> {
  const known = new Map<string, { journey: string; version: number }>();
  return async (runId) => {
    const found = known.get(runId);
    if (found) return found;
    const run = await runs.get(runId);
    if (!run) throw new Error(`run ${runId} is not in the store`);
    if (known.size >= 10_000) known.clear();
    const answer = { journey: run.journey, version: run.version };
    known.set(runId, answer);
    return answer;
  };
}
