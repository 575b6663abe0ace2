import type { Plan } from '@sojourn/engine';
import type { Store } from '@sojourn/store';

/** Plans by their hash, as objects and as text, kept in memory: a plan never changes. */
export interface PlanCache {
  byHash(hash: string): Promise<Plan>;
  text(hash: string): Promise<string>;
}

const most = 500;

/** A cache over the store. A hash that the store does not know is an error: nothing names plans that were not published. */
export function createPlanCache(journeys: Pick<Store['journeys'], 'planByHash'>): PlanCache {
  const plans = new Map<string, Promise<{ plan: Plan; text: string }>>();
  const load = (hash: string): Promise<{ plan: Plan; text: string }> => {
    let known = plans.get(hash);
    if (!known) {
      if (plans.size >= most) plans.clear();
      known = journeys.planByHash(hash).then((plan) => {
        if (!plan) throw new Error(`no version has the plan ${hash}`);
        return { plan, text: JSON.stringify(plan) };
      });
      known.catch(() => plans.delete(hash)); // the next one asks again
      plans.set(hash, known);
    }
    return known;
  };
  return {
    byHash: async (hash) => (await load(hash)).plan,
    text: async (hash) => (await load(hash)).text,
  };
}
