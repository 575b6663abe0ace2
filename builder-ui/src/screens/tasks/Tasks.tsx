import './tasks.css';
import { Select } from '@mantine/core';
import { IconCalendarShare } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { taskQueuesQuery, tasksQuery } from '../../api/queries.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { IconButton } from '../../ui/Button.tsx';
import { LiveNote } from '../../ui/LiveNote.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { LoadedPages } from '../../ui/LoadedPages.tsx';
import { Empty, Skeleton } from '../../ui/StateView.tsx';
import { CalendarDialog } from './CalendarDialog.tsx';
import { filterOf, taskViews, type TaskSearch } from './rules.ts';
import { TaskLines } from './TaskLines.tsx';
import { TaskPage } from './TaskPage.tsx';
import { useNow } from './use-now.ts';

const route = getRouteApi('/tasks');
const topics = ['tasks'];
const often = 30_000;

/** Work for people: the list, and one task beside it. */
export function Tasks() {
  const { t } = useWords();
  const search = route.useSearch();
  const { view = 'unclaimed', queue, task } = search;
  const tasks = useInfiniteQuery(tasksQuery(filterOf(view, queue)));
  const live = useLive(topics);
  const now = useNow(often);
  return (
    <div className="split-view tasks" data-open={task !== undefined}>
      <div className="list" role="region" aria-label={t('nav.tasks')}>
        <TaskFilters search={search} state={<LiveNote state={live} />} />
        <LoadedPages
          query={tasks}
          skeleton={<Skeleton rows={8} height={52} />}
          empty={t(queue === undefined ? `tasks.empty.${view}` : 'tasks.emptyQueue', { queue })}
        >
          {(items) => <TaskLines tasks={items} search={search} now={now} />}
        </LoadedPages>
      </div>
      <div className="detail">
        {task === undefined ? (
          <Empty>{t('tasks.choose')}</Empty>
        ) : (
          <TaskPage key={task} id={task} search={search} now={now} />
        )}
      </div>
    </div>
  );
}

function TaskFilters({ search, state }: { search: TaskSearch; state: React.ReactNode }) {
  const { t, number } = useWords();
  const navigate = route.useNavigate();
  const { data: queues = [] } = useQuery(taskQueuesQuery);
  const { view = 'unclaimed', queue } = search;
  const [isCalendar, setCalendar] = useState(false);
  const show = (next: TaskSearch): void => void navigate({ search: next, replace: true });
  const known = queues.some((one) => one.queue === queue);
  const choices = [
    ...queues.map((one) => ({
      value: one.queue,
      label: t('tasks.queueOf', { queue: one.queue, count: number(one.count) }),
    })),
    ...(queue === undefined || known ? [] : [{ value: queue, label: queue }]),
  ];
  return (
    <header>
      <div className="row">
        <h1 className="grow">{t('nav.tasks')}</h1>
        <span className="sm sec">{state}</span>
      </div>
      <Segments
        label={t('tasks.which')}
        value={view}
        options={taskViews.map((value) => ({ value, label: t(`tasks.views.${value}`) }))}
        onChange={(next) => show({ ...search, view: next })}
      />
      <div className="row">
        <Select
          className="grow"
          aria-label={t('tasks.queue')}
          placeholder={t('tasks.allQueues')}
          clearable
          searchable
          value={queue ?? null}
          data={choices}
          onChange={(next) => {
            const { queue: _before, ...others } = search;
            show(next === null ? others : { ...others, queue: next });
          }}
        />
        {queue === undefined ? null : (
          <IconButton label={t('tasks.calendar.open')} onClick={() => setCalendar(true)}>
            <IconCalendarShare size={16} />
          </IconButton>
        )}
      </div>
      {queue === undefined ? null : (
        <CalendarDialog
          key={queue}
          queue={queue}
          opened={isCalendar}
          onClose={() => setCalendar(false)}
        />
      )}
    </header>
  );
}
