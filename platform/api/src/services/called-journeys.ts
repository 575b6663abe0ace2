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
    if (called) await addTo(found, store, called);
  }
  return found;
}

/** A version as a caller sees it, behind those that it calls in turn. */
export async function asCalled(
  store: Pick<Store['journeys'], 'planByHash'>,
  called: { plan: Plan; number: number },
): Promise<CalledJourney[]> {
  const found: CalledJourneys = { journeys: [], plans: new Map() };
  await addTo(found, store, called);
  return found.journeys;
}

/** Called ones first: what a plan calls is looked up among those that are known. */
async function addTo(
  found: CalledJourneys,
  store: Pick<Store['journeys'], 'planByHash'>,
  { plan, number }: { plan: Plan; number: number },
): Promise<void> {
  if (found.plans.has(plan.hash)) return;
  found.plans.set(plan.hash, plan);
  for (const step of Object.values(plan.steps)) {
    const next = step.kind === 'call' ? await store.planByHash(step.planHash) : undefined;
    if (next && step.kind === 'call')
      await addTo(found, store, { plan: next, number: step.version });
  }
  found.journeys.push(calledJourneyOf(plan, number, found.journeys));
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
