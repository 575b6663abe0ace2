import {
  calledJourneyOf,
  isObject,
  type CalledJourney,
  type Json,
  type Plan,
} from '@sojourn/engine';
import type { Store } from '@sojourn/store';

/** The published versions that a document's `call` steps may mean, with those that they call in turn. */
export interface CalledJourneys {
  journeys: CalledJourney[];
  /** Their plans, by hash. */
  plans: Map<string, Plan>;
}

/** Looks up what any JSON, taken as a document, calls. Unknown journeys are left out: the compiler says so. */
export async function calledJourneys(
  store: Pick<Store['journeys'], 'get' | 'version' | 'planByHash'>,
  document: unknown,
): Promise<CalledJourneys> {
  const found: CalledJourneys = { journeys: [], plans: new Map() };
  for (const { journey, version } of callsIn(document)) {
    const record = await store.get(journey);
    const number = version ?? record?.latestVersion;
    const called = number === undefined ? undefined : await store.version(journey, number);
    if (called) await add(called.plan, called.number);
  }
  return found;

  /** Called ones first: what a plan calls is looked up among those that are known. */
  async function add(plan: Plan, version: number): Promise<void> {
    if (found.plans.has(plan.hash)) return;
    found.plans.set(plan.hash, plan);
    for (const step of Object.values(plan.steps)) {
      const next = step.kind === 'call' ? await store.planByHash(step.planHash) : undefined;
      if (next && step.kind === 'call') await add(next, step.version);
    }
    found.journeys.push(calledJourneyOf(plan, version, found.journeys));
  }
}

function callsIn(document: unknown): { journey: string; version?: number }[] {
  const steps = isObject(document) && isObject(document['steps']) ? document['steps'] : {};
  return Object.values(steps as Record<string, Json>).flatMap((step) => {
    if (!isObject(step) || step['kind'] !== 'call' || typeof step['journey'] !== 'string')
      return [];
    const { journey, version } = step;
    return [{ journey, ...(Number.isInteger(version) ? { version: version as number } : {}) }];
  });
}
