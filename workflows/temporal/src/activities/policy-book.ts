import type { PlanAction, PolicyInForce } from '@sojourn/engine';
import type { ConnectionRecord, JourneyRecord, Store } from '@sojourn/store';

/** What is alike for many contacts, kept in memory for a moment: a change is obeyed everywhere within two seconds. */
export interface PolicyBook {
  policies(): Promise<PolicyInForce[]>;
  journey(key: string): Promise<Pick<JourneyRecord, 'state' | 'waits'> | undefined>;
  connection(
    step: Pick<PlanAction, 'connection' | 'plugin'>,
  ): Promise<Pick<ConnectionRecord, 'id' | 'limits'> | undefined>;
}

const timeToLiveMs = 2_000;
const mostJourneys = 1_000;

/** A book over the store. What cannot be read is asked for again by the next one. */
export function createPolicyBook(
  store: Pick<Store, 'policies' | 'journeys' | 'connections'>,
  clock: () => number,
): PolicyBook {
  const policies = kept(clock, async () =>
    (await store.policies.list())
      .filter(({ document }) => document.enabled)
      .map(({ document, revision }) => ({ ...document, revision })),
  );
  const connections = kept(clock, () => store.connections.list());
  const journeys = new Map<string, () => Promise<JourneyRecord | undefined>>();

  return {
    policies,
    async journey(key) {
      let read = journeys.get(key);
      if (!read) {
        if (journeys.size >= mostJourneys) journeys.clear();
        read = kept(clock, () => store.journeys.get(key));
        journeys.set(key, read);
      }
      return await read();
    },
    async connection({ connection, plugin }) {
      const all = await connections();
      return connection === undefined
        ? all.find((record) => record.plugin === plugin && record.default)
        : all.find(({ id }) => id === connection);
    },
  };
}

/** Reads again when what was read is older than the time to live. */
function kept<Value>(clock: () => number, read: () => Promise<Value>): () => Promise<Value> {
  let known: { at: number; value: Promise<Value> } | undefined;
  return () => {
    const now = clock();
    if (known && now - known.at < timeToLiveMs && now >= known.at) return known.value;
    const entry = { at: now, value: read() };
    entry.value.catch(() => {
      if (known === entry) known = undefined;
    });
    known = entry;
    return entry.value;
  };
}
