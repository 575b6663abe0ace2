import { createHash } from 'node:crypto';
import type { TaskList } from '@sojourn/plugin-kit';
import { overdue } from '@sojourn/plugin-task';
import type { Store, TaskRecord } from '@sojourn/store';

/** The task list of a deployment: tasks stand in its store, under a name made of their effect's. */
export function taskListOf(store: Pick<Store, 'tasks' | 'runs'>): TaskList {
  /** Whether the run went on because the time for the task had passed. */
  const isOverdue = async ({ runId, effect }: TaskRecord, at: number): Promise<boolean> => {
    if (runId === undefined) return false;
    const [, step = '', visit] = /^[^/]*\/(.*)#(\d+)/.exec(effect ?? '') ?? [];
    const isOf = (item: { visit: number } | undefined): boolean => item?.visit === Number(visit);
    const state = await store.runs.state(runId);
    const passage = state?.passages[step];
    if (isOf(passage)) return passage?.port === overdue;
    // What the run decided may not be stored yet: then its time tells.
    const token = state?.tokens.find((item) => item.step === step && isOf(item));
    const until = token?.doing.type === 'accepted' ? token.doing.until : undefined;
    return Math.min(token?.deadlineAt ?? Infinity, until ?? Infinity) <= at;
  };

  return {
    async assign({ key, at, ...task }) {
      const id = createHash('sha256').update(key).digest('base64url').slice(0, 22);
      const runId = key.slice(0, key.indexOf('/'));
      await store.tasks.add({ ...task, id, effect: key, runId, createdAt: at });
      return id;
    },
    async withdraw(id, at) {
      const task = await store.tasks.get(id);
      if (!task) return false;
      const as = (await isOverdue(task, at)) ? 'overdue' : 'cancelled';
      return await store.tasks.withdraw(id, as, at);
    },
    move: (id, to) => store.tasks.move(id, to),
  };
}
