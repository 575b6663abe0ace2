import type { ServedQueue } from './connection-queues.ts';

// One worker for each queue that is to be served.
//
//   Q1. Queues come and go, and their limits change, while others are served: only what changed is begun or ended.
//   Q2. A worker that fails is begun again.
//   Q3. What a worker has taken it finishes before it ends.

/** A worker of one queue. */
export interface QueueWorker {
  run(): Promise<void>;
  shutdown(): void;
  getState(): string;
}

export interface QueueWorkersOptions {
  /** The queues to be served, as they stand. */
  desired: () => Promise<readonly ServedQueue[]>;
  begin: (queue: ServedQueue) => Promise<QueueWorker>;
  everyMs: number;
  log: { warn(values: object, message: string): void };
}

/** The workers of queues. */
export interface QueueWorkers {
  /** Looks at the queues now. */
  follow(): Promise<void>;
  stop(): Promise<void>;
}

interface Serving {
  perSecond: number | undefined;
  worker: QueueWorker;
  ended: Promise<void>;
}

/** Serves the queues that stand, and follows them. Answers once every one of them is served. */
export async function serveQueues(options: QueueWorkersOptions): Promise<QueueWorkers> {
  const { desired, begin, everyMs, log } = options;
  const serving = new Map<string, Serving>();
  let isStopped = false;
  let following: Promise<void> | undefined;

  const start = async (queue: ServedQueue): Promise<void> => {
    const worker = await begin(queue);
    const ended = worker
      .run()
      .catch((error: unknown) =>
        log.warn(
          { queue: queue.name, error: error instanceof Error ? error.message : 'unknown' },
          'the worker of a queue failed; it is begun again',
        ),
      )
      .finally(() => {
        if (serving.get(queue.name)?.worker === worker) serving.delete(queue.name); // Q2
      });
    serving.set(queue.name, { perSecond: queue.perSecond, worker, ended });
  };

  const end = async (name: string): Promise<void> => {
    const found = serving.get(name);
    if (!found) return;
    serving.delete(name);
    if (found.worker.getState() === 'RUNNING') found.worker.shutdown();
    await found.ended; // Q3
  };

  const follow = async (): Promise<void> => {
    const queues = new Map((await desired()).map((queue) => [queue.name, queue]));
    const gone = [...serving].filter(([name, { perSecond }]) => {
      const queue = queues.get(name);
      return queue === undefined || queue.perSecond !== perSecond;
    });
    await Promise.all(gone.map(([name]) => end(name)));
    for (const [name, queue] of queues) if (!isStopped && !serving.has(name)) await start(queue); // Q1
  };

  const again = async (): Promise<void> => {
    following ??= follow().finally(() => (following = undefined));
    await following;
  };

  await again();
  const timer = setInterval(() => {
    again().catch((error: unknown) =>
      log.warn(
        { error: error instanceof Error ? error.message : 'unknown' },
        'the connections cannot be looked at; it is tried again',
      ),
    );
  }, everyMs);

  return {
    follow: again,
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await following?.catch(() => undefined); // whoever asked for it hears why
      await Promise.all([...serving.keys()].map(end));
    },
  };
}
