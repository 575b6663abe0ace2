import type { Task } from '../../api/shapes.ts';
import { interpretingValidator } from '../../inspector/form/validator.ts';
import type { localized } from '../../inspector/form/schema.ts';

// What the list and the page of a task say of it. Pure.

/** The parts of the list, each a view with an address. */
export const taskViews = ['unclaimed', 'mine', 'later', 'all', 'done'] as const;
export type TaskViewName = (typeof taskViews)[number];

/** What of the list is shown, as its address says. */
export interface TaskSearch {
  view?: TaskViewName;
  queue?: string;
  task?: string;
}

/** What the API is asked for a view. */
export function filterOf(view: TaskViewName, queue?: string): Record<string, string | undefined> {
  const views: Record<TaskViewName, Record<string, string>> = {
    unclaimed: { status: 'open', when: 'now' },
    mine: { status: 'claimed', assignee: 'me' },
    later: { status: 'open', when: 'later' },
    all: {},
    done: { status: 'done' },
  };
  return { ...views[view], queue };
}

/** How a task stands, finer than its status: one that was tried and is not back yet is `later`. */
export type TaskStateName = Task['status'] | 'later';

/** The state that screens show. */
export function stateOf(task: Task, now: number): TaskStateName {
  return task.status === 'open' && backIn(task, now) !== undefined ? 'later' : task.status;
}

/** Whether nobody can do it any more. */
export function isOver({ status }: Task): boolean {
  return status !== 'open' && status !== 'claimed';
}

/** In how many milliseconds a task is back on the list; undefined when it is there, or over. */
export function backIn(task: Task, now: number): number | undefined {
  if (isOver(task) || task.notBefore === null) return undefined;
  const ms = Date.parse(task.notBefore) - now;
  return ms > 0 ? ms : undefined;
}

/** In how many milliseconds a task is due, negative when it should have been done; undefined when it never is. */
export function dueIn({ dueAt }: Task, now: number): number | undefined {
  return dueAt === null ? undefined : Date.parse(dueAt) - now;
}

type Schema = ReturnType<typeof localized>;
type Values = Record<string, unknown>;

/** The faults of what was filled in, by the pointer of their field. What need not be filled in is only checked where it is. */
export function formFaults(
  schema: Schema,
  values: Values,
  options: { needed: boolean; required: string },
): Record<string, string> {
  const { required: _required, ...loose } = schema;
  const { errors } = interpretingValidator.validateFormData(
    values,
    options.needed ? schema : loose,
    undefined,
    (found) =>
      found.map((error) =>
        error.name === 'required' ? { ...error, message: options.required } : error,
      ),
  );
  return Object.fromEntries(
    errors.map(({ property = '', message = '' }) => [property.replaceAll('.', '/'), message]),
  );
}

/** The faults that the API found, by the pointer of their field in the form, and those that are of no field. */
export function answerFaults(errors: readonly { pointer: string; detail: string }[]): {
  fields: Record<string, string>;
  others: string[];
} {
  const isField = ({ pointer }: { pointer: string }): boolean => /^\/values\/./.test(pointer);
  return {
    fields: Object.fromEntries(
      errors
        .filter(isField)
        .map(({ pointer, detail }) => [pointer.slice('/values'.length), detail]),
    ),
    others: errors.filter((error) => !isField(error)).map(({ detail }) => detail),
  };
}

/** Answers without fields that were emptied. */
export function given(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  );
}
