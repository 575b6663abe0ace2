import type { Plan } from '@sojourn/engine';
import type { JourneyRecord, Store } from '@sojourn/store';

/** A journey with the version that accepts entries. */
export interface OpenJourney {
  journey: JourneyRecord;
  version: number;
  plan: Plan;
}

/** The published journeys, kept in memory: every event asks for them. */
export interface JourneyCatalogue {
  /** Every published journey, whatever its state. */
  published(): Promise<OpenJourney[]>;
  get(key: string): Promise<OpenJourney | undefined>;
  /** Whether there is such a journey, published or not. */
  exists(key: string): Promise<boolean>;
  /** To be called after a publication or a change of state here; other processes notice within the time to live. */
  forget(): void;
}

const timeToLiveMs = 3_000;

/** A catalogue over the store. */
export function createCatalogue(
  journeys: Store['journeys'],
  clock: () => number,
): JourneyCatalogue {
  let known: { at: number; open: Promise<OpenJourney[]> } | undefined;
  const versions = new Map<string, Plan>();

  const load = async (): Promise<OpenJourney[]> => {
    const open: OpenJourney[] = [];
    let cursor: string | undefined;
    do {
      const page = await journeys.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
      for (const journey of page.items) {
        if (journey.latestVersion === undefined) continue;
        const plan = await planOf(journey.key, journey.latestVersion);
        if (plan) open.push({ journey, version: journey.latestVersion, plan });
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return open;
  };

  const planOf = async (key: string, number: number): Promise<Plan | undefined> => {
    const name = `${key}/${number}`;
    const cached = versions.get(name);
    if (cached) return cached;
    const version = await journeys.version(key, number);
    if (version) versions.set(name, version.plan);
    return version?.plan;
  };

  const published = (): Promise<OpenJourney[]> => {
    if (!known || clock() - known.at > timeToLiveMs) {
      const open = load();
      const entry = { at: clock(), open };
      open.catch(() => {
        if (known === entry) known = undefined; // the next one asks again
      });
      known = entry;
    }
    return known.open;
  };

  return {
    published,
    get: async (key) => (await published()).find(({ journey }) => journey.key === key),
    exists: async (key) => (await journeys.get(key)) !== undefined,
    forget: () => {
      known = undefined;
    },
  };
}
