import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { referenceJourney } from '../support/reference-journey.ts';
import { createRig, type Rig } from '../support/rig.ts';
import type { Servers } from '../support/servers.ts';
import { median } from './figures.ts';

/** What the reference bench measures. */
export interface ReferenceFigures {
  historyEvents: number;
  handWrittenEvents: number;
  /** Worker CPU of ours divided by that of the journey written by hand, pair by pair. */
  cpuRatios: number[];
  cpuRatioMedian: number;
  /** Milliseconds of worker CPU a run, medians. */
  cpuMsOurs: number;
  cpuMsHandWritten: number;
}

const pairs = 9;
const runsEach = 120;
const atOnce = 30;

/** The reference journey against the same written by hand: alternating, in one run. */
export async function benchReference(
  servers: Servers,
  say: (line: string) => void,
): Promise<ReferenceFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'sojourn-bench-'));
  const rig = await createRig(servers, { worker: false });
  const bundle = join(directory, 'hand-written.js');
  const quiet = {
    log: () => undefined,
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('hand-written/workflow.ts', import.meta.url)),
    logger: quiet,
  });
  await writeFile(bundle, code);
  const workers = {
    ours: await startProcess('ours', servers, rig, bundle),
    hand: await startProcess('hand-written', servers, rig, bundle),
  };
  const plan = await rig.publish(referenceJourney);
  const sides = {
    ours: (key: string) => rig.start(plan, { key }),
    hand: (key: string) => startByHand(rig, key),
  };
  try {
    await measure(rig, workers.ours, sides.ours, 'warm-a', 40);
    await measure(rig, workers.hand, sides.hand, 'warm-b', 40);
    const ours: number[] = [];
    const hand: number[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const order = pair % 2 === 0 ? (['ours', 'hand'] as const) : (['hand', 'ours'] as const);
      for (const side of order) {
        const cpu = await measure(rig, workers[side], sides[side], `${side}-${pair}`, runsEach);
        (side === 'ours' ? ours : hand).push(cpu / runsEach / 1_000);
      }
      say(
        `  pair ${pair + 1} of ${pairs}: ours ${(ours[pair] ?? 0).toFixed(2)} ms, by hand ${(hand[pair] ?? 0).toFixed(2)} ms a run`,
      );
    }
    const cpuRatios = ours.map((value, index) => value / (hand[index] ?? Number.NaN));
    return {
      historyEvents: await eventsOf(rig, 'run-reference-ours-0-0'),
      handWrittenEvents: await eventsOf(rig, 'hand-hand-0-0'),
      cpuRatios,
      cpuRatioMedian: median(cpuRatios),
      cpuMsOurs: median(ours),
      cpuMsHandWritten: median(hand),
    };
  } finally {
    for (const worker of Object.values(workers)) await stopProcess(worker);
    await rig.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function startByHand(rig: Rig, key: string): Promise<string> {
  const at = Date.now();
  const runId = `hand-${key}`;
  await rig.store.subjects.merge('patient', key, { email: `${key}@patients.example` }, at);
  await rig.store.runs.insert(
    {
      id: runId,
      journey: 'by-hand',
      version: 1,
      planHash: 'x',
      subject: { type: 'patient', key },
      key,
      ordinal: 1,
      status: 'active',
      startedAt: at,
      positions: [],
      incidents: [],
      revision: 0,
    },
    { revision: 0, runId } as never,
  );
  const message = { type: 'run.started', at, id: 'start' } as const;
  await rig.store.intake.put({ id: `${runId}/start`, runId, at, message });
  await rig.client.workflow.signalWithStart('handWritten', {
    workflowId: runId,
    taskQueue: 'hand-written',
    args: [{ runId, subject: key }],
    signal: 'message',
    signalArgs: [message],
  });
  return runId;
}

/** CPU microseconds that a worker used for so many runs, a few at once. */
async function measure(
  rig: Rig,
  worker: ChildProcess,
  start: (key: string) => Promise<string>,
  name: string,
  count: number,
): Promise<number> {
  const before = await cpuOf(worker);
  let next = 0;
  const walk = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const runId = await start(`${name}-${index}`);
      await rig.client.workflow.getHandle(runId).result();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, walk));
  return (await cpuOf(worker)) - before;
}

async function eventsOf(rig: Rig, runId: string): Promise<number> {
  const history = await rig.client.workflow.getHandle(runId).fetchHistory();
  return history.events?.length ?? 0;
}

async function startProcess(
  kind: string,
  servers: Servers,
  rig: Rig,
  bundle: string,
): Promise<ChildProcess> {
  const path = fileURLToPath(new URL('worker-process.ts', import.meta.url));
  const child = fork(
    path,
    [kind, servers.mongoUri, servers.temporalAddress, rig.deploymentKey, bundle],
    {
      execArgv: ['--import', 'tsx', '--conditions=@sojourn/source'],
    },
  );
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [
    unknown,
  ];
  if (message !== 'ready') throw new Error(`the worker '${kind}' did not start`);
  return child;
}

async function cpuOf(worker: ChildProcess): Promise<number> {
  worker.send('cpu');
  const [answer] = (await once(worker, 'message')) as [{ cpu: number }];
  return answer.cpu;
}

async function stopProcess(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit');
  worker.send('stop');
  await ended;
}
