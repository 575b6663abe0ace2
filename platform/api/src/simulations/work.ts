import { actionManifest, evaluate, scopeOf, type Json, type Plan } from '@sojourn/engine';
import {
  simulating,
  type SimulationAnswer,
  type SimulationEnvironment,
  type SimulationProgress,
  type SimulationRequest,
} from '@sojourn/engine/simulation';
import { renderConfig } from '@sojourn/plugin-kit';
import type { PluginManifest } from '@sojourn/schemas';

// What a simulation is run with on a server or a command line: everything that the request left to the deployment, as plain
// JSON, so that it can be handed to a thread.

/** One simulation, ready to be run. */
export interface SimulationWork {
  request: SimulationRequest;
  plan: Plan;
  plans: [hash: string, plan: Plan][];
  policies: SimulationEnvironment['policies'];
  manifests: readonly PluginManifest[];
  hashes: Record<string, string>;
}

/** The whole answer: what came of it, and what it was computed with. */
export interface SimulationResult extends SimulationAnswer {
  seed: string;
  engine: { version: string; tzdata: string };
  hashes: Record<string, string>;
}

const engineVersion = '0.1.0';

/** Runs it, portion by portion. */
export function* working(work: SimulationWork): Generator<SimulationProgress, SimulationResult> {
  const answer = yield* simulating(work.request, {
    plan: work.plan,
    plans: new Map(work.plans),
    ...(work.policies === undefined ? {} : { policies: work.policies }),
    input: inputOf(work.manifests),
  });
  return {
    ...answer,
    seed: work.request.seed ?? '',
    engine: { version: engineVersion, tzdata: process.versions.tz ?? 'unknown' },
    hashes: work.hashes,
  };
}

/** What an action would be given: its configuration with expressions and texts filled in, as its plugin would get it. */
function inputOf(
  manifests: readonly PluginManifest[],
): NonNullable<SimulationEnvironment['input']> {
  return (step, plan, state, attributes): Json => {
    const found = actionManifest({ uses: `${step.plugin}/${step.action}` }, manifests);
    const scope = scopeOf(plan, { ...state, subject: { ...state.subject, attributes } }, state.at);
    try {
      return renderConfig(step.with, found?.action.config ?? {}, {
        scope,
        evaluate: (cel) => {
          const answer = evaluate(cel, scope);
          if (!answer.ok) throw new Error(answer.message);
          return answer.value;
        },
      });
    } catch (error) {
      return { fault: error instanceof Error ? error.message : 'cannot be filled in' };
    }
  };
}
