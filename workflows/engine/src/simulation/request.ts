import type { JsonObject, Json } from '../plan.ts';

// What a simulation is asked (docs/simulation.md). The JSON Schema in `schemas/` is its source; these are the parts that the
// simulator reads.

/** A length of time: fixed, or drawn. A day is 24 hours here. */
export type Span =
  | string
  | { exponential: string }
  | { lognormal: [median: string, sigma: number] }
  | { normal: [mean: string, deviation: string] }
  | { uniform: [string, string] };

/** A subject's attribute: drawn, or the same for all. */
export type AttributeDraw =
  | { choice: Record<string, number> }
  | { normal: [number, number]; min?: number; max?: number; decimals?: number }
  | { uniform: [number, number]; decimals?: number }
  | { chance: number }
  | { dates: [string, string] }
  | { value: Json };

export interface SimulatedEvent {
  /** An instant; or else `after`. */
  at?: string;
  /** So long after the step was first entered. */
  after?: { step: string; delay: string };
  type: string;
  data?: JsonObject;
}

export interface SimulatedOutcome {
  port: string;
  takes?: string;
  output?: Json;
}

export interface SimulatedPerson {
  subject: { type?: string; key: string } & JsonObject;
  /** When the person enters. Without it, an event that a trigger names lets them in. */
  enters?: string;
  entry?: JsonObject;
  events?: SimulatedEvent[];
  changes?: { at: string; set: JsonObject }[];
  /** What the person agreed to, and when. */
  consents?: { purpose: string; channel: string; state: 'given' | 'withdrawn'; at: string }[];
  actions?: Record<string, SimulatedOutcome[]>;
}

export interface Cohort {
  size: number;
  template?: Omit<SimulatedPerson, 'subject'> & { subject?: JsonObject };
  attributes?: Record<string, AttributeDraw>;
  enters: string | { uniform: [string, string] };
}

export interface Behaviour {
  /** By step id or `plugin/action`: outcomes with their weights. What is missing from 1 takes the first outcome. */
  actions?: Record<string, Record<string, number | { weight: number; takes?: Span }>>;
  /** By event type: what follows when a step is left by a port. `after` is `step:port` or `plugin/action:port`. */
  events?: Record<string, EventRule | EventRule[]>;
}

export interface EventRule {
  after: string;
  chance?: number;
  delay?: Span;
  data?: JsonObject;
}

export type Detail = 'people' | 'summary' | 'load';

export interface SimulationRequest {
  start: string;
  until: string;
  seed?: string;
  people?: SimulatedPerson[];
  cohort?: Cohort;
  behaviour?: Behaviour;
  detail?: Detail;
  /** With `load`: by the hour, too. */
  hours?: boolean;
  document?: unknown;
  version?: number;
  policies?: unknown[];
  journeys?: unknown[];
  manifests?: unknown[];
}
