/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { keyAbout } from '../about.ts';
import { isOver, neverDue, withoutValues } from '../tasks.ts';
import { present } from '../json.ts';
import type { Change, TaskRecord, TaskStore } from '../ports.ts';
import type { Seals } from '../seals.ts';
import { createTable, earliestFirst } from './table.ts';

interface Row extends TaskRecord {
  untold?: boolean;
}

/** Work for people, in memory. */
export function createTasks(
  changed: (change: Change) => void,
  seals: Pick<Seals, 'ofRun' | 'ofSubject'>,
): TaskStore & { forget(subject: { type: string; key: string }): void } {
  const tasks = createTable<Row>();
  const recordOf = ({ untold: _untold, ...task }: Row): TaskRecord => task;
  const put = (task: Row): true => {
    tasks.put(task.id, present<Row>(task));
    changed({ type: 'task' });
    return true;
  };
  /** The task when it is not over and nobody but this person has it. */
  const free = (id: string, by: string): Row | undefined => {
    const task = tasks.get(id);
    if (!task || isOver(task) || (task.status === 'claimed' && task.assignee !== by))
      return undefined;
    return task;
  };

  return {
    forget(subject) {
      for (const task of tasks.where(
        (row) => row.subject?.type === subject.type && row.subject.key === subject.key,
      ))
        put(withoutValues(recordOf(task)));
    },
    async add(task) {
      await keyAbout(seals, task); // S8
      const added = tasks.insert(task.id, { ...task, status: 'open' });
      if (added) changed({ type: 'task' });
      return added;
    },
    async get(id) {
      const task = tasks.get(id);
      return task && recordOf(task);
    },
    list: async ({ queue, assignee, dueBefore, status }, page) =>
      earliestFirst(
        tasks
          .where(
            (task) =>
              (queue === undefined || task.queue === queue) &&
              (assignee === undefined || task.assignee === assignee) &&
              (dueBefore === undefined || (task.dueAt ?? neverDue) < dueBefore) &&
              (status === undefined ? !isOver(task) : task.status === status),
          )
          .map(recordOf),
        page,
        ({ dueAt, id }) => [dueAt ?? neverDue, id],
      ),
    async claim(id, by, at) {
      const task = free(id, by);
      if (!task) return false;
      if (task.status === 'claimed') return true;
      return put({ ...task, status: 'claimed', assignee: by, claimedAt: at });
    },
    async release(id, by) {
      const task = free(id, by);
      if (task?.status !== 'claimed') return false;
      const { assignee: _assignee, claimedAt: _claimedAt, ...rest } = task;
      return put({ ...rest, status: 'open' });
    },
    async complete(id, { at, ...end }) {
      const known = tasks.get(id);
      if (known) await keyAbout(seals, known); // S8
      const task = free(id, end.by); // looked at last: others may have come first
      if (!task) return false;
      return put({ ...task, ...end, status: 'done', closedAt: at, untold: true });
    },
    async withdraw(id, as, at) {
      const task = tasks.get(id);
      if (!task || isOver(task)) return false;
      return put({ ...task, status: as, closedAt: at });
    },
    untold: async (before, limit) =>
      tasks
        .where(({ untold, closedAt = 0 }) => untold === true && closedAt < before)
        .toSorted((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0))
        .slice(0, limit)
        .map(recordOf),
    async markTold(id) {
      const task = tasks.get(id);
      if (task) tasks.put(id, recordOf(task));
    },
  };
}
