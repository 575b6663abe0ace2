import mongoose, { type Connection } from 'mongoose';

import type { Store } from '../ports.ts';
import {
  createAccess,
  createAudit,
  createConnections,
  createLeases,
  createSettings,
} from './access.ts';
import { createKeyRing } from '../keys.ts';
import { createSeals } from '../seals.ts';
import { createEffects } from './effects.ts';
import { createErasures } from './erasures.ts';
import { createIntake, resumeOrder } from './intake.ts';
import { createJourneys } from './journeys.ts';
import { createKeyRows, keyIdOfRun } from './keys.ts';
import { defineModels } from './rows.ts';
import { createContacts, createPolicies } from './policies.ts';
import { createReports } from './reports.ts';
import { createRuns } from './runs.ts';
import { createSubjects } from './subjects.ts';
import { createTasks } from './tasks.ts';
import { watchDatabase } from './watch.ts';

export interface MongoStoreOptions {
  uri: string;
  /** By default the one that the URI names. */
  database?: string;
  /** 32 bytes: the keys of subjects are wrapped by it. */
  deploymentKey: Uint8Array;
}

/** Connects to MongoDB, creates the indexes that are missing, and answers the store in it. */
export async function createMongoStore({
  uri,
  database,
  deploymentKey,
}: MongoStoreOptions): Promise<Store> {
  const connection = mongoose.createConnection(uri, {
    ...(database === undefined ? {} : { dbName: database }),
    // An acknowledged write survives the loss of the machine that took it.
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: 5_000,
    maxPoolSize: 20,
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
  });
  try {
    await connection.asPromise();
    const models = defineModels(connection);
    for (const model of Object.values(models)) await model.createIndexes();
    return storeOf(connection, models, await resumeOrder(models), deploymentKey);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function storeOf(
  connection: Connection,
  models: ReturnType<typeof defineModels>,
  order: Awaited<ReturnType<typeof resumeOrder>>,
  deploymentKey: Uint8Array,
): Store {
  const keys = createKeyRing(createKeyRows(models), deploymentKey);
  const seals = createSeals(keys, deploymentKey, (runId) => keyIdOfRun(models, runId));
  const watches = new Set<() => Promise<void>>();
  const db = () => {
    if (connection.db === undefined) throw new Error('the store is closed');
    return connection.db;
  };

  return {
    journeys: createJourneys(models),
    subjects: createSubjects(models, keys),
    subjectKeys: { ...keys, ofRun: (runId) => seals.ofRun(runId) },
    erasures: createErasures(models),
    runs: createRuns(models, seals),
    effects: createEffects(models, seals),
    tasks: createTasks(models, seals),
    intake: createIntake(models, order, seals),
    reports: createReports(models, seals),
    policies: createPolicies(models),
    contacts: createContacts(models),
    connections: createConnections(models),
    access: createAccess(models),
    audit: createAudit(models, seals),
    settings: createSettings(models),
    leases: createLeases(models),
    async watch(onChange, onError) {
      const stop = await watchDatabase(db(), onChange, onError);
      watches.add(stop);
      return async () => {
        watches.delete(stop);
        await stop();
      };
    },
    async ping() {
      await db().command({ ping: 1 });
    },
    async close() {
      await Promise.all([...watches].map((stop) => stop()));
      await connection.close();
    },
  };
}
