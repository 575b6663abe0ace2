import type { RunEvent } from '@sojourn/engine';
import type { Store } from '@sojourn/store';
import { WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import { mainTaskQueue, messageSignal, workflowType, type Pace } from '../protocol.ts';
import { argumentsOf } from './start.ts';

/** Tells runs what happened. */
export interface RunHost {
  /**
   * Hands a message to a run, waking or starting its workflow. The message must stand in the inbox already. `ended`: the
   * run has ended, so nobody was told.
   */
  tell(runId: string, message: RunEvent): Promise<'told' | 'ended'>;
  /** Ends a run's workflow from outside, whatever it does. Nothing when there is none, or it has ended. */
  terminate(runId: string): Promise<void>;
}

/**
 * A host over Temporal. Every message goes by `signalWithStart`: it wakes a run that sleeps in a delayed start, and starts one
 * that Temporal does not know, from the last stored checkpoint. `pace` is for tests.
 */
export function createRunHost(
  client: Client,
  store: Pick<Store, 'runs'>,
  options: { pace?: Pace } = {},
): RunHost {
  return {
    async tell(runId, message) {
      const [run, state] = await Promise.all([store.runs.get(runId), store.runs.state(runId)]);
      if (run?.status === 'ended') return await tellEnded(client, runId, message);
      if (!run || !state) throw new Error(`run ${runId} is not in the store`);
      try {
        await client.workflow.signalWithStart(workflowType, {
          workflowId: runId,
          taskQueue: mainTaskQueue,
          args: argumentsOf(state, run, [], options.pace),
          signal: messageSignal,
          signalArgs: [message],
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        });
        return 'told';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'ended'; // closed, and not yet so in our store
        throw error;
      }
    },
    async terminate(runId) {
      try {
        await client.workflow.getHandle(runId).terminate('ended from outside'); // the reason is not sealed
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

/**
 * Tells a run of which our store says that it has ended, if its workflow is still there: it may be deciding its last turn
 * anew, and not end after all (H12 of the workflow).
 */
async function tellEnded(
  client: Client,
  runId: string,
  message: RunEvent,
): Promise<'told' | 'ended'> {
  try {
    await client.workflow.getHandle(runId).signal(messageSignal, message);
    return 'told';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'ended';
    throw error;
  }
}
