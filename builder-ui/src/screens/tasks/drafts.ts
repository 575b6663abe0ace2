import { createStore, useStore } from 'zustand';

// What somebody has written and not sent, by task: it outlives a refresh, another task that is looked at meanwhile, and a refusal.
// It says something about a person, so that it is kept in memory only.

/** An answer that was not sent. */
export interface TaskDraft {
  values: Record<string, unknown>;
  note: string;
}

const none: TaskDraft = { values: {}, note: '' };

const drafts = createStore<Record<string, TaskDraft>>()(() => ({}));

/** Whether something stands in it. */
export function isWritten({ values, note }: TaskDraft): boolean {
  return note !== '' || Object.keys(values).length > 0;
}

/** What is written for a task, how to change it, and how to throw it away. */
export function useTaskDraft(id: string): {
  draft: TaskDraft;
  write: (change: Partial<TaskDraft>) => void;
  discard: () => void;
} {
  const draft = useStore(drafts, (all) => all[id]) ?? none;
  return {
    draft,
    write: (change) =>
      drafts.setState((all) => ({ ...all, [id]: { ...(all[id] ?? none), ...change } })),
    discard: () => drafts.setState(({ [id]: _sent, ...others }) => others, true),
  };
}
