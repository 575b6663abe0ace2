import type { Alternative, Reentry, Retry } from '@sojourn/schemas';

// A plan is a version compiled for the engine: plain JSON, every edge resolved, every duration checked.

/** Plain JSON, as it travels in documents, events and states. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/** One version of a journey, compiled. `hash` is the SHA-256 of everything else in it: same hash, same behaviour. */
export interface Plan {
  format: 1;
  hash: string;
  journey: string;
  subjectType: string;
  /** The journey's zone, else the deployment's. Used when the subject has none. */
  timeZone: string;
  inputs?: JsonObject;
  vars: JsonObject;
  /** What each variable holds: a `set` of anything else is an incident. */
  varTypes: Record<string, string>;
  entry: PlanEntry[];
  reentry: Reentry;
  exits: PlanExit[];
  goals: PlanGoal[];
  start: string;
  steps: Record<string, PlanStep>;
  /** Subject attributes that some expression reads: only these travel with a run. */
  reads: string[];
  /** Event types that some exit, goal or wait names: others wake nobody. */
  listens: string[];
  /** The calendars that some window names, by id, as they were when it was published. */
  calendars?: Record<string, PlanCalendar>;
}

export interface PlanCalendar {
  years: number[];
  /** Names by date. */
  holidays: Record<string, string>;
  workdays: Record<string, string>;
}

export type PlanEntry =
  { on: 'event'; event: string; if?: string; key?: string } | { on: 'manual'; key?: string };

export interface PlanExit {
  id: string;
  event?: string;
  if?: string;
  when?: string;
  outcome: string;
}

export interface PlanGoal {
  id: string;
  event?: string;
  if?: string;
  when?: string;
  within?: string;
  ends?: boolean;
}

interface StepBase {
  id: string;
  /** Where each connected port leads. A port that is not here leads nowhere: see each kind. */
  to: Record<string, string>;
}

export interface PlanAction extends StepBase {
  kind: 'action';
  plugin: string;
  action: string;
  /** The pinned version of the action's config schema. */
  schemaVersion: number;
  /** The connection's id; absent when the action needs none, or the deployment's default is meant. */
  connection?: string;
  needsConnection: boolean;
  /** The channel whose consent is asked. */
  channel: string;
  with: JsonObject;
  purpose?: string;
  contact: boolean;
  settles: 'now' | 'later';
  /** Every outcome the action may end with. The first is what a simulation takes by default. */
  outcomes: string[];
  whenSuppressed?: string;
  /** The outcome taken when a deadline passes, in place of the port `timeout`. */
  deadlineOutcome?: string;
  idempotency: 'native' | 'deduplicated' | 'none';
  expires?: string;
  deadline?: string;
  timeout?: string;
  retry: Required<Retry>;
}

export interface PlanWait extends StepBase {
  kind: 'wait';
  for: Alternative[];
  spread?: string;
}

export interface PlanBranch extends StepBase {
  kind: 'branch';
  cases: { port: string; if: string }[];
}

export interface PlanSplit extends StepBase {
  kind: 'split';
  arms: { port: string; weight: number }[];
  experiment: string;
  by?: string;
}

export interface PlanRepeat extends StepBase {
  kind: 'repeat';
  times: number | { cel: string };
  until?: string;
}

export interface PlanSet extends StepBase {
  kind: 'set';
  vars: Record<string, string>;
}

export interface PlanParallel extends StepBase {
  kind: 'parallel';
  branches: string[];
}

export interface PlanJoin extends StepBase {
  kind: 'join';
  of: string;
  /** How many branches must arrive: every one of them for `all`. */
  need: number;
}

export interface PlanCall extends StepBase {
  kind: 'call';
  journey: string;
  /** Pinned at publication. */
  version: number;
  /** The hash of the called version's plan. */
  planHash: string;
  /** The `end` outcomes of the called version: any other ending leaves by `failed`. */
  outcomes: string[];
  with: JsonObject;
  subject?: string;
}

export interface PlanEnd extends StepBase {
  kind: 'end';
  outcome: string;
  stop: boolean;
}

export type PlanStep =
  | PlanAction
  | PlanWait
  | PlanBranch
  | PlanSplit
  | PlanParallel
  | PlanJoin
  | PlanCall
  | PlanRepeat
  | PlanSet
  | PlanEnd;
