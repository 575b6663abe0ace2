import type { Change, Store } from '../ports.ts';
import { createAccess, createAudit, createConnections, createSettings } from './access.ts';
import { createEffects } from './effects.ts';
import { createIntake } from './intake.ts';
import { createJourneys } from './journeys.ts';
import { createContacts, createPolicies } from './policies.ts';
import { createRuns } from './runs.ts';
import { createSubjects } from './subjects.ts';

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

  return {
    journeys: createJourneys(changed),
    subjects: createSubjects(),
    runs: createRuns(changed),
    effects: createEffects(),
    intake: createIntake(),
    policies: createPolicies(),
    contacts: createContacts(),
    connections: createConnections(),
    access: createAccess(),
    audit: createAudit(),
    settings: createSettings(),
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
