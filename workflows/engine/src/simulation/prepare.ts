import type { PluginManifest, PolicyDocument } from '@sojourn/schemas';
import { compile } from '../compile/compile.ts';
import {
  calledJourneyOf,
  type CalledJourney,
  type CompileEnvironment,
} from '../compile/environment.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { hashOf } from '../hash.ts';
import type { Plan } from '../plan.ts';
import type { PolicyInForce } from '../policies/index.ts';

// From what a request names to what the simulator needs. What it does not name is the deployment's.

/** What there is where a request does not say otherwise. */
export interface SimulationDefaults {
  compile: CompileEnvironment;
  policies: readonly PolicyInForce[];
  /** Plans of published versions, by their hash. */
  plans: ReadonlyMap<string, Plan>;
}

/** Ready to be simulated; or else what is wrong with the documents. */
export type Prepared =
  | {
      ok: true;
      plan: Plan;
      plans: ReadonlyMap<string, Plan>;
      policies: readonly PolicyInForce[];
      hashes: Record<string, string>;
    }
  | { ok: false; diagnostics: Diagnostic[] };

/** Compiles a document with all that it calls. `given` is the request: its `policies`, `journeys` and `manifests` come first. */
export function prepareSimulation(
  document: unknown,
  given: { policies?: unknown[]; journeys?: unknown[]; manifests?: unknown[] },
  defaults: SimulationDefaults,
): Prepared {
  const base: CompileEnvironment = {
    ...defaults.compile,
    ...(given.manifests === undefined ? {} : { manifests: given.manifests as PluginManifest[] }),
  };
  const called = given.journeys === undefined ? undefined : compileAll(given.journeys, base);
  if (called && called.diagnostics.length > 0)
    return { ok: false, diagnostics: called.diagnostics };
  const plans = called?.plans ?? defaults.plans;
  const journeys = called?.journeys ?? base.journeys ?? [];
  const { plan, diagnostics } = compile(document, { ...base, journeys });
  if (!plan) return { ok: false, diagnostics };
  const policies = (given.policies as PolicyDocument[] | undefined) ?? defaults.policies;
  return {
    ok: true,
    plan,
    plans,
    policies,
    hashes: {
      plan: plan.hash,
      manifests: hashOf(base.manifests),
      policies: hashOf(policies),
      journeys: hashOf(journeys),
    },
  };
}

/** Compiles journeys that may call each other, the called ones first, each as version 1. */
function compileAll(
  documents: unknown[],
  base: CompileEnvironment,
): { plans: Map<string, Plan>; journeys: CalledJourney[]; diagnostics: Diagnostic[] } {
  const plans = new Map<string, Plan>();
  const journeys: CalledJourney[] = [];
  let waiting = documents.map((document, index) => ({ document, index }));
  for (;;) {
    const left: typeof waiting = [];
    const diagnostics: Diagnostic[] = [];
    for (const { document, index } of waiting) {
      const answer = compile(document, { ...base, journeys });
      if (answer.plan) {
        plans.set(answer.plan.hash, answer.plan);
        journeys.push(calledJourneyOf(answer.plan, 1, journeys));
        continue;
      }
      left.push({ document, index });
      diagnostics.push(
        ...answer.diagnostics.map((finding) => ({
          ...finding,
          pointer: `/journeys/${index}${finding.pointer}`,
        })),
      );
    }
    if (left.length === 0) return { plans, journeys, diagnostics: [] };
    if (left.length === waiting.length) return { plans, journeys, diagnostics };
    waiting = left;
  }
}
