import { addDuration, instantText, parseDuration, type JsonObject } from '@sojourn/engine';
import { checkValue } from '@sojourn/plugin-kit';
import type { TaskRecord } from '@sojourn/store';
import { ConflictError, type InputFault } from '../problems.ts';

// What may be done with a task, and what comes of it. Pure.
//
//   L1. An outcome with a ladder puts the task back once for each rung, and ends it only after the last. Each outcome has a ladder
//       of its own: what counts is how often that outcome was given.
//   L2. Who had it gives it back: in four hours or three days another may be there, and nothing waits for somebody who is away.
//   L3. Until it is back, only somebody who took it may answer: so the same answer twice is one attempt.
//   L4. It is due as long after it is back as it was at first; one without a due time is due when it is back.
//   L5. Whoever reached nobody has no answers: of an outcome with a ladder the form asks for nothing, and checks what is given.

type Attempted = Pick<TaskRecord, 'outcomes' | 'history'>;

/** The length of time for which an outcome would put the task back now; undefined when it would end it (L1). */
export function rungOf({ outcomes, history = [] }: Attempted, outcome: string): string | undefined {
  const before = history.filter(
    (moment) => moment.type === 'attempted' && moment.outcome === outcome,
  ).length;
  return outcomes.find(({ port }) => port === outcome)?.again?.[before];
}

/** How often somebody tried, without an end that may follow. */
export function attemptsOf({ history = [] }: Pick<TaskRecord, 'history'>): number {
  return history.filter(({ type }) => type === 'attempted').length;
}

/** When a task that is put back now stands on the list again, and when it is due then (L4). Calendar parts in UTC. */
export function timesAfter(
  task: Pick<TaskRecord, 'createdAt' | 'dueAt' | 'notBefore'>,
  rung: string,
  now: number,
): { backAt: number; dueAt: number } {
  const duration = parseDuration(rung);
  const backAt = duration ? addDuration(now, duration, 'UTC') : now;
  const { createdAt, notBefore = createdAt, dueAt = notBefore } = task;
  return { backAt, dueAt: backAt + Math.max(0, dueAt - notBefore) };
}

/** Why somebody may not work on a task; undefined when they may. */
export function refusalOf(
  { status, assignee }: Pick<TaskRecord, 'status' | 'assignee'>,
  by: string,
): ConflictError | undefined {
  switch (status) {
    case 'open':
      return undefined;
    case 'claimed':
      return assignee === by
        ? undefined
        : new ConflictError('task-held', 'somebody else has the task', { assignee });
    case 'done':
      return over('the task is done already');
    case 'overdue':
      return over('the task was not done in time: its run went on');
    case 'cancelled':
      return over('the task was taken back: its run went on without it');
  }
}

/** Why somebody may not answer a task now, though they may take it (L3). */
export function tooEarly(
  { status, notBefore = 0 }: Pick<TaskRecord, 'status' | 'notBefore'>,
  now: number,
): ConflictError | undefined {
  if (status !== 'open' || notBefore <= now) return undefined;
  const backAt = instantText(notBefore);
  return new ConflictError(
    'task-later',
    `the task was tried and is back on the list at ${backAt}: take it first to answer before then`,
    { backAt },
  );
}

/** What says that a task can no longer be worked on. */
export function over(why: string): ConflictError {
  return new ConflictError('task-over', why);
}

/** Every fault of an answer: its outcome, and its values under the form. */
export function faultsIn(task: TaskRecord, outcome: string, values: JsonObject): InputFault[] {
  const known = task.outcomes.find(({ port }) => port === outcome);
  const ports = task.outcomes.map(({ port }) => port).join(', ');
  return [
    ...(known ? [] : [{ pointer: '/outcome', detail: `must be one of ${ports}` }]),
    ...checkValue(formFor(task, known?.again !== undefined), values).map(({ pointer, detail }) => ({
      pointer: `/values${pointer}`,
      detail,
    })),
  ];
}

function formFor({ form }: TaskRecord, asksForNothing: boolean): JsonObject {
  if (!form) return { type: 'object', additionalProperties: false };
  if (!asksForNothing) return form;
  const { required: _required, minProperties: _least, ...rest } = form; // L5
  return rest;
}
