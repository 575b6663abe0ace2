import type { Json, JsonObject, Plan, PlanAction, PlanCall } from '../plan.ts';
import type { PolicyInForce } from '../policies/index.ts';
import type { RunState } from '../run.ts';
import type { Collector } from './collector.ts';
import type { Draw } from './draws.ts';
import type { Traveller } from './traveller.ts';
import type { Detail } from './request.ts';

/** What surrounds one person in a simulation. */
export interface World {
  plan: Plan;
  until: number;
  detail: Detail;
  draw: Draw;
  collector: Collector;
  /** The plan of a called version. */
  called(planHash: string): Plan;
  /** What comes of an action, given or drawn. */
  outcome(who: Traveller, step: PlanAction, visit: number): Outcome;
  /** How a called run ends, where that is given or drawn; otherwise it is walked. */
  ending(who: Traveller, step: PlanCall, visit: number): Outcome | undefined;
  /** Events that follow when a step is left by a port. */
  follows(step: string, port: string): readonly Following[];
  /** The policies that are asked before every contact. */
  policies: readonly PolicyInForce[];
  /** What an action would be given: its configuration with everything computed. */
  input(step: PlanAction, plan: Plan, state: RunState, attributes: JsonObject): Json;
}

export interface Outcome {
  port: string;
  takes: number;
  output: Json;
}

export interface Following {
  type: string;
  /** What it is drawn by: each rule has its own luck, though several bring the same event. */
  name: string;
  chance: number;
  delay: (u: number) => number;
  data: JsonObject;
}
