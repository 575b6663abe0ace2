import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconClock,
  IconClockPause,
  IconFlag3Filled,
  IconSquareFilled,
  IconUserFilled,
} from '@tabler/icons-react';
import { useMe } from '../../api/queries.ts';
import type { Task } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { backIn, dueIn, isOver, stateOf } from './rules.ts';

const looks = {
  open: { tone: 'mut', Shape: IconCircleDashed },
  claimed: { tone: 'accent', Shape: IconUserFilled },
  later: { tone: 'hold', Shape: IconClockPause },
  done: { tone: 'ok', Shape: IconCircleCheckFilled },
  cancelled: { tone: 'mut', Shape: IconSquareFilled },
  overdue: { tone: 'warn', Shape: IconAlertTriangleFilled },
} as const;

/** How a task stands: icon, word and colour. */
export function TaskState({ task, now }: { task: Task; now: number }) {
  const { t } = useWords();
  const state = stateOf(task, now);
  const { tone, Shape } = looks[state];
  return (
    <span className={`st ${tone}`}>
      <Shape size={14} aria-hidden />
      {t(`tasks.states.${state}`)}
    </span>
  );
}

/** When it is due, or back; of one that is over, since when. */
export function TaskDue({ task, now }: { task: Task; now: number }) {
  const { t, span, moment } = useWords();
  const back = backIn(task, now);
  const due = dueIn(task, now);
  if (isOver(task))
    return task.closedAt === null ? null : <span className="num nw">{moment(task.closedAt)}</span>;
  if (back !== undefined && task.status === 'open')
    return (
      <span className="st hold nw" title={moment(task.notBefore ?? 0)}>
        <IconClockPause size={14} aria-hidden />
        {t('tasks.backIn', { span: span(back) })}
      </span>
    );
  if (due === undefined) return <span className="mut nw">{t('tasks.noDue')}</span>;
  const isLate = due < 0;
  return (
    <span className={`st nw ${isLate ? 'bad' : 'mut'}`} title={moment(task.dueAt ?? 0)}>
      {isLate ? (
        <IconAlertTriangleFilled size={14} aria-hidden />
      ) : (
        <IconClock size={14} aria-hidden />
      )}
      {t(isLate ? 'tasks.overdueBy' : 'tasks.dueIn', { span: span(Math.abs(due)) })}
    </span>
  );
}

/** That it comes before others, or after them. */
export function TaskPriority({ task: { priority } }: { task: Task }) {
  const { t } = useWords();
  if (priority === 'normal') return null;
  return (
    <span className={`tag nw ${priority === 'high' ? 'warn' : 'line'}`}>
      {priority === 'high' ? <IconFlag3Filled size={12} aria-hidden /> : null}
      {t(`tasks.priorities.${priority}`)}
    </span>
  );
}

/** What somebody is called: "you", else what the API calls them. */
export function useWho(): (id: string) => string {
  const { t } = useWords();
  const { data: me } = useMe();
  return (id) => (id === me?.id ? t('tasks.you') : id);
}
