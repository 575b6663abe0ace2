import type { JsonObject } from '@sojourn/engine';
import type { Page, PageRequest } from './pages.ts';

// Work for people.

export type TaskStatus = 'open' | 'claimed' | 'done' | 'cancelled' | 'overdue';

/** Something that happened to a task before it was over. Values and notes are gone once the person was erased. */
export type TaskMoment = TaskAttempt | TaskHandOver;

/** Somebody tried, and the task was put back. */
export interface TaskAttempt {
  type: 'attempted';
  at: number;
  by: string;
  outcome: string;
  /** When it is back on the list. */
  backAt: number;
  values?: JsonObject;
  note?: string;
}

/** Somebody gave it to another queue, or to a person. */
export interface TaskHandOver {
  type: 'handed-over';
  at: number;
  by: string;
  fromQueue: string;
  queue: string;
  to?: string;
  note?: string;
}

/** Work for a person. */
export interface TaskRecord {
  id: string;
  /** The effect that asked for it and waits for it, `runId/stepId#visit`, and its run. Absent when no run waits. */
  effect?: string;
  runId?: string;
  /** Whom it is about; absent when nobody knows. */
  subject?: { type: string; key: string };
  queue: string;
  /** Empty once the person was erased. */
  title: string;
  /** Markdown. */
  script?: string;
  priority: 'low' | 'normal' | 'high';
  /** A JSON Schema of what is filled in. */
  form?: JsonObject;
  /** How it may end; none once the person was erased. `again`: after which durations it is put back before it ends so. */
  outcomes: { port: string; label?: string; again?: string[] }[];
  status: TaskStatus;
  createdAt: number;
  dueAt?: number;
  /** When and where it is done, if that is an appointment. */
  appointment?: { start: number; end: number; location?: string };
  /** It was tried, and is back on the list only then. */
  notBefore?: number;
  /** What happened to it before it was over, in that order. Absent when nothing did. */
  history?: TaskMoment[];
  /** Who has it, or had it last. */
  assignee?: string;
  claimedAt?: number;
  /** When it was over, and of one that was done: how, by whom, with which answers. */
  closedAt?: number;
  by?: string;
  outcome?: string;
  values?: JsonObject;
  note?: string;
}

export interface TaskFilter {
  queue?: string;
  assignee?: string;
  /** Only due before this instant. */
  dueBefore?: number;
  /** Default: every one that is not over. */
  status?: TaskStatus;
  /** Only what may be done at this instant, not what comes back later. */
  readyAt?: number;
  /** Only what comes back after this instant. */
  laterThan?: number;
}

/** A task as it is put on the list. */
export type NewTaskRecord = Omit<
  TaskRecord,
  | 'status'
  | 'notBefore'
  | 'history'
  | 'assignee'
  | 'claimedAt'
  | 'closedAt'
  | 'by'
  | 'outcome'
  | 'values'
  | 'note'
>;

/** A queue, and how many of its tasks are not over. */
export interface TaskQueue {
  queue: string;
  count: number;
}

export interface TaskStore {
  /** Stores a task that nobody has claimed, once (S1). */
  add(task: NewTaskRecord): Promise<boolean>;
  get(id: string): Promise<TaskRecord | undefined>;
  /** What is due first, first; what is never due, last. */
  list(filter: TaskFilter, page: PageRequest): Promise<Page<TaskRecord>>;
  /** The queues with tasks that are not over, by name. */
  queues(): Promise<TaskQueue[]>;
  /** Gives an open task to somebody; one that they have already stays as it is. False when another has it, or it is over. */
  claim(id: string, by: string, at: number): Promise<boolean>;
  /** Takes it from somebody who has it. False when they have not. */
  release(id: string, by: string): Promise<boolean>;
  /**
   * Puts a task back that somebody tried: nobody has it, and it is back at `backAt`. `after` is how much had happened to it when
   * that was decided. False when more has, when another has it, or it is over.
   */
  attempt(
    id: string,
    attempt: Omit<TaskAttempt, 'type'> & { dueAt: number; after: number },
  ): Promise<boolean>;
  /** Moves a task from somebody who has it into a queue, or to a person there, at once. False when they have not got it. */
  handOver(id: string, move: Omit<TaskHandOver, 'type' | 'fromQueue'>): Promise<boolean>;
  /** Ends a task that nobody else has, once. `after` as above. False when another has it, it is over, or more has happened. */
  complete(
    id: string,
    end: {
      by: string;
      at: number;
      outcome: string;
      values: JsonObject;
      note?: string;
      after?: number;
    },
  ): Promise<boolean>;
  /** Moves the appointment of a task that is not over, and is due at its end. False when it is over, has none, or is unknown. */
  move(id: string, to: { start: number; end: number }): Promise<boolean>;
  /** Takes a task off the list because its run went on. False when it is over, or unknown. */
  withdraw(id: string, as: 'cancelled' | 'overdue', at: number): Promise<boolean>;
  /** Tasks done before `before` whose end the run was not told. */
  untold(before: number, limit: number): Promise<TaskRecord[]>;
  markTold(id: string): Promise<void>;
}
