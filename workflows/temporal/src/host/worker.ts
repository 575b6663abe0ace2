import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/activities.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { createPayloadCodec, type PayloadKeys } from '../codec/encryption-codec.ts';
import { mainTaskQueue } from '../protocol.ts';
import type { PlanCache } from './plan-cache.ts';

/** What a worker is made of. */
export interface WorkerOptions {
  address: string;
  namespace: string;
  keys: PayloadKeys;
  plans: PlanCache;
  activities: Omit<ActivityDependencies, 'plans'>;
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

/** Starts a worker for workflows and activities. */
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
  const worker = await Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue: mainTaskQueue,
    workflowBundle: { code },
    activities: createActivities({ ...options.activities, plans: options.plans }),
    dataConverter: {
      payloadCodecs: [createPayloadCodec(options.keys, (hash) => options.plans.text(hash))],
      failureConverterPath: converterPath,
    },
    maxCachedWorkflows: options.cachedRuns ?? 300,
    workflowTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
    activityTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
    shutdownGraceTime: '10 s',
    ...(options.deployment === undefined
      ? {}
      : {
          workerDeploymentOptions: {
            useWorkerVersioning: true,
            version: { deploymentName: options.deployment, buildId },
            defaultVersioningBehavior: 'PINNED', // until it continues as new: see the workflow's H10
          },
        }),
  });
  const finished = worker.run().finally(() => connection.close());
  return {
    finished,
    buildId,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}
