import type { RunEvent, RunState, TrailEntry } from '@sojourn/engine/interpreter';

// What the workflow and the world outside say to each other. Types and names only: the workflow bundle imports this.
// Old workers write what new ones read: a change of shape gets a new `v`.

export const workflowType = 'journeyRun';
export const messageSignal = 'message';
/** The task queue of workflows, and of activities that are not a connection's own. */
export const mainTaskQueue = 'sojourn';

/**
 * The task queue of a connection, whose rate limit is the connection's. What names no connection goes to the plugin's default one, by
 * the queue `plugin.<id>.default`, and so does what names the default one: one connection is reached by one queue.
 */
export const connectionQueue = (plugin: string, connection = 'default'): string =>
  `plugin.${plugin}.${connection}`;

/** The one field of what stands in the place of a payload whose key was destroyed. */
export const erasedMark = '__erased';

/** Whether a payload's key was destroyed: the person was erased. */
export const isErased = (value: object): boolean => erasedMark in value;

/** What a run's workflow starts with, and carries when it continues as new. */
export interface RunArguments {
  v: 1;
  state: RunState;
  /** Messages that came but were not handled yet. */
  inbox: RunEvent[];
  /** Trail entries not stored yet. */
  pending: TrailEntry[];
  /** The revision up to which everything is stored. */
  storedRevision: number;
  /** Whether something was stored that was predicted and did not come true: it is written over as soon as can be. */
  missed: boolean;
  /** What the run had heard when this was written, counted over its whole life; absent: 0. */
  turn?: number;
  /** When the run last continued as new to sleep, in milliseconds since 1970; 0 before it ever did. */
  parkedAt: number;
  /** How long is long: for tests alone, whose years are seconds. */
  pace?: Pace;
}

/** From which length on a wait continues as new, and how long a run that was just parked stays awake when it is written to. */
export interface Pace {
  longWaitMs: number;
  lingerMs: number;
  /** After so long it is asked whether anybody takes effects from a queue. Absent: ten minutes. */
  untakenMs?: number;
}

/** A plan in a payload: the codec of the worker puts the plan in its place, by its hash. */
export interface PlanReference {
  $plan: string;
}

/** Stores what was decided. */
export interface FlushRequest {
  planHash: string;
  state: RunState;
  trail: TrailEntry[];
  /** The turn in which it was decided (S2 of the store); absent from before there were turns. */
  turn?: number;
}

/** One effect to be performed, with all that is needed to predict what comes of it. */
export interface PerformRequest {
  planHash: string;
  state: RunState;
  pending: TrailEntry[];
  /** The turn in which it was asked for. */
  turn?: number;
  effect: string;
  step: string;
  visit: number;
  /** Whether nothing else can change the run meanwhile but an event: then what comes of it is predicted and stored. */
  alone: boolean;
}

/** How an effect was answered, as the engine's event. `stored`: with it, everything up to the predicted revision is stored. */
export interface PerformAnswer {
  event: Extract<RunEvent, { effect: string }>;
  stored: boolean;
}

/** An effect that is another queue's to perform. Nothing was done. */
export interface Elsewhere {
  queue: string;
}

export interface CancelRequest {
  planHash: string;
  runId: string;
  effect: string;
  step: string;
  reference: string;
}

/** The activities a run's workflow may ask for. */
export interface RunActivities {
  performEffect(request: PerformRequest): Promise<PerformAnswer | Elsewhere>;
  /** Whether some worker takes activities from a queue. */
  isServed(request: { queue: string }): Promise<boolean>;
  cancelEffect(request: CancelRequest): Promise<void>;
  /** Tells the run that called this one how it ended. */
  tellCaller(request: { state: RunState }): Promise<void>;
}

/** Activities that run inside the workflow's own task. */
export interface LocalRunActivities {
  flush(request: FlushRequest): Promise<void>;
  /** As histories from before that was an activity of its own have it. */
  tellCaller(request: { state: RunState }): Promise<void>;
}
