import type { Json, JsonObject } from './plan.ts';

// Terminology
//   state     everything a run is, as plain JSON: nothing else is needed to go on
//   token     a place where the run stands; one for each way that is being gone at once
//   visit     the how-manieth time a step is entered in this run, from 1
//   effect    asked of the world, named `stepId#visit`; the same name again is the same effect. One that an operator edited
//             is another: `stepId#visit!n`, n from 1
//   event     learned from the world, always with the instant at which the host handles it
//   trail     why the run is where it is: one entry a decision, numbered without holes
//
// Instants are milliseconds since 1970 in UTC.

/** One run's state. */
export interface RunState {
  format: 1;
  runId: string;
  /** The run key: the trigger's `key`, by default the subject's key. */
  key: string;
  status: 'active' | 'held' | 'ended';
  /** Whether its journey is paused with everybody standing still. What a held run does, it does too, whoever resumes it. */
  frozen?: true;
  /** When the latest word about that was given: an older one that comes late changes nothing. */
  frozenWordAt?: number;
  /** The effect of another run that waits for this one's end. */
  caller?: { runId: string; effect: string };
  outcome?: string;
  startedAt: number;
  endedAt?: number;
  /** The latest instant handled: time never goes back in a run, even when two machines' clocks differ. */
  at: number;
  subject: SubjectView;
  entry: JsonObject;
  vars: JsonObject;
  visits: Record<string, number>;
  /** Visits at one instant, from the second transition on that happened at it: of the latest such instant. */
  visitsNow?: { at: number; of: Record<string, number> };
  /** Latest passage of each step, as expressions see it. */
  passages: Record<string, Passage>;
  /** Rounds taken of each `repeat` under way. */
  rounds: Record<string, number>;
  tokens: Token[];
  goals: { id: string; at: number }[];
  /** Events that a later wait may still count: from the latest action on. */
  recent: RecentEvent[];
  /** Ids of messages already handled: one that comes again changes nothing. Bounded. */
  seen: string[];
  /** Grows by one with every event that changed something. A write computed from a lower one never replaces a higher. */
  revision: number;
  /** Effects that were left unanswered behind: what comes of them is noted and moves nobody. */
  left: string[];
  /** Index of the next trail entry. */
  nextSeq: number;
}

/** What a run knows of its subject: the attributes its plan reads. */
export interface SubjectView {
  type: string;
  key: string;
  attributes: JsonObject;
  /** Of the subject's record when these were read: an answer that was long on its way does not bring older ones back. */
  revision?: number;
}

export interface Passage {
  port: string;
  output: Json;
  at: number;
  visit: number;
}

export interface Token {
  step: string;
  visit: number;
  since: number;
  /** When the latest action on this token's path was entered: what `since: action` counts from. */
  actionAt?: number;
  /** The ways of `parallel` steps that it is on, the outermost first. Absent on a token that never met one. */
  ways?: Way[];
  /** When its action must be done at the latest (`deadline`), deferrals and retries included. */
  deadlineAt?: number;
  /** What an operator made of its effect: how often it was edited, and the fields that stand in place of the designer's. */
  edited?: { times: number; input: JsonObject };
  doing: Doing;
}

/** One way of one visit of a `parallel` step. */
export interface Way {
  of: string;
  visit: number;
  branch: string;
}

/** What a token does at its step. */
export type Doing =
  /** The effect was asked for and has not been answered. */
  | { type: 'performing'; call?: CallRequest }
  /** The provider took it; the end comes later. `until`: when it times out. */
  | { type: 'accepted'; reference: string; until?: number }
  /** To be performed again at `until`: a retry that is far away, or a policy's "not now". */
  | { type: 'deferred'; until: number; because: string }
  | { type: 'waiting'; alternatives: ArmedAlternative[] }
  /** Stands at a `join` for the others of one visit of its `parallel`. */
  | { type: 'joining'; of: string; visit: number; arrived: string[] }
  /** Stopped until a person decides. */
  | { type: 'incident'; incident: IncidentView }
  /** Came true while the run was held; leaves by `port` on resume. */
  | { type: 'ready'; port: string; output: Json; because: JsonObject };

/** What a `call` gives to the run that it starts. */
export interface CallRequest {
  subject: { type: string; key: string };
  entry: JsonObject;
}

/** One alternative of a wait: an instant, or an event type, or neither while an attribute is absent. */
export interface ArmedAlternative {
  port: string;
  at?: number;
  event?: string;
  if?: string;
  /** Events accepted before this do not count. */
  from?: number;
}

export interface IncidentView {
  id: string;
  code: string;
  /** What it is grouped by with others like it. */
  fingerprint: string;
  detail: string;
  at: number;
}

/** An event about the subject, as a wait, goal or exit sees it. */
export interface RecentEvent {
  id: string;
  type: string;
  source: string;
  time?: string;
  acceptedAt: number;
  data: JsonObject;
  /** Wait steps that this event has released already. */
  released?: string[];
}

/** Learned from the world. `at` is the instant at which the host handles it. */
export type RunEvent =
  | { type: 'run.started'; at: number; id?: string; cause?: { event?: string; id?: string } }
  | { type: 'timer.fired'; at: number }
  | {
      type: 'effect.settled';
      at: number;
      effect: string;
      outcome: string;
      output: Json;
      subject?: JsonObject;
      subjectRevision?: number;
      because?: JsonObject;
    }
  | {
      type: 'effect.accepted';
      at: number;
      effect: string;
      reference: string;
      subject?: JsonObject;
      subjectRevision?: number;
    }
  | {
      type: 'effect.failed';
      at: number;
      effect: string;
      code: string;
      kind: string;
      detail: string;
      attempts: number;
      subject?: JsonObject;
      subjectRevision?: number;
    }
  | {
      type: 'effect.deferred';
      at: number;
      effect: string;
      until: number;
      because: JsonObject;
      subject?: JsonObject;
      subjectRevision?: number;
    }
  | {
      type: 'effect.suppressed';
      at: number;
      effect: string;
      because: JsonObject;
      subject?: JsonObject;
      subjectRevision?: number;
    }
  | { type: 'event.received'; at: number; id: string; event: Omit<RecentEvent, 'released'> }
  | { type: 'subject.changed'; at: number; id: string; attributes: JsonObject; revision?: number }
  | { type: 'command.given'; at: number; id: string; command: RunCommand };

export type RunEventType = RunEvent['type'];

/** An operator's word on one run. */
export interface RunCommand {
  /** `freeze` and `thaw` are the journey's own: everybody inside stands still while it is paused so. */
  type: 'hold' | 'resume' | 'retry' | 'skip' | 'end' | 'freeze' | 'thaw';
  by: string;
  reason: string;
  step?: string;
  visit?: number;
  port?: string;
  outcome?: string;
  /** Of a `retry`: fields that stand in place of the step's own in `with`; null takes one away. */
  input?: JsonObject;
}

/** Asked of the world by a transition. Waits are not asked for: `nextWakeAt(state)` says when to come back. */
export type Effect =
  | { type: 'perform'; effect: string; step: string; visit: number; call?: CallRequest }
  | { type: 'cancel'; effect: string; step: string; visit: number; reference?: string };

export type TrailWord =
  | 'started'
  | 'entered'
  | 'left'
  | 'sent'
  | 'settled'
  | 'accepted'
  | 'failed'
  | 'suppressed'
  | 'deferred'
  | 'decided'
  | 'set'
  | 'waits'
  | 'heard'
  | 'arrived'
  | 'need-unmet'
  | 'withdrawn'
  | 'unheard'
  | 'exited'
  | 'goal-reached'
  | 'incident'
  | 'commanded'
  | 'refused'
  | 'settled-after-end'
  | 'ended';

/** One decision: what happened, and the values that decided it. */
export interface TrailEntry {
  seq: number;
  at: number;
  step?: string;
  visit?: number;
  what: TrailWord;
  because: JsonObject;
}

/** What one event makes of a run. */
export interface Transition {
  state: RunState;
  effects: Effect[];
  trail: TrailEntry[];
}
