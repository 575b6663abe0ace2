import { pick } from '../json.ts';
import type { JsonObject, Plan } from '../plan.ts';
import type { RunState } from '../run.ts';

/** The state of a run that has not started: hand it to `transition` with `run.started`. */
export function initialState(
  plan: Plan,
  given: {
    runId: string;
    key: string;
    subject: { type: string; key: string; attributes: JsonObject; revision?: number };
    entry: JsonObject;
    at: number;
    caller?: { runId: string; effect: string };
  },
): RunState {
  return {
    format: 1,
    runId: given.runId,
    key: given.key,
    status: 'active',
    startedAt: given.at,
    ...(given.caller === undefined ? {} : { caller: given.caller }),
    at: given.at,
    subject: {
      type: given.subject.type,
      key: given.subject.key,
      attributes: pick(given.subject.attributes, plan.reads),
      ...(given.subject.revision === undefined ? {} : { revision: given.subject.revision }),
    },
    entry: given.entry,
    vars: plan.vars,
    visits: {},
    passages: {},
    rounds: {},
    tokens: [],
    goals: [],
    recent: [],
    seen: [],
    left: [],
    revision: 0,
    nextSeq: 0,
  };
}
