import type { TaskMoment, TaskRecord, TaskStatus } from './ports.ts';

/** Where a task without an instant stands among those that have one: the last instant that there is. */
export const neverDue = 8_640_000_000_000_000;

/** The states of a task that is not over. */
export const waiting: readonly TaskStatus[] = ['open', 'claimed'];

/** Whether nobody can do it any more. */
export function isOver({ status }: { status: TaskStatus }): boolean {
  return !waiting.includes(status);
}

/** A task about somebody who was erased: what is left is steps and instants, and nobody is to do it. */
export function withoutValues(task: TaskRecord): TaskRecord {
  const {
    appointment: _appointment,
    script: _script,
    form: _form,
    values: _values,
    note: _note,
    history,
    ...rest
  } = task;
  return {
    ...rest,
    ...(history ? { history: history.map(momentWithoutValues) } : {}),
    title: '',
    outcomes: [],
    status: isOver(task) ? task.status : 'cancelled',
  };
}

/** Something that happened to a task, without what was said of the person. */
function momentWithoutValues(moment: TaskMoment): TaskMoment {
  const { note: _note, ...rest } = moment;
  if (rest.type !== 'attempted') return rest;
  const { values: _values, ...attempt } = rest;
  return attempt;
}
