import {
  checkValue,
  initialState,
  type PlanCall,
  type RunEvent,
  type RunState,
} from '@sojourn/engine';
import type { CallRequest } from '@sojourn/engine';
import { SubjectErasedError, type EffectRecord, type RunRecord } from '@sojourn/store';
import type { PerformAnswer } from '../protocol.ts';
import type { ActivityDependencies } from './dependencies.ts';

// A run of another journey, as an effect.
//
//   C1. The called run's key is the effect's name, so that it is started once, however often it is asked for. Only an operator's
//       retry of an effect that had begun starts another beside it.
//   C2. It is exempt from the called journey's re-entry rule and pause; a closed journey takes nobody.
//   C3. Its end is told to the caller as a message that stands in the inbox first; so is the caller's word to cancel it.

type Answer = PerformAnswer['event'];

/** Starts a called run, or finds the one that was started before. One of somebody who was erased is refused. */
export async function startCalledRun(
  ...[dependencies, given]: Parameters<typeof startOrFind>
): Promise<Answer> {
  try {
    return await startOrFind(dependencies, given);
  } catch (error) {
    if (!(error instanceof SubjectErasedError)) throw error;
    return {
      ...{ type: 'effect.failed', at: dependencies.clock(), effect: given.caller.effect },
      ...{ code: 'subject-erased', kind: 'config', attempts: 1 },
      detail: 'the person whom the called journey is for was erased',
    };
  }
}

async function startOrFind(
  dependencies: ActivityDependencies,
  given: {
    caller: { runId: string; effect: string };
    step: PlanCall;
    call: CallRequest;
    known: EffectRecord | undefined;
  },
): Promise<Answer> {
  const { store, plans, runs, clock } = dependencies;
  const { caller, step, call } = given;
  const at = clock();
  const effect = caller.effect;
  const refused = (code: string, detail: string): Answer => ({
    type: 'effect.failed',
    at,
    effect,
    code,
    kind: 'config',
    detail,
    attempts: 1,
  });
  const key = `${caller.runId}/${effect}`;
  const latest = await store.runs.latestOfKey(step.journey, key);
  const isAgain = given.known?.reference !== undefined; // C1
  if (latest && !isAgain) return { type: 'effect.accepted', at, effect, reference: latest.id };

  const journey = await store.journeys.get(step.journey);
  if (!journey || journey.state === 'closed') {
    const why = journey ? 'is closed: it takes nobody any more' : 'is not there any more';
    return refused(
      journey ? 'journey-closed' : 'journey-unknown',
      `the called journey '${step.journey}' ${why}`,
    ); // C2
  }
  const plan = await plans.byHash(step.planHash);
  const [fault] = plan.inputs === undefined ? [] : checkValue(plan.inputs, call.entry);
  if (fault)
    return refused(
      'inputs-invalid',
      `'${step.journey}' does not take what it is given: ${fault.pointer || '/'}: ${fault.detail}`,
    );
  const { type, key: subjectKey } = call.subject;
  const subject =
    (await store.subjects.get(type, subjectKey)) ??
    (await store.subjects.merge(type, subjectKey, {}, at)).subject;
  const ordinal = (latest?.ordinal ?? 0) + 1;
  const runId = runs.idOf(step.journey, key, ordinal);
  const state = initialState(plan, {
    runId,
    key,
    subject: {
      ...{ type, key: subjectKey },
      ...{ attributes: subject.attributes, revision: subject.revision },
    },
    entry: call.entry,
    at,
    caller,
  });
  const run: RunRecord = {
    id: runId,
    journey: step.journey,
    version: step.version,
    planHash: step.planHash,
    subject: { type, key: subjectKey },
    key,
    ordinal,
    status: 'active',
    startedAt: at,
    positions: [],
    incidents: [],
    revision: 0,
  };
  await store.runs.insert(run, state);
  await say(dependencies, runId, 'start', {
    type: 'run.started',
    at,
    id: 'start',
    cause: { event: 'call', id: key },
  });
  return { type: 'effect.accepted', at, effect, reference: runId };
}

/** How a called run ended, as its caller is told; undefined of a run that nobody called, or that has not ended. */
export function endToldToCaller(
  state: RunState,
): { runId: string; name: string; message: RunEvent } | undefined {
  const { caller, runId, outcome = '' } = state;
  if (state.status !== 'ended' || !caller) return undefined;
  const message: RunEvent = {
    type: 'effect.settled',
    at: state.endedAt ?? state.at,
    effect: caller.effect,
    outcome,
    output: { run: runId, outcome },
  };
  return { runId: caller.runId, name: `called-${runId}`, message };
}

/** The word to a called run that its caller went on without it. */
export function callersFarewell(
  caller: { runId: string; effect: string },
  at: number,
): { name: string; message: RunEvent } {
  const name = `cancel-${caller.runId}/${caller.effect}`;
  return {
    name,
    message: {
      type: 'command.given',
      at,
      id: name,
      command: { type: 'end', by: 'caller', reason: 'the caller went on', outcome: 'cancelled' },
    },
  };
}

/** Tells the caller of a run that has ended how it did (C3). */
export async function tellCaller(
  dependencies: ActivityDependencies,
  state: RunState,
): Promise<void> {
  const told = endToldToCaller(state);
  if (told) await say(dependencies, told.runId, told.name, told.message);
}

/** Ends a called run whose caller went on (C3). */
export async function cancelCalledRun(
  dependencies: ActivityDependencies,
  caller: { runId: string; effect: string },
  calledRunId: string,
): Promise<void> {
  const { name, message } = callersFarewell(caller, dependencies.clock());
  await say(dependencies, calledRunId, name, message);
}

/** Puts a message into a run's inbox and tells the run; one that cannot be told now is told by the sweep. */
async function say(
  { store, runs, log }: ActivityDependencies,
  runId: string,
  name: string,
  message: RunEvent,
): Promise<void> {
  const id = `${runId}/${name}`;
  try {
    await store.intake.put({ id, runId, at: message.at, message });
  } catch (error) {
    if (error instanceof SubjectErasedError) return; // the other run was of somebody else, and is no more
    throw error;
  }
  try {
    await runs.tell(runId, message);
    await store.intake.markDelivered(id);
  } catch (error) {
    log.warn(
      { run: runId, error: error instanceof Error ? error.name : 'unknown' },
      'a run could not be told; the sweep will',
    );
  }
}
