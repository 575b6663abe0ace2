import { randomBytes } from 'node:crypto';
import {
  compile,
  initialState,
  nextWakeAt,
  positionsOf,
  transition,
  type RunEvent,
} from '@sojourn/engine';
import { email } from '@sojourn/plugin-email';
import { manifestOf } from '@sojourn/plugin-kit';
import { createMongoStore } from '@sojourn/store';
import { MongoClient } from 'mongodb';
import { referenceJourney } from '../support/reference-journey.ts';
import type { Servers } from '../support/servers.ts';

/** Bytes that one person asleep costs in our store. */
export interface ParkedFigures {
  runs: number;
  /** Run, checkpoint and indexes; the trail apart. As MongoDB stores them. */
  bytesPerRun: number;
  /** The same before MongoDB compresses. */
  rawBytesPerRun: number;
  trailBytesPerRun: number;
}

/** Parks so many runs at their first wait, as the engine leaves them, and asks MongoDB what they take. */
export async function benchParked(servers: Servers, runs: number): Promise<ParkedFigures> {
  const database = `parked${runs}`;
  const store = await createMongoStore({
    ...{ uri: servers.mongoUri, database },
    deploymentKey: randomBytes(32),
  });
  const { plan } = compile(
    { ...referenceJourney, key: 'parked' },
    { manifests: [manifestOf(email)], timeZone: 'UTC', now: Date.now() },
  );
  if (!plan) throw new Error('the reference journey does not compile');
  const park = async (index: number): Promise<void> => {
    const at = Date.now();
    const runId = `r-${index.toString(16).padStart(32, '0')}`;
    const subject = { type: 'patient', key: `p-${index}` };
    const first = initialState(plan, {
      runId,
      key: subject.key,
      subject: { ...subject, attributes: { timeZone: 'Asia/Taipei' } },
      entry: { prescriptionId: `rx-${index}`, daysSupply: 28 },
      at,
    });
    await store.runs.insert(
      {
        id: runId,
        journey: 'parked',
        version: 1,
        planHash: plan.hash,
        subject,
        key: subject.key,
        ordinal: 1,
        status: 'active',
        startedAt: at,
        positions: [],
        incidents: [],
        revision: 0,
      },
      first,
    );
    const events: RunEvent[] = [
      { type: 'run.started', at, id: 'start' },
      {
        type: 'effect.settled',
        at,
        effect: 'hello#1',
        outcome: 'sent',
        output: { messageId: `<${runId}@clinic.example>`, response: '250 OK' },
      },
    ];
    let state = first;
    const trail = events.flatMap((event) => {
      const next = transition(plan, state, event);
      state = next.state;
      return next.trail;
    });
    const nextDueAt = nextWakeAt(state);
    await store.runs.checkpoint({
      runId,
      journey: 'parked',
      version: 1,
      state,
      trail,
      positions: positionsOf(state),
      incidents: [],
      ...(nextDueAt === undefined ? {} : { nextDueAt }),
    });
  };
  let next = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (let index = next++; index < runs; index = next++) await park(index);
    }),
  );
  await store.close();

  const client = await MongoClient.connect(servers.mongoUri, { directConnection: true });
  try {
    const db = client.db(database);
    await client.db('admin').command({ fsync: 1 });
    const sizes = async (name: string) => {
      const [stats] = await db
        .collection(name)
        .aggregate([{ $collStats: { storageStats: {} } }])
        .toArray();
      const { storageSize, totalIndexSize, size } = (
        stats as { storageStats: { storageSize: number; totalIndexSize: number; size: number } }
      ).storageStats;
      return { stored: storageSize + totalIndexSize, raw: size + totalIndexSize };
    };
    const [run, trail] = [await sizes('runs'), await sizes('trail')];
    await db.dropDatabase();
    return {
      runs,
      bytesPerRun: Math.round(run.stored / runs),
      rawBytesPerRun: Math.round(run.raw / runs),
      trailBytesPerRun: Math.round(trail.stored / runs),
    };
  } finally {
    await client.close();
  }
}
