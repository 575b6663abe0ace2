import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JourneyDocument } from '@sojourn/schemas';
import { MongoClient } from 'mongodb';
import { createRig, type Rig } from '../support/rig.ts';
import type { Servers } from '../support/servers.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-under-test.ts';

/** What one more person asleep costs, with so many asleep. */
export interface AsleepFigures {
  people: number;
  /** Run, checkpoint and indexes, as MongoDB stores them. */
  storeBytes: number;
  /** The trail, which stays when the run has ended, and its indexes. */
  trailBytes: number;
  /** Effects, inbox, the person and their key. */
  otherBytes: number;
  /** Temporal's database, with the closed part of each run that it keeps for its retention. */
  temporalBytes: number;
  /** From the event to the next sleep, one e-mail sent between; milliseconds of CPU, by process. */
  wakeCpuMs: { worker: number; temporal: number | undefined; mongod: number | undefined };
}

/** Two months into a programme: welcomed by e-mail, then asleep until something happens or the year is over. */
const journey: JourneyDocument = {
  format: 1,
  key: 'asleep',
  name: 'Asleep',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  start: 'hello',
  steps: {
    hello: {
      ...{ kind: 'action', uses: 'email/send', purpose: 'support' },
      with: { subject: 'Hello {{ subject.key }}', body: 'Hello **{{ subject.key }}**, welcome.' },
    },
    sleeps: {
      kind: 'wait',
      for: [
        { port: 'woken', event: 'bench.wakes' },
        { port: 'over', after: 'P1Y' },
      ],
    },
    again: {
      ...{ kind: 'action', uses: 'email/send', purpose: 'support' },
      with: { subject: 'Again', body: 'Hello again, {{ subject.key }}.' },
    },
    rests: { kind: 'wait', for: [{ port: 'over', after: 'P1Y' }] },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [
    { from: 'hello', port: 'sent', to: 'sleeps' },
    { from: 'sleeps', port: 'woken', to: 'again' },
    { from: 'sleeps', port: 'over', to: 'done' },
    { from: 'again', port: 'sent', to: 'rests' },
    { from: 'rests', port: 'over', to: 'done' },
  ],
};

const startedAtOnce = 40;
const woken = 200;
const wokenAtOnce = 10;

/** Puts people to sleep on real servers, first so many, then more, and looks what each costs and what waking some takes. */
export async function benchAsleep(
  servers: Servers,
  counts: readonly number[],
  say: (line: string) => void,
): Promise<AsleepFigures[]> {
  const rig = await createRig(servers, { worker: false });
  const worker = await startWorkerProcess('ours', servers, rig);
  const client = await MongoClient.connect(servers.mongoUri, { directConnection: true });
  try {
    const plan = await rig.publish(journey);
    const empty = await sizes(servers, client);
    const figures: AsleepFigures[] = [];
    let inside = 0;
    for (const people of counts) {
      await together(startedAtOnce, people - inside, async (index) => {
        const runId = await rig.start(plan, { key: `a${inside + index}` });
        await rig.until(runId, ({ positions }) => positions[0]?.step === 'sleeps');
        if ((inside + index) % 1_000 === 999) say(`  ${inside + index + 1} asleep`);
      });
      inside = people;
      await delay(15_000); // what Temporal writes when a run closes
      const full = await sizes(servers, client);
      const each = (name: keyof Sizes): number => Math.round((full[name] - empty[name]) / people);
      figures.push({
        people,
        storeBytes: each('runs'),
        trailBytes: each('trail'),
        otherBytes: each('other'),
        temporalBytes: each('temporal'),
        wakeCpuMs: await wake(rig, servers, worker, people, figures.length),
      });
    }
    return figures;
  } finally {
    await client.close();
    await worker.stop();
    await rig.stop();
  }
}

/** Wakes people spread over all who are asleep, others each time. */
async function wake(
  rig: Rig,
  servers: Servers,
  worker: WorkerProcess,
  people: number,
  round: number,
): Promise<AsleepFigures['wakeCpuMs']> {
  const cpu = async () => ({
    worker: await worker.cpuMs(),
    temporal: await cpuMsOf(servers.pids().temporal),
    mongod: await cpuMsOf(servers.pids().mongod),
  });
  const before = await cpu();
  await together(wokenAtOnce, woken, async (index) => {
    const runId = `run-asleep-a${Math.floor((index * people) / woken) + round}`;
    await rig.send(runId, 'bench.wakes');
    await rig.until(runId, ({ positions }) => positions[0]?.step === 'rests');
  });
  await delay(2_000); // until they sleep again in Temporal too
  const after = await cpu();
  const each = (name: 'temporal' | 'mongod'): number | undefined => {
    const [from, to] = [before[name], after[name]];
    return from === undefined || to === undefined ? undefined : (to - from) / woken;
  };
  return {
    worker: (after.worker - before.worker) / woken,
    temporal: each('temporal'),
    mongod: each('mongod'),
  };
}

type Sizes = Record<'runs' | 'trail' | 'other' | 'temporal', number>;

async function sizes(servers: Servers, client: MongoClient): Promise<Sizes> {
  await client.db('admin').command({ fsync: 1 });
  const db = client.db('sojourn');
  const taken: Sizes = { runs: 0, trail: 0, other: 0, temporal: 0 };
  for (const { name } of await db.listCollections().toArray()) {
    const [stats] = await db
      .collection(name)
      .aggregate([{ $collStats: { storageStats: {} } }])
      .toArray();
    const { storageSize, totalIndexSize } = (
      stats as { storageStats: { storageSize: number; totalIndexSize: number } }
    ).storageStats;
    taken[name === 'runs' || name === 'trail' ? name : 'other'] += storageSize + totalIndexSize;
  }
  for (const name of await readdir(servers.temporalDirectory))
    taken.temporal += (await stat(join(servers.temporalDirectory, name))).size;
  return taken;
}

async function together(
  width: number,
  count: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const some = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: width }, some));
}

/** CPU that a process has used, where the system tells it to a hundredth of a second. */
async function cpuMsOf(pid: number | undefined): Promise<number | undefined> {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]); // utime and stime, proc(5)
  return ticks * 10;
}
