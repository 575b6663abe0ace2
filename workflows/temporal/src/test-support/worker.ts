import type { Plan } from '@sojourn/engine';
import { createRegistry, type PluginDefinition } from '@sojourn/plugin-kit';
import type { Store } from '@sojourn/store';
import { createActivities } from '../activities/activities.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { connectionQueue, type Elsewhere, type PerformAnswer } from '../protocol.ts';

/** The activities of a worker over one plan and one plugin, in a test. */
export function aWorker(given: {
  store: Store;
  plan: Plan;
  plugin: PluginDefinition;
  clock: () => number;
  more?: Partial<ActivityDependencies>;
}): ReturnType<typeof createActivities> {
  const { store, plan, plugin, clock, more } = given;
  return createActivities({
    store,
    runs: { idOf: () => 'called', tell: () => Promise.resolve() },
    plans: { byHash: () => Promise.resolve(plan) },
    registry: createRegistry([plugin]),
    secrets: { open: () => ({}) },
    links: {
      for: () => ({ click: (target) => target, open: () => '', unsubscribe: () => '' }),
      callback: ({ runId, effect }) => `https://sojourn.example/callbacks/${runId}/${effect}`,
    },
    queues: { own: () => connectionQueue(plugin.id), isServed: () => Promise.resolve(true) },
    egress: { resolve: (address, port) => Promise.resolve({ address, port }) },
    log: { info: () => undefined, warn: () => undefined },
    clock,
    ...more,
  });
}

/** What an effect came to; throws when it was another queue's. */
export function answered(answer: PerformAnswer | Elsewhere): PerformAnswer {
  if ('queue' in answer) throw new Error(`it is performed on '${answer.queue}'`);
  return answer;
}
