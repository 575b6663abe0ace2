import type { Calendar, PluginManifest } from '@sojourn/schemas';
import type { JsonObject, Plan } from '../plan.ts';

/** What a document is compiled against. Without `connections`, connections are not looked for. */
export interface CompileEnvironment {
  manifests: readonly PluginManifest[];
  connections?: readonly { id: string; plugin: string; type: string; default: boolean }[];
  /** Published versions that a `call` may name. Absent: calls are not looked for, and a document that has some gives no plan. */
  journeys?: readonly CalledJourney[];
  /** Calendars that a window may name. Absent: none. */
  calendars?: readonly Calendar[];
  /** The deployment's zone: used when neither the subject nor the journey has one. */
  timeZone: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** What a caller must know of a published version. */
export interface CalledJourney {
  key: string;
  version: number;
  planHash: string;
  subjectType: string;
  inputs?: JsonObject;
  /** The outcomes of its `end` steps: the ports of a call. */
  outcomes: string[];
  /** Keys of the journeys that it calls, directly or by others. */
  calls: string[];
}

/** What a caller must know of a plan. `calls` of the journeys that it calls itself are looked up among those given. */
export function calledJourneyOf(
  plan: Plan,
  version: number,
  others: readonly CalledJourney[] = [],
): CalledJourney {
  const steps = Object.values(plan.steps);
  const direct = steps.flatMap((step) => (step.kind === 'call' ? [step] : []));
  const calls = direct.flatMap((step) => [
    step.journey,
    ...(others.find(({ planHash }) => planHash === step.planHash)?.calls ?? []),
  ]);
  return {
    key: plan.journey,
    version,
    planHash: plan.hash,
    subjectType: plan.subjectType,
    ...(plan.inputs === undefined ? {} : { inputs: plan.inputs }),
    outcomes: [...new Set(steps.flatMap((step) => (step.kind === 'end' ? [step.outcome] : [])))],
    calls: [...new Set(calls)],
  };
}

/** The version that a call is pinned to: the one it names, else the latest that is known. */
export function calledVersion(
  call: { journey: string; version?: number },
  journeys: readonly CalledJourney[] = [],
): CalledJourney | undefined {
  return journeys
    .filter(({ key, version }) => key === call.journey && (call.version ?? version) === version)
    .sort((one, other) => other.version - one.version)[0];
}
