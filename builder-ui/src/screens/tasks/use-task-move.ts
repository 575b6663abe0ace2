import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, call } from '../../api/client.ts';
import { taskQuery } from '../../api/queries.ts';
import type { Task } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce, speakOut } from '../../ui/announce.ts';

/** Something that is done with a task. */
export interface TaskMove {
  /** The end of its address: `claim`, `release`, `hand-over`, `outcome`. */
  to: 'claim' | 'release' | 'hand-over' | 'outcome';
  body?: unknown;
  /** What is said when it is done. What one sees at once is only read aloud. */
  said: string;
}

/**
 * Does something with a task, and shows what came of it: also when it was refused because it has changed. `onDone` is called even
 * when what asked for it is gone by then: a form goes with the task that it ended.
 */
export function useTaskMove(id: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ to, body }: TaskMove) =>
      call<Task>(`/tasks/${encodeURIComponent(id)}/${to}`, { method: 'POST', body }),
    onSuccess: (task, { to, said }) => {
      if (to === 'claim' || to === 'release') speakOut(said);
      else announce(said);
      onDone();
      client.setQueryData(taskQuery(id).queryKey, task);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['tasks'] });
    },
  });
}

const codes = ['task-held', 'task-over', 'task-later', 'task-changed', 'subject-erased'] as const;

/** Why something was refused, in the language on screen where we have words for it. */
export function useRefusal(): (error: Error | null) => string | undefined {
  const { t } = useWords();
  return (error) => {
    if (!error) return undefined;
    const code = error instanceof ApiError ? error.problem.code : undefined;
    const known = codes.find((one) => one === code);
    if (known !== undefined) return t(`tasks.refused.${known}`);
    return error instanceof ApiError && error.status === 0 ? t('states.noAnswer') : error.message;
  };
}
