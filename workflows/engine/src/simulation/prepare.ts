import type { PluginManifest, PolicyDocument } from '@sojourn/schemas';
import { compile } from '../compile/compile.ts';
import {
  calledJourneyOf,
  type CalledJourney,
  type CompileEnvironment,
} from '../compile/environment.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { hashOf } from '../hash.ts';
import { isObject } from '../json.ts';
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
  const called =
    given.journeys === undefined ? undefined : compileAll(given.journeys, base, document);
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

/** Compiles journeys that may call each other, the called ones first, each as version 1. `main` is the one that is walked. */
function compileAll(
  documents: unknown[],
  base: CompileEnvironment,
  main: unknown,
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
    if (left.length === waiting.length) {
      const stuck = left.map(({ document }) => document);
      return { plans, journeys, diagnostics: told(diagnostics, documents, stuck, main) };
    }
    waiting = left;
  }
}

/**
 * A journey whose call leads back to it is unknown while it is compiled, and so is one that has faults of its own: the first
 * is told as what it is, and the second by its faults.
 */
function told(
  diagnostics: Diagnostic[],
  documents: unknown[],
  stuck: unknown[],
  main: unknown,
): Diagnostic[] {
  const calls = new Map(
    [main, ...documents].map((document) => [keyOf(document), callsOf(document)]),
  );
  const unready = new Set(stuck.map(keyOf));
  return diagnostics.flatMap((finding) => {
    if (finding.code !== 'call/unknown-journey') return [finding];
    const called = String(finding.values?.['journey']);
    const own = keyOf(documents[Number(finding.pointer.split('/')[2])]);
    if (leadsTo(own, called, calls)) {
      const message = `Step '${finding.stepId ?? ''}' would start this journey again by way of '${called}'. Use an edge back, or another journey.`;
      return [{ ...finding, code: 'call/recursion' as const, message }];
    }
    return unready.has(called) ? [] : [finding];
  });
}

function leadsTo(
  wanted: string,
  from: string,
  calls: ReadonlyMap<string, readonly string[]>,
): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (key === wanted) return true;
    if (seen.has(key)) continue;
    seen.add(key);
    open.push(...(calls.get(key) ?? []));
  }
  return false;
}

function keyOf(document: unknown): string {
  const key = isObject(document) ? document['key'] : undefined;
  return typeof key === 'string' ? key : '';
}

/** Keys of the journeys that a document calls itself. */
function callsOf(document: unknown): string[] {
  const steps = isObject(document) && isObject(document['steps']) ? document['steps'] : {};
  return Object.values(steps).flatMap((step) =>
    isObject(step) && step['kind'] === 'call' && typeof step['journey'] === 'string'
      ? [step['journey']]
      : [],
  );
}
