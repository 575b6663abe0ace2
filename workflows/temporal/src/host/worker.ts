import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import proto from '@temporalio/proto';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/activities.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { createPayloadCodec, type PayloadKeys } from '../codec/encryption-codec.ts';
import { mainTaskQueue } from '../protocol.ts';
import { queuesOf } from './connection-queues.ts';
import type { PlanCache } from './plan-cache.ts';
import { serveQueues, type QueueWorkers } from './queue-workers.ts';

/** What a worker is made of. */
export interface WorkerOptions {
  address: string;
  namespace: string;
  keys: PayloadKeys;
  plans: PlanCache;
  activities: Omit<ActivityDependencies, 'plans' | 'queues'>;
  /** The plugins whose effects are performed here, and nothing else. Absent: all, and workflows too. */
  plugins?: readonly string[];
  /** The prebuilt bundle; by default the one beside this package's `dist`. */
  bundle?: string;
  /** Runs kept in memory. Each takes 140 to 190 KB. */
  cachedRuns?: number;
  /** The worker deployment that this worker is a version of. Absent: it takes whatever run there is. */
  deployment?: string;
}

/** A worker that is running. */
export interface RunningWorker {
  /** Ends when the worker has stopped; rejects when it failed. */
  finished: Promise<void>;
  /** The hash of the workflow bundle: which build of the workflow's code this is. */
  buildId: string;
  stop(): Promise<void>;
}

/** Where the build puts the workflow bundle. */
export const bundlePath = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

/** The SDK loads it by path. */
const converterPath = fileURLToPath(
  new URL('../../converter/failure-converter.cjs', import.meta.url),
);

let installed = false;

/** Hands the SDK's own log to ours. Once a process: the runtime is one. */
export function installRuntime(log: { warn(values: object, message: string): void }): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: {
      log: (level, message) =>
        level === 'ERROR' || level === 'WARN' ? log.warn({ temporal: level }, message) : undefined,
      trace: () => undefined,
      debug: () => undefined,
      info: () => undefined,
      warn: (message, meta) => log.warn({ temporal: 'WARN', error: errorIn(meta) }, message),
      error: (message, meta) => log.warn({ temporal: 'ERROR', error: errorIn(meta) }, message),
    },
    shutdownSignals: [],
  });
}

function errorIn(meta: unknown): string {
  const error =
    typeof meta === 'object' && meta !== null && 'error' in meta ? meta.error : undefined;
  return error instanceof Error ? (error.stack ?? error.message) : '';
}

/** How often connections are looked at: their queues and limits follow. */
const followMs = 1_000;
/** So long after it last asked for work a worker counts as one. */
const servedWithinMs = 90_000;

/** Starts a worker for workflows and activities, and one for the queue of each connection, as connections come and go. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  installRuntime(options.activities.log);
  const path = options.bundle ?? bundlePath;
  const code = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`the workflow bundle is missing at ${path}: run 'npm run build'`, {
      cause: error,
    });
  });
  const buildId = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const connection = await NativeConnection.connect({ address: options.address });
  const { namespace, plugins } = options;
  const shared = {
    connection,
    namespace,
    activities: createActivities({
      ...options.activities,
      plans: options.plans,
      queues: {
        own: () => Context.current().info.taskQueue,
        isServed: (queue) => isServed(connection, namespace, queue),
      },
    }),
    dataConverter: {
      payloadCodecs: [createPayloadCodec(options.keys, (hash) => options.plans.text(hash))],
      failureConverterPath: converterPath,
    },
  };
  const main =
    plugins === undefined
      ? await Worker.create({
          ...shared,
          shutdownGraceTime: '10 s',
          taskQueue: mainTaskQueue,
          workflowBundle: { code },
          maxCachedWorkflows: options.cachedRuns ?? 300,
          workflowTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
          activityTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
          ...(options.deployment === undefined
            ? {}
            : {
                workerDeploymentOptions: {
                  useWorkerVersioning: true,
                  version: { deploymentName: options.deployment, buildId },
                  defaultVersioningBehavior: 'PINNED', // until it continues as new: see the workflow's H10
                },
              }),
        })
      : undefined;
  const { store, registry, log } = options.activities;
  const queues = await serveQueues({
    desired: async () =>
      queuesOf(registry, await store.connections.list(), (id) => plugins?.includes(id) ?? true),
    begin: ({ name, perSecond }) =>
      Worker.create({
        ...shared,
        shutdownGraceTime: '10 s',
        taskQueue: name,
        activityTaskPollerBehavior: { type: 'autoscaling', initial: 1, minimum: 1, maximum: 10 },
        ...(perSecond === undefined ? {} : { maxTaskQueueActivitiesPerSecond: perSecond }),
      }),
    everyMs: followMs,
    log,
  });
  return runningWorker({ main, queues, connection, buildId });
}

function runningWorker(parts: {
  main: Worker | undefined;
  queues: QueueWorkers;
  connection: NativeConnection;
  buildId: string;
}): RunningWorker {
  const { main, queues, connection, buildId } = parts;
  let ended = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (ended = resolve));
  const finished = (main ? main.run() : stopped).finally(async () => {
    await queues.stop();
    await connection.close();
  });
  return {
    finished,
    buildId,
    stop: async () => {
      ended();
      if (main?.getState() === 'RUNNING') main.shutdown();
      await finished;
    },
  };
}

/** Whether some worker has lately asked for activities of a queue. */
async function isServed(
  connection: NativeConnection,
  namespace: string,
  queue: string,
): Promise<boolean> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return pollers.some(
    ({ lastAccessTime }) =>
      Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < servedWithinMs,
  );
}
