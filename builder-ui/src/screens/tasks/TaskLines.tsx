import { Link } from '@tanstack/react-router';
import type { KeyboardEvent } from 'react';
import type { Task } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { TaskDue, TaskPriority, TaskState, useWho } from './TaskFacts.tsx';
import type { TaskSearch } from './rules.ts';

export interface TaskLinesProps {
  tasks: readonly Task[];
  search: TaskSearch;
  now: number;
}

/** The tasks of a view, two lines each. Arrows move between them, Enter opens one. */
export function TaskLines({ tasks, search, now }: TaskLinesProps) {
  const { t } = useWords();
  return (
    <ul className="task-lines" aria-label={t('tasks.list')} onKeyDown={moveFocus}>
      {tasks.map((task) => (
        <li key={task.id}>
          <TaskLine task={task} search={search} now={now} />
        </li>
      ))}
    </ul>
  );
}

function TaskLine({ task, search, now }: Omit<TaskLinesProps, 'tasks'> & { task: Task }) {
  const { t } = useWords();
  const who = useWho();
  const view = search.view ?? 'unclaimed';
  return (
    <Link
      to="/tasks"
      search={{ ...search, task: task.id }}
      className="list-item"
      aria-current={task.id === search.task}
    >
      <div className="grow">
        <div className="row">
          <b className="cut grow">{task.title || t('tasks.erased')}</b>
          <TaskPriority task={task} />
        </div>
        <div className="row sm facts">
          <TaskDue task={task} now={now} />
          <span className="mut cut grow">{task.queue}</span>
          {view === 'all' || view === 'done' ? <TaskState task={task} now={now} /> : null}
          {view === 'all' && task.assignee !== null ? (
            <span className="mut cut">{who(task.assignee)}</span>
          ) : null}
        </div>
      </div>
    </Link>
  );
}

const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const by = steps[event.key];
  if (by === undefined) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const at = links.findIndex((link) => link === document.activeElement);
  event.preventDefault();
  links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}
