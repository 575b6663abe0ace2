import { IconArrowBackUp, IconArrowsExchange } from '@tabler/icons-react';
import type { Task } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { localized } from '../../inspector/form/schema.ts';
import { useWho } from './TaskFacts.tsx';

type Moment = Task['history'][number];

/** Earlier attempts and hand-overs, oldest first; nothing when there were none. */
export function TaskHistory({ task }: { task: Task }) {
  const { t, moment: momentOf } = useWords();
  if (task.history.length === 0) return null;
  return (
    <section className="col" aria-label={t('tasks.earlier')}>
      <h3 className="sec-h">{t('tasks.earlier')}</h3>
      <ol className="task-history">
        {task.history.map((moment) => (
          <li key={moment.at}>
            {moment.type === 'attempted' ? (
              <IconArrowBackUp size={15} aria-hidden />
            ) : (
              <IconArrowsExchange size={15} aria-hidden />
            )}
            <div className="grow col">
              <div>
                <Said moment={moment} task={task} />
                <span className="sm mut num">
                  {' · '}
                  <time dateTime={moment.at}>{momentOf(moment.at)}</time>
                  {moment.backAt === undefined
                    ? null
                    : ` · ${t('tasks.wasBack', { time: momentOf(moment.backAt) })}`}
                </span>
              </div>
              <Given task={task} {...moment} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Said({ moment, task }: { moment: Moment; task: Task }) {
  const { t } = useWords();
  const who = useWho();
  if (moment.type === 'attempted')
    return (
      <>
        <b>{labelOf(task, moment.outcome ?? '')}</b> · {who(moment.by)}
      </>
    );
  const { to, queue = '', fromQueue = '' } = moment;
  return (
    <>
      <b>
        {t('tasks.handedOver', {
          from: fromQueue,
          to: to === undefined ? queue : `${who(to)}${queue === fromQueue ? '' : ` (${queue})`}`,
        })}
      </b>{' '}
      · {who(moment.by)}
    </>
  );
}

/** How a task ended, and with which answers. */
export function TaskEnd({ task }: { task: Task }) {
  const { t } = useWords();
  const who = useWho();
  const { outcome, by, status } = task;
  if (status !== 'done') return <p className="note">{t(`tasks.overBecause.${status}`)}</p>;
  return (
    <section className="col" aria-label={t('tasks.ended')}>
      <h3 className="sec-h">{t('tasks.ended')}</h3>
      <p>
        <b>{labelOf(task, outcome ?? '')}</b>
        {by === undefined ? null : ` · ${who(by)}`}
      </p>
      <Given {...task} task={task} />
    </section>
  );
}

/** What was filled in, by the titles of the form, and the note. */
function Given(props: {
  task: Task;
  values?: Record<string, unknown> | undefined;
  note?: string | undefined;
}) {
  const { language } = useWords();
  const { task, values = {}, note } = props;
  const fields = (task.form ? localized(task.form, language).properties : undefined) ?? {};
  const titleOf = (name: string): string => {
    const field = fields[name];
    return typeof field === 'object' ? (field.title ?? name) : name;
  };
  const entries = Object.entries(values);
  return (
    <>
      {entries.length === 0 ? null : (
        <dl className="kv sm">
          {entries.map(([name, value]) => (
            <div key={name} className="pair-of">
              <dt>{titleOf(name)}</dt>
              <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {note === undefined ? null : <p className="sm sec pre said">{note}</p>}
    </>
  );
}

function labelOf({ outcomes }: Task, port: string): string {
  return outcomes.find((outcome) => outcome.port === port)?.label ?? port;
}
