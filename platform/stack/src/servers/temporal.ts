import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { RunningServer, ServerOptions } from './mongod.ts';
import { listening, loopback } from './ports.ts';
import { endOrphan, supervise, type Supervised } from './process.ts';

const execute = promisify(execFile);

const graceMs = 10_000;
const namespace = 'default';
/** How long a closed workflow stays: long enough to look into what went wrong. Our own store keeps the trail. */
const retention = '720h';

/** Starts Temporal's single-process server on the loopback address, its history in one SQLite file. */
export async function startTemporal(
  options: ServerOptions,
): Promise<RunningServer & { address: string; namespace: string }> {
  const { home, binary, onState } = options;
  await home.useServer('temporal', binary.version);
  await mkdir(home.temporal, { recursive: true, mode: 0o700 });
  await endOrphan(join(home.pids, 'temporal.pid'), graceMs); // It would still have the port that is remembered.
  const port = await home.portFor('temporal');
  const metricsPort = await home.portFor('temporal-metrics');
  const address = `${loopback}:${port}`;

  const start = () =>
    supervise({
      name: 'temporal',
      command: binary.path,
      args: [
        ...['server', 'start-dev', '--headless'],
        ...['--ip', loopback, '--port', String(port), '--metrics-port', String(metricsPort)],
        ...['--namespace', namespace, '--log-level', 'error'],
        ...['--db-filename', join(home.temporal, 'temporal.db')],
        // Three times the throughput of the default journal; a crash of the machine loses nothing that was synced.
        ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
        // One worker process polls: partitions would only be forwarded between.
        ...['--dynamic-config-value', 'matching.numTaskqueueReadPartitions=1'],
        ...['--dynamic-config-value', 'matching.numTaskqueueWritePartitions=1'],
      ],
      logDirectory: home.logs,
      pidDirectory: home.pids,
      async ready(signal) {
        await listening(port, signal);
        await answers(signal, () => cli(binary.path, address, ['cluster', 'health']));
        await answers(signal, () =>
          cli(binary.path, address, [
            'namespace',
            'update',
            '-n',
            namespace,
            '--retention',
            retention,
          ]),
        );
      },
      readyTimeoutMs: 60_000,
      graceMs,
      ...(onState === undefined ? {} : { onState }),
    });
  return { address, namespace, process: await persistently(start) };
}

/** Its services take ports as the system gives them, and now and then one is gone before they listen: it is asked again. */
async function persistently(start: () => Promise<Supervised>): Promise<Supervised> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function cli(binary: string, address: string, args: readonly string[]): Promise<void> {
  await execute(binary, ['operator', ...args, '--address', address], { timeout: 10_000 });
}

/** Asks until there is an answer: the port is open a moment before the services behind it are. */
async function answers(signal: AbortSignal, ask: () => Promise<void>): Promise<void> {
  for (;;) {
    const answered = await ask().then(
      () => true,
      () => false,
    );
    if (answered) return;
    await delay(100, undefined, { signal });
  }
}
