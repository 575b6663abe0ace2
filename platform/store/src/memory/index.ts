import { randomBytes } from 'node:crypto';
import { createKeyRing } from '../keys.ts';
import type { Change, Store } from '../ports.ts';
import { createRootStore } from '../renewal.ts';
import { recordOf } from '../root-record.ts';
import { createRoots } from '../roots.ts';
import { createSeals } from '../seals.ts';
import {
  createAccess,
  createAudit,
  createConnections,
  createLeases,
  createSettings,
} from './access.ts';
import { createEffects } from './effects.ts';
import { createErasures } from './erasures.ts';
import { createIntake } from './intake.ts';
import { createJourneys } from './journeys.ts';
import { createKeyRows, createRootRows } from './keys.ts';
import { createContacts, createPolicies } from './policies.ts';
import { createReports } from './reports.ts';
import { createRuns } from './runs.ts';
import { createSubjects } from './subjects.ts';
import { createTasks } from './tasks.ts';

/** A store that lives as long as the process: for tests and simulations. */
export function createMemoryStore(): Store {
  const watchers = new Set<(change: Change) => void>();
  // Told later, as a database tells: nobody may count on having been told before their write is answered.
  const changed = (change: Change) => {
    for (const watcher of watchers)
      queueMicrotask(() => {
        if (watchers.has(watcher)) watcher(change);
      });
  };

  // Values stand in clear here, but what may be written about whom is decided as in the database.
  const deploymentKey = randomBytes(32);
  const record = recordOf({ generation: 1, secret: randomBytes(32) }, deploymentKey);
  const roots = createRoots(createRootRows(record), deploymentKey, record);
  const keyRows = createKeyRows();
  const keys = createKeyRing(keyRows, roots);
  const seals = createSeals(keys, roots, (runId) => Promise.resolve(runs.keyIdOf(runId)));
  const runs = createRuns(changed, seals);
  const effects = createEffects(seals);
  const tasks = createTasks(changed, seals);
  const intake = createIntake(seals);
  const reports = createReports(seals);
  const connections = createConnections();

  return {
    journeys: createJourneys(changed),
    subjects: createSubjects(keys),
    subjectKeys: { ...keys, ofRun: (runId) => seals.ofRun(runId) },
    roots: createRootStore(roots, keyRows, connections),
    erasures: createErasures((type, key) => {
      const ids = runs.forget(type, key);
      for (const id of ids) effects.forget(id);
      tasks.forget({ type, key });
      intake.forget({ type, key }, ids);
      reports.forget({ type, key });
      return Promise.resolve();
    }),
    runs,
    effects,
    tasks,
    intake,
    reports,
    policies: createPolicies(),
    contacts: createContacts(),
    connections,
    access: createAccess(),
    audit: createAudit(),
    settings: createSettings(),
    leases: createLeases(),
    watch(onChange) {
      const watcher = (change: Change) => onChange(change);
      watchers.add(watcher);
      return Promise.resolve(() => {
        watchers.delete(watcher);
        return Promise.resolve();
      });
    },
    ping: () => Promise.resolve(),
    close() {
      watchers.clear();
      return Promise.resolve();
    },
  };
}
