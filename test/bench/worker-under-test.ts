import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Rig } from '../support/rig.ts';
import type { Servers } from '../support/servers.ts';

/** A worker in a process of its own, whose CPU is its own. */
export interface WorkerProcess {
  /** Milliseconds of CPU it has used. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** What `npm start` runs with, as far as it matters here. */
const asSojourn = ['--v8-pool-size=1', '--always-sparkplug', '--max-semi-space-size=8'];

/** Starts a worker: ours, or that of the journey written by hand, whose bundle lies at a path. */
export async function startWorkerProcess(
  kind: 'ours' | 'hand-written',
  servers: Servers,
  rig: Rig,
  bundle = '',
): Promise<WorkerProcess> {
  const path = fileURLToPath(new URL('worker-process.ts', import.meta.url));
  const child = fork(
    path,
    [kind, servers.mongoUri, servers.temporalAddress, rig.deploymentKey, bundle],
    { execArgv: [...asSojourn, '--import', 'tsx', '--conditions=@sojourn/source'] },
  );
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [
    unknown,
  ];
  if (message !== 'ready') throw new Error(`the worker '${kind}' did not start`);
  return { cpuMs: () => cpuMsOf(child), stop: () => stop(child) };
}

async function cpuMsOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [answer] = (await once(child, 'message')) as [{ cpu: number }];
  return answer.cpu / 1_000;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.send('stop');
  await ended;
}
