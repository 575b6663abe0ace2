import type { Position, RunIncident, RunState, TrailEntry } from '@sojourn/engine';
import type { Page, PageRequest } from './pages.ts';

// Runs, where they stand, and their trails.

export interface RunRecord {
  id: string;
  journey: string;
  version: number;
  planHash: string;
  subject: { type: string; key: string };
  key: string;
  /** How-manieth run of this key in this journey, from 1. */
  ordinal: number;
  status: 'active' | 'held' | 'ended';
  outcome?: string;
  startedAt: number;
  endedAt?: number;
  positions: Position[];
  incidents: RunIncident[];
  /** The earliest instant at which something is due; absent when only an event can move it. */
  nextDueAt?: number;
  revision: number;
  /** The turn in which this was decided (S2); absent: 0. */
  turn?: number;
}

/** One write of what a transition decided. */
export interface Checkpoint {
  runId: string;
  journey: string;
  version: number;
  state: RunState;
  /** Entries not stored yet, or stored from a lower rank. */
  trail: TrailEntry[];
  positions: Position[];
  incidents: RunIncident[];
  nextDueAt?: number;
  /**
   * Whether an activity foretold it. What the run itself decided at the same revision is of a higher rank: another event
   * may have come in between.
   */
  predicted?: boolean;
  /** How much the host had heard when it decided this; absent: 0. It only grows, from one attempt to the next, too. */
  turn?: number;
}

export interface RunFilter {
  journey?: string;
  version?: number;
  step?: string;
  status?: 'active' | 'held' | 'ended';
  outcome?: string;
  subject?: { type: string; key: string };
  /** A fingerprint, or `any`. */
  incident?: string;
}

export interface RunStore {
  /**
   * Inserts a run that has not started. False when the id is taken (S1), or the ordinal of that key in that journey.
   * `state` is the first checkpoint, revision 0.
   */
  insert(run: RunRecord, state: RunState): Promise<boolean>;
  get(id: string): Promise<RunRecord | undefined>;
  state(id: string): Promise<RunState | undefined>;
  /** Latest start first. */
  list(filter: RunFilter, page: PageRequest): Promise<Page<RunRecord>>;
  count(filter: RunFilter): Promise<number>;
  /** The latest run of a key in a journey. */
  latestOfKey(journey: string, key: string): Promise<RunRecord | undefined>;
  /** Ids of runs of a subject that have not ended; with `endedSince`, of those that ended at that instant or later, too. */
  openOfSubject(
    type: string,
    key: string,
    endedSince?: number,
  ): Promise<{ id: string; planHash: string; status: RunRecord['status'] }[]>;
  /** Runs that have not ended, in the order of their ids, from after `afterId`. For rebuilding and sweeping. */
  open(afterId: string | undefined, limit: number): Promise<{ id: string; planHash: string }[]>;
  /** Stores position, state and trail, each replaced only by what ranks no lower (S2). Of a run that was closed nothing is. */
  checkpoint(checkpoint: Checkpoint): Promise<void>;
  /**
   * Ends a run from outside, over whatever its own host still writes: its position and incidents go, its trail gets a last
   * entry. False when there is no such run, or it has ended.
   */
  close(id: string, end: { outcome: string; at: number }): Promise<boolean>;
  /** By `seq`. */
  trail(id: string, page: PageRequest): Promise<Page<TrailEntry>>;
  /** Per step: here now, entered, left by port, incidents, next due; counted from runs and trail. */
  counts(journey: string, version: number): Promise<Record<string, StepCounts>>;
}

export interface StepCounts {
  here: number;
  entered: number;
  left: Record<string, number>;
  incidents: number;
  nextDueAt?: number;
}
