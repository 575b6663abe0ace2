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

const happened = ({ history = [] }: TaskRecord): number => history.length;

/** A task that nobody has. */
function withoutHolder({ assignee: _assignee, claimedAt: _claimedAt, ...task }: Row): Row {
  return task;
}

/** Work for people, in memory. */
export function createTasks(
  changed: (change: Change) => void,
  seals: Pick<Seals, 'ofRun' | 'ofSubject' | 'own'>,
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
    list: async ({ queue, assignee, dueBefore, status, readyAt, laterThan }, page) =>
      earliestFirst(
        tasks
          .where(
            (task) =>
              (queue === undefined || task.queue === queue) &&
              (assignee === undefined || task.assignee === assignee) &&
              (dueBefore === undefined || (task.dueAt ?? neverDue) < dueBefore) &&
              (readyAt === undefined || (task.notBefore ?? 0) <= readyAt) &&
              (laterThan === undefined || (task.notBefore ?? 0) > laterThan) &&
              (status === undefined ? !isOver(task) : task.status === status),
          )
          .map(recordOf),
        page,
        ({ dueAt, id }) => [dueAt ?? neverDue, id],
      ),
    async queues() {
      const counts = new Map<string, number>();
      for (const { queue } of tasks.where((task) => !isOver(task)))
        counts.set(queue, (counts.get(queue) ?? 0) + 1);
      return [...counts]
        .map(([queue, count]) => ({ queue, count }))
        .toSorted((a, b) => (a.queue < b.queue ? -1 : 1));
    },
    async claim(id, by, at) {
      const task = free(id, by);
      if (!task) return false;
      if (task.status === 'claimed') return true;
      return put({ ...task, status: 'claimed', assignee: by, claimedAt: at });
    },
    async release(id, by) {
      const task = free(id, by);
      if (task?.status !== 'claimed') return false;
      return put({ ...withoutHolder(task), status: 'open' });
    },
    async attempt(id, { dueAt, after, ...attempt }) {
      const known = tasks.get(id);
      if (known) await keyAbout(seals, known); // S8
      const task = free(id, attempt.by); // looked at last: others may have come first
      if (!task || happened(task) !== after) return false;
      return put({
        ...withoutHolder(task),
        ...{ status: 'open', notBefore: attempt.backAt, dueAt },
        history: [...(task.history ?? []), { type: 'attempted', ...attempt }],
      });
    },
    async handOver(id, move) {
      const known = tasks.get(id);
      if (known) await keyAbout(seals, known); // S8
      const task = free(id, move.by);
      if (task?.status !== 'claimed') return false;
      const { notBefore: _notBefore, ...rest } = withoutHolder(task);
      const { at, queue, to } = move;
      return put({
        ...rest,
        ...(to === undefined
          ? { status: 'open' }
          : { status: 'claimed', assignee: to, claimedAt: at }),
        queue,
        history: [...(task.history ?? []), { type: 'handed-over', fromQueue: task.queue, ...move }],
      });
    },
    async complete(id, { at, after, ...end }) {
      const known = tasks.get(id);
      if (known) await keyAbout(seals, known); // S8
      const task = free(id, end.by); // looked at last: others may have come first
      if (!task || (after !== undefined && happened(task) !== after)) return false;
      return put({ ...task, ...end, status: 'done', closedAt: at, untold: true });
    },
    async move(id, { start, end }) {
      const known = tasks.get(id);
      if (known) await keyAbout(seals, known); // S8
      const task = tasks.get(id);
      if (!task?.appointment || isOver(task)) return false;
      return put({ ...task, dueAt: end, appointment: { ...task.appointment, start, end } });
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
