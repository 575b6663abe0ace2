import type { LocalRunActivities, RunActivities } from '../protocol.ts';
import { cancelCalledRun, tellCaller } from './call-journey.ts';
import { checkpointOf, createVersionOfRun } from './checkpoint.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createPerformEffect } from './perform-effect.ts';
import { openContext } from './plugin-context.ts';

/** The activities of a worker. */
export function createActivities(
  dependencies: ActivityDependencies,
): RunActivities & LocalRunActivities {
  const { store, plans, registry } = dependencies;
  const versionOfRun = createVersionOfRun(store.runs);
  return {
    performEffect: createPerformEffect(dependencies, versionOfRun),

    async flush({ state, trail, missed }) {
      await store.runs.checkpoint(
        checkpointOf(await versionOfRun(state.runId), state, trail, { missed }),
      );
    },

    tellCaller: ({ state }) => tellCaller(dependencies, state),

    async cancelEffect({ planHash, step, reference, runId, effect }) {
      const plan = await plans.byHash(planHash);
      const action = plan.steps[step];
      if (action?.kind === 'call') {
        await cancelCalledRun(dependencies, { runId, effect }, reference);
        return;
      }
      if (action?.kind !== 'action') return;
      const definition = registry.action(action.plugin, action.action);
      if (!definition?.cancel) return;
      const context = await openContext(dependencies, action, 10_000);
      const stopped = await definition.cancel(reference, context);
      dependencies.log.info(
        { run: runId, effect, stopped },
        'asked the provider to stop an effect',
      );
    },
  };
}
