import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { referenceJourney } from '../support/reference-journey.ts';
import { createRig, type Rig } from '../support/rig.ts';
import type { Servers } from '../support/servers.ts';
import { median } from './figures.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-under-test.ts';

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
  /** Runs a second with many in flight. */
  throughputOurs: number;
  throughputHandWritten: number;
  /** Throughput of ours divided by that of the one by hand, median of the pairs. */
  throughputRatio: number;
  /** Our worker's CPU a run with 100 in flight divided by that with 50, median of the pairs. */
  cpuRatioHundredToFifty: number;
}

const pairs = 9;
const runsEach = 120;
const atOnce = 30;
const throughputPairs = 5;
/** Enough that the second of waiting in each run does not bound what is measured. */
const manyAtOnce = 200;
const throughputRuns = 400;
const flightPairs = 7;
const flightRuns = 200;

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
    ours: await startWorkerProcess('ours', servers, rig),
    hand: await startWorkerProcess('hand-written', servers, rig, bundle),
  };
  const plan = await rig.publish(referenceJourney);
  const sides = {
    ours: (key: string) => rig.start(plan, { key }),
    hand: (key: string) => startByHand(rig, key),
  };
  try {
    const run = (side: 'ours' | 'hand', name: string, count: number, flight: number) =>
      measure(rig, workers[side], sides[side], { name: `${side}-${name}`, count, flight });
    await run('ours', 'warm', 40, atOnce);
    await run('hand', 'warm', 40, atOnce);
    const { ours, hand } = await pairsOf(pairs, ['ours', 'hand'] as const, async (side, pair) => {
      const { cpuMs } = await run(side, String(pair), runsEach, atOnce);
      say(`  ${side}, ${atOnce} in flight: ${cpuMs.toFixed(2)} ms a run`);
      return cpuMs;
    });
    const cpuRatios = ratios(ours, hand);
    const fast = await pairsOf(throughputPairs, ['ours', 'hand'] as const, async (side, pair) => {
      const { perSecond } = await run(side, `fast${pair}`, throughputRuns, manyAtOnce);
      say(`  ${side}, ${manyAtOnce} in flight: ${perSecond.toFixed(1)} runs a second`);
      return perSecond;
    });
    const flights = await pairsOf(
      flightPairs,
      ['fifty', 'hundred'] as const,
      async (flight, pair) => {
        const many = flight === 'fifty' ? 50 : 100;
        const { cpuMs } = await run('ours', `${flight}${pair}`, flightRuns, many);
        say(`  ours, ${many} in flight: ${cpuMs.toFixed(2)} ms a run`);
        return cpuMs;
      },
    );
    return {
      historyEvents: await eventsOf(rig, 'run-reference-ours-0-0'),
      handWrittenEvents: await eventsOf(rig, 'hand-hand-0-0'),
      cpuRatios,
      cpuRatioMedian: median(cpuRatios),
      cpuMsOurs: median(ours),
      cpuMsHandWritten: median(hand),
      throughputOurs: median(fast.ours),
      throughputHandWritten: median(fast.hand),
      throughputRatio: median(ratios(fast.ours, fast.hand)),
      cpuRatioHundredToFifty: median(ratios(flights.hundred, flights.fifty)),
    };
  } finally {
    for (const worker of Object.values(workers)) await worker.stop();
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

/** Walks so many runs, a few in flight, and tells what that took. */
async function measure(
  rig: Rig,
  worker: WorkerProcess,
  start: (key: string) => Promise<string>,
  { name, count, flight }: { name: string; count: number; flight: number },
): Promise<{ cpuMs: number; perSecond: number }> {
  const before = await worker.cpuMs();
  const began = Date.now();
  let next = 0;
  const walk = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const runId = await start(`${name}-${index}`);
      await rig.client.workflow.getHandle(runId).result();
    }
  };
  await Promise.all(Array.from({ length: flight }, walk));
  const perSecond = (count * 1_000) / (Date.now() - began);
  return { cpuMs: ((await worker.cpuMs()) - before) / count, perSecond };
}

/** Measures two things in turn, the order changing from pair to pair. */
async function pairsOf<Name extends string>(
  count: number,
  [one, other]: readonly [Name, Name],
  measureOne: (name: Name, pair: number) => Promise<number>,
): Promise<Record<Name, number[]>> {
  const figures = { [one]: [], [other]: [] } as unknown as Record<Name, number[]>;
  for (let pair = 0; pair < count; pair += 1)
    for (const name of pair % 2 === 0 ? [one, other] : [other, one])
      figures[name].push(await measureOne(name, pair));
  return figures;
}

const ratios = (above: readonly number[], below: readonly number[]): number[] =>
  above.map((value, index) => value / (below[index] ?? Number.NaN));

async function eventsOf(rig: Rig, runId: string): Promise<number> {
  const history = await rig.client.workflow.getHandle(runId).fetchHistory();
  return history.events?.length ?? 0;
}
