import { PluginError } from '@sojourn/plugin-kit';
import { SubjectErasedError } from '@sojourn/store';
import { ApplicationFailure } from '@temporalio/common';
import { isErased, type LocalRunActivities, type RunActivities } from '../protocol.ts';
import { cancelCalledRun, tellCaller } from './call-journey.ts';
import { checkpointOf, createVersionOfRun } from './checkpoint.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createPerformEffect } from './perform-effect.ts';
import { connectionOf, openContext } from './plugin-context.ts';

/** The activities of a worker. */
export function createActivities(
  dependencies: ActivityDependencies,
): RunActivities & LocalRunActivities {
  const { store, plans, registry } = dependencies;
  const versionOfRun = createVersionOfRun(store.runs);
  return forTheLiving({
    performEffect: createPerformEffect(dependencies, versionOfRun),

    async flush({ state, trail, turn }) {
      await store.runs.checkpoint(
        checkpointOf(await versionOfRun(state.runId), state, trail, { turn }),
      );
    },

    tellCaller: ({ state }) => tellCaller(dependencies, state),

    isServed: ({ queue }) => dependencies.queues.isServed(queue),

    async cancelEffect({ planHash, step, reference, runId, effect }) {
      const plan = await plans.byHash(planHash);
      const action = plan.steps[step];
      if (action?.kind === 'call') {
        await cancelCalledRun(dependencies, { runId, effect }, reference);
        return;
      }
      if (action?.kind !== 'action') return;
      const definition = registry.action(action.plugin, action.action, action.schemaVersion);
      if (!definition?.cancel) return;
      const { log } = dependencies;
      try {
        const known = await store.effects.get(`${runId}/${effect}`);
        const connection = await connectionOf(dependencies, action, known?.connection);
        const context = openContext(dependencies, action, connection, 10_000);
        const stopped = await definition.cancel(reference, context);
        log.info({ run: runId, effect, stopped }, 'asked the provider to stop an effect');
      } catch (error) {
        const kind = error instanceof PluginError ? error.code : 'plugin-threw';
        log.warn({ run: runId, effect, error: kind }, 'a provider could not be asked to stop');
        throw error;
      }
    },
  });
}

/**
 * Activities that are not tried again once the person was erased: what they would store is refused, and their run was ended
 * from outside.
 */
function forTheLiving(activities: RunActivities & LocalRunActivities): typeof activities {
  const guarded =
    <Request extends object, Answer>(activity: (request: Request) => Promise<Answer>) =>
    async (request: Request): Promise<Answer> => {
      try {
        if (isErased(request)) throw new SubjectErasedError();
        return await activity(request);
      } catch (error) {
        if (!(error instanceof SubjectErasedError)) throw error;
        throw ApplicationFailure.nonRetryable('subject-erased', 'subject-erased');
      }
    };
  return {
    performEffect: guarded((request) => activities.performEffect(request)),
    isServed: (request) => activities.isServed(request),
    flush: guarded((request) => activities.flush(request)),
    tellCaller: guarded((request) => activities.tellCaller(request)),
    cancelEffect: guarded((request) => activities.cancelEffect(request)),
  };
}
