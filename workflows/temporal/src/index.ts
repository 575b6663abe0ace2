export { createActivities } from './activities/activities.ts';
export type { ActivityDependencies } from './activities/dependencies.ts';
export { contextOf } from './activities/plugin-context.ts';
export {
  createPayloadCodec,
  derivedKeys,
  subjectKeys,
  type PayloadKeys,
} from './codec/encryption-codec.ts';
export { connectClient } from './host/client.ts';
export { createPlanCache, type PlanCache } from './host/plan-cache.ts';
export { hasForgotten, rebuildRuns, type RebuildProgress } from './host/rebuild.ts';
export { createRunHost, type RunHost } from './host/run-host.ts';
export {
  bundlePath,
  installRuntime,
  startWorker,
  type RunningWorker,
  type WorkerOptions,
} from './host/worker.ts';
export { mainTaskQueue, workflowType, type Pace } from './protocol.ts';
