import mongoose, { type Connection } from 'mongoose';

import type { Store } from '../ports.ts';
import { createAccess, createAudit, createConnections, createSettings } from './access.ts';
import { createEffects } from './effects.ts';
import { createIntake, resumeOrder } from './intake.ts';
import { createJourneys } from './journeys.ts';
import { defineModels } from './rows.ts';
import { createContacts, createPolicies } from './policies.ts';
import { createRuns } from './runs.ts';
import { createSubjects } from './subjects.ts';
import { watchDatabase } from './watch.ts';

export interface MongoStoreOptions {
  uri: string;
  /** By default the one that the URI names. */
  database?: string;
}

/** Connects to MongoDB, creates the indexes that are missing, and answers the store in it. */
export async function createMongoStore({ uri, database }: MongoStoreOptions): Promise<Store> {
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
    return storeOf(connection, models, await resumeOrder(models));
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function storeOf(
  connection: Connection,
  models: ReturnType<typeof defineModels>,
  order: Awaited<ReturnType<typeof resumeOrder>>,
): Store {
  const watches = new Set<() => Promise<void>>();
  const db = () => {
    if (connection.db === undefined) throw new Error('the store is closed');
    return connection.db;
  };

  return {
    journeys: createJourneys(models),
    subjects: createSubjects(models),
    runs: createRuns(models),
    effects: createEffects(models),
    intake: createIntake(models, order),
    policies: createPolicies(models),
    contacts: createContacts(models),
    connections: createConnections(models),
    access: createAccess(models),
    audit: createAudit(models),
    settings: createSettings(models),
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
