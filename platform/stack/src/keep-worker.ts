import { startWorker, type RunningWorker, type WorkerOptions } from '@sojourn/temporal';
import { reasonOf, type ServerState } from './servers/index.ts';

/** A worker that is started again, later each time, when it fails. */
export interface KeptWorker {
  state(): ServerState;
  stop(): Promise<void>;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;

/** Starts the worker; answers once it runs, or rejects when its first start fails. */
export async function keepWorker(
  options: WorkerOptions,
  log: { warn(values: object, message: string): void },
): Promise<KeptWorker> {
  let stopping = false;
  let delay = firstDelayMs;
  let timer: NodeJS.Timeout | undefined;
  let state: ServerState = { status: 'starting', since: Date.now() };
  let worker: RunningWorker | undefined;

  const down = (error: unknown): void => {
    if (stopping) return;
    state = { status: 'down', since: Date.now(), detail: reasonOf(error) };
    log.warn({ error: reasonOf(error), delay }, 'the worker stopped; it is started again');
    timer = setTimeout(() => void start().catch(down), delay);
    delay = Math.min(delay * 2, longestDelayMs);
  };
  const start = async (): Promise<void> => {
    worker = await startWorker(options);
    state = { status: 'up', since: Date.now(), detail: `build ${worker.buildId}` };
    delay = firstDelayMs;
    worker.finished.then(() => down(new Error('the worker ended')), down);
  };

  await start();
  return {
    state: () => state,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await worker
        ?.stop()
        .catch((error: unknown) =>
          log.warn({ error: reasonOf(error) }, 'the worker did not stop cleanly'),
        );
    },
  };
}
