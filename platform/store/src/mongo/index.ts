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
import { createRootStore, learnMs } from '../renewal.ts';
import { DeploymentKeyError, openRoots, type DeploymentKeys } from '../root-record.ts';
import { createRoots } from '../roots.ts';
import { createSeals } from '../seals.ts';
import { createEffects } from './effects.ts';
import { createErasures } from './erasures.ts';
import { createIntake, resumeOrder } from './intake.ts';
import { createJourneys } from './journeys.ts';
import { createKeyRows, keyIdOfRun } from './keys.ts';
import { createRootRows, earlierContentOf } from './roots.ts';
import { defineModels } from './rows.ts';
import { createContacts, createPolicies } from './policies.ts';
import { createReports } from './reports.ts';
import { createRuns } from './runs.ts';
import { createSubjects } from './subjects.ts';
import { createTasks } from './tasks.ts';
import { watchDatabase } from './watch.ts';

export interface MongoStoreOptions extends DeploymentKeys {
  uri: string;
  /** By default the one that the URI names. */
  database?: string;
  /** Called when the roots were wrapped anew by this key, in the place of a former one. */
  onExchange?: () => void;
  /** Called once when the key was exchanged while this process ran: it can learn of no new root any more. */
  onOutdated?: (error: DeploymentKeyError) => void;
}

/**
 * Connects to MongoDB, creates the indexes that are missing, and answers the store in it. Rejects with a `DeploymentKeyError` when the
 * deployment's keys do not open.
 */
export async function createMongoStore({
  uri,
  database,
  onExchange,
  onOutdated,
  ...keys
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
    const rows = createRootRows(models);
    const { record, exchanged } = await openRoots(rows, keys, () => earlierContentOf(models));
    if (exchanged) onExchange?.();
    const roots = createRoots(rows, keys.deploymentKey, record);
    return storeOf(connection, models, await resumeOrder(models), roots, onOutdated);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function storeOf(
  connection: Connection,
  models: ReturnType<typeof defineModels>,
  order: Awaited<ReturnType<typeof resumeOrder>>,
  roots: ReturnType<typeof createRoots>,
  onOutdated: MongoStoreOptions['onOutdated'],
): Store {
  const keyRows = createKeyRows(models);
  const keys = createKeyRing(keyRows, roots);
  const connections = createConnections(models, roots);
  let isOutdated = false;
  const learning = setInterval(() => {
    roots.refresh().catch((error: unknown) => {
      // Whatever else is wrong may be right the next time, or is said to whoever needs a root.
      if (isOutdated || !(error instanceof DeploymentKeyError)) return;
      isOutdated = true;
      onOutdated?.(error);
    });
  }, learnMs);
  learning.unref();
  const seals = createSeals(keys, roots, (runId) => keyIdOfRun(models, runId));
  const watches = new Set<() => Promise<void>>();
  const db = () => {
    if (connection.db === undefined) throw new Error('the store is closed');
    return connection.db;
  };

  return {
    journeys: createJourneys(models),
    subjects: createSubjects(models, keys),
    subjectKeys: { ...keys, ofRun: (runId) => seals.ofRun(runId) },
    roots: createRootStore(roots, keyRows, connections),
    erasures: createErasures(models),
    runs: createRuns(models, seals),
    effects: createEffects(models, seals),
    tasks: createTasks(models, seals),
    intake: createIntake(models, order, seals),
    reports: createReports(models, seals),
    policies: createPolicies(models),
    contacts: createContacts(models),
    connections,
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
      clearInterval(learning);
      await Promise.all([...watches].map((stop) => stop()));
      await connection.close();
    },
  };
}
