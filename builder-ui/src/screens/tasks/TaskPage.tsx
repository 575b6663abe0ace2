import { IconArrowLeft, IconArrowsExchange, IconHandGrab, IconHandStop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { taskQuery, useMe } from '../../api/queries.ts';
import type { Task } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { shortId } from '../../shell/crumbs.ts';
import { useOffer, type Command } from '../../shell/commands.ts';
import { isTyping } from '../../shell/use-shell-keys.ts';
import { Button } from '../../ui/Button.tsx';
import { Markdown } from '../../ui/Markdown.tsx';
import { Loaded, Skeleton } from '../../ui/StateView.tsx';
import { AnswerForm } from './AnswerForm.tsx';
import { isWritten, useTaskDraft } from './drafts.ts';
import { HandOverDialog } from './HandOverDialog.tsx';
import { isOver, stateOf, type TaskSearch, type TaskStateName } from './rules.ts';
import { TaskDue, TaskPriority, TaskState, useWho } from './TaskFacts.tsx';
import { TaskEnd, TaskHistory } from './TaskHistory.tsx';
import { useRefusal, useTaskMove } from './use-task-move.ts';

export interface TaskPageProps {
  id: string;
  search: TaskSearch;
  now: number;
}

/** One task: what is to be done, what was tried, and what one can do with it now. */
export function TaskPage({ id, search, now }: TaskPageProps) {
  const { t } = useWords();
  const task = useQuery(taskQuery(id));
  const { task: _open, ...list } = search;
  return (
    <>
      <Link to="/tasks" search={list} className="btn quiet phone-only back">
        <IconArrowLeft size={15} aria-hidden />
        {t('tasks.backToList')}
      </Link>
      <Loaded query={task} skeleton={<Skeleton rows={6} height={46} />}>
        {(data) => <OneTask task={data} now={now} />}
      </Loaded>
    </>
  );
}

function OneTask({ task, now }: { task: Task; now: number }) {
  const { t } = useWords();
  const { data: me } = useMe();
  const heading = useRef<HTMLHeadingElement>(null);
  const refusalOf = useRefusal();
  const [handing, setHanding] = useState(false);
  const { draft } = useTaskDraft(task.id);
  const focus = useCallback(() => heading.current?.focus(), []);
  const { mutate, isPending, error } = useTaskMove(task.id, focus);
  const mine = task.status === 'claimed' && task.assignee === me?.id;
  const mayTake = task.status === 'open';
  const claim = useCallback(
    () => mutate({ to: 'claim', said: t('tasks.said.claimed') }),
    [mutate, t],
  );
  useFocusOnPhones(heading);
  useClaimKey(mayTake && !isPending, claim);
  useOffer(
    'task',
    useMemo((): Command[] => {
      const offered = (id: string, keys: string | undefined, run: () => void): Command => ({
        ...{ id: `task-${id}`, group: 'do', label: t(`tasks.${id}`), detail: task.title, run },
        ...(keys === undefined ? {} : { keys }),
      });
      if (mayTake) return [offered('claim', 'c', claim)];
      return mine ? [offered('handOver', undefined, () => setHanding(true))] : [];
    }, [t, task.title, mayTake, mine, claim]),
  );
  const refusal = refusalOf(error);
  return (
    <article className="task" aria-labelledby="task-title">
      <header>
        <div className="row wrap">
          <h2 id="task-title" ref={heading} tabIndex={-1}>
            {task.title || t('tasks.erased')}
          </h2>
          <TaskPriority task={task} />
        </div>
        <Facts task={task} now={now} />
        {isOver(task) ? null : (
          <div className="row wrap">
            {mayTake ? (
              <Button
                tone="primary"
                icon={<IconHandGrab size={15} aria-hidden />}
                disabled={isPending}
                aria-keyshortcuts="c"
                onClick={claim}
              >
                {t('tasks.claim')}
              </Button>
            ) : null}
            {mine ? (
              <>
                <Button
                  icon={<IconHandStop size={15} aria-hidden />}
                  disabled={isPending}
                  onClick={() => mutate({ to: 'release', said: t('tasks.said.released') })}
                >
                  {t('tasks.release')}
                </Button>
                <Button
                  icon={<IconArrowsExchange size={15} aria-hidden />}
                  disabled={isPending}
                  onClick={() => setHanding(true)}
                >
                  {t('tasks.handOver')}…
                </Button>
              </>
            ) : null}
          </div>
        )}
        {refusal === undefined ? null : (
          <p className="hint bad" role="alert">
            {refusal}
          </p>
        )}
      </header>
      {task.script === undefined ? null : (
        <section aria-label={t('tasks.script')}>
          <Markdown text={task.script} />
        </section>
      )}
      <TaskHistory task={task} />
      {isOver(task) ? <TaskEnd task={task} /> : null}
      {mine || isWritten(draft) ? (
        <AnswerForm task={task} mine={mine} onDone={focus} />
      ) : isOver(task) ? null : (
        <TakeFirst task={task} />
      )}
      <HandOverDialog
        task={task}
        opened={handing}
        onClose={() => setHanding(false)}
        onDone={() => {
          setHanding(false);
          requestAnimationFrame(focus);
        }}
      />
    </article>
  );
}

const dueLabels: Partial<Record<TaskStateName, string>> = {
  ...{ later: 'tasks.back', done: 'tasks.over', cancelled: 'tasks.over', overdue: 'tasks.over' },
};

function Facts({ task, now }: { task: Task; now: number }) {
  const { t, moment } = useWords();
  const who = useWho();
  const { runId, step, subject, assignee } = task;
  return (
    <dl className="task-facts">
      <div>
        <dt>{t('tasks.state')}</dt>
        <dd>
          <TaskState task={task} now={now} />
        </dd>
      </div>
      <div>
        <dt>{t(dueLabels[stateOf(task, now)] ?? 'tasks.due')}</dt>
        <dd>
          <TaskDue task={task} now={now} />
        </dd>
      </div>
      {task.appointment === undefined ? null : (
        <div>
          <dt>{t('tasks.appointment')}</dt>
          <dd>
            <span className="num">{moment(task.appointment.start)}</span>
            {task.appointment.location === undefined ? null : ` · ${task.appointment.location}`}
          </dd>
        </div>
      )}
      <div>
        <dt>{t(isOver(task) ? 'tasks.whoHad' : 'tasks.who')}</dt>
        <dd className="cut">{assignee === null ? t('tasks.nobody') : who(assignee)}</dd>
      </div>
      <div>
        <dt>{t('tasks.queue')}</dt>
        <dd>{task.queue}</dd>
      </div>
      {subject === null ? null : (
        <div>
          <dt>{t('runs.person')}</dt>
          <dd className="mono">{subject}</dd>
        </div>
      )}
      {runId === null ? null : (
        <div>
          <dt>{t('runs.run')}</dt>
          <dd>
            <Link to="/runs/$id" params={{ id: runId }} className="mono">
              {shortId(runId)}
            </Link>{' '}
            <span className="mut">{step}</span>
          </dd>
        </div>
      )}
      <div>
        <dt>{t('tasks.since')}</dt>
        <dd className="num">{moment(task.createdAt)}</dd>
      </div>
    </dl>
  );
}

/** What can be chosen, and that one takes the task first. */
function TakeFirst({ task }: { task: Task }) {
  const { t } = useWords();
  const who = useWho();
  const { status, assignee, outcomes } = task;
  return (
    <section className="col">
      <p className="note">
        {status === 'claimed' && assignee !== null
          ? t('tasks.heldBy', { who: who(assignee) })
          : t('tasks.takeFirst')}
      </p>
      {outcomes.length === 0 ? null : (
        <p className="sm mut">
          {t('tasks.mayEnd', { outcomes: outcomes.map(({ label }) => label).join(' · ') })}
        </p>
      )}
    </section>
  );
}

/** Where the list is hidden by the task, what had the focus is gone: the task's title gets it. */
function useFocusOnPhones(heading: React.RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (window.matchMedia('(max-width: 700px)').matches) heading.current?.focus();
  }, [heading]);
}

/** `c` takes the task while the focus is in the worklist and nobody types. */
function useClaimKey(may: boolean, claim: () => void): void {
  useEffect(() => {
    if (!may) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, target, ctrlKey, metaKey, altKey } = event;
      const inside = target instanceof Element && target.closest('.split-view.tasks') !== null;
      if (key !== 'c' || ctrlKey || metaKey || altKey || !inside || isTyping(target)) return;
      event.preventDefault();
      claim();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [may, claim]);
}
