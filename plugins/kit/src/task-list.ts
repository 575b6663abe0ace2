import type { JsonObject } from './contract.ts';

/** A task to be put on the list. */
export interface NewTask {
  /** The effect's name: the same again is the same task. */
  key: string;
  subject: { type: string; key: string };
  queue: string;
  title: string;
  /** Markdown. */
  script?: string;
  /** When it was assigned, and when it is due: milliseconds since 1970. */
  at: number;
  dueAt?: number;
  /** When it is done, if that is an appointment: it stands in the calendar of the queue. */
  appointment?: TaskAppointment;
  priority: 'low' | 'normal' | 'high';
  /** A JSON Schema of what is filled in. */
  form?: JsonObject;
  /** How it may end. With `again` it is put back that often, each time after the next of these durations, before it ends. */
  outcomes: { port: string; label?: string; again?: string[] }[];
}

/** When and where something is done: milliseconds since 1970. */
export interface TaskAppointment {
  start: number;
  end: number;
  location?: string;
}

/** Where people find their work: the platform's list. */
export interface TaskList {
  /** Puts a task on the list, once under its key. Answers its id. */
  assign(task: NewTask): Promise<string>;
  /** Takes a task off the list: its run went on without it. False when it was over already, or is not known. */
  withdraw(id: string, at: number): Promise<boolean>;
  /** Moves the appointment of a task, and when it is due. False when it is over, or has none. */
  move(id: string, to: { start: number; end: number }): Promise<boolean>;
}
