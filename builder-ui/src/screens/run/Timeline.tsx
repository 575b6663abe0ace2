import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconFold,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPointFilled,
  IconSquareFilled,
  IconTargetArrow,
  IconUserCog,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useNameOf } from '../../api/queries.ts';
import type { TrailEntry } from '../../api/shapes.ts';
import { looksOf } from '../../document/kinds.ts';
import { portLabel } from '../../document/summaries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { timelineOf, valuesOf } from './fold.ts';
import { stepTitle, type Story } from './why.ts';

/** Every decision, newest first, with the values that decided it. */
export function Timeline({ story, folded }: { story: Story; folded: boolean }) {
  const { t, span } = useWords();
  return (
    <ol className="trail" aria-label={t('run.decisions')}>
      {timelineOf(story.trail, folded).map((item) =>
        item.type === 'idle' ? (
          <li key={item.id} className="idle">
            <span className="pill">
              <IconFold size={12} aria-hidden />
              {t('run.idle', { time: span(item.milliseconds) })}
            </span>
          </li>
        ) : (
          <EntryLine key={item.entry.seq} entry={item.entry} story={story} />
        ),
      )}
    </ol>
  );
}

function EntryLine({ entry, story }: { entry: TrailEntry; story: Story }) {
  const words = useWords();
  const { t } = words;
  const nameOf = useNameOf();
  const { because, what } = entry;
  const step = entry.step ? story.document?.steps[entry.step] : undefined;
  const title = stepTitle(entry.step, story, words);
  const port = typeof because['port'] === 'string' ? because['port'] : undefined;
  const values = valuesOf(because);
  const detail = typeof because['detail'] === 'string' ? because['detail'] : undefined;
  const reason = typeof because['reason'] === 'string' ? because['reason'] : undefined;
  return (
    <li>
      <time dateTime={entry.at} title={entry.at}>
        {words.moment(entry.at)}
      </time>
      <span className="k">
        <EntryIcon entry={entry} story={story} />
      </span>
      <div>
        <div className="row wrap" style={{ gap: '0 8px', minHeight: 20 }}>
          <span>
            {title === '' ? null : <b>{title} </b>}
            {what === 'left' && port !== undefined ? (
              <>
                → <b>{step ? portLabel(step, port, words) : port}</b>
              </>
            ) : (
              <span className={what === 'incident' || what === 'failed' ? 'st bad' : ''}>
                {t(`trail.${what}`, {
                  defaultValue: what,
                  ...stringsOf(because),
                  by: typeof because['by'] === 'string' ? nameOf(because['by']) : '',
                  command: t(`commands.done.${String(because['type'])}`, { defaultValue: '' }),
                  outcome:
                    typeof because['outcome'] === 'string'
                      ? because['outcome'].replaceAll('-', ' ')
                      : '',
                })}
              </span>
            )}
          </span>
          {what === 'commanded' || what === 'refused' ? (
            <span className="tag hold">{t('run.operator')}</span>
          ) : null}
          {entry.step ? (
            <span className="mono mut xs end">
              {entry.step}#{entry.visit ?? 1}
            </span>
          ) : null}
        </div>
        {reason === undefined ? null : <div className="sm sec">“{reason}”</div>}
        {detail === undefined ? null : <div className="sm sec">{detail}</div>}
        {values.length > 0 ? (
          <div className="values">
            {values.map(([name, value], index) => (
              <span key={`${name}${index}`} className="tag">
                <b>{name}</b> {isInstant(value) ? words.moment(value) : value}
              </span>
            ))}
          </div>
        ) : null}
      </div>
    </li>
  );
}

/** Whether a value is an instant, to be shown as people say it. */
function isInstant(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:.*Z$/.test(value);
}

function stringsOf(because: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(because).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  );
}

function EntryIcon({ entry, story }: { entry: TrailEntry; story: Story }): ReactNode {
  const step = entry.step ? story.document?.steps[entry.step] : undefined;
  switch (entry.what) {
    case 'incident':
    case 'failed':
      return <IconAlertTriangleFilled size={16} color="var(--bad)" aria-hidden />;
    case 'commanded':
    case 'refused':
      return <IconUserCog size={15} color="var(--hold)" aria-hidden />;
    case 'deferred':
    case 'suppressed':
      return <IconPlayerPauseFilled size={14} color="var(--hold)" aria-hidden />;
    case 'started':
      return <IconPlayerPlayFilled size={14} color="var(--accent)" aria-hidden />;
    case 'ended':
      return entry.because['outcome'] === 'ended-by-operator' ? (
        <IconSquareFilled size={13} color="var(--ink-3)" aria-hidden />
      ) : (
        <IconCircleCheckFilled size={16} color="var(--ok)" aria-hidden />
      );
    case 'exited':
      return <IconSquareFilled size={13} color="var(--ink-3)" aria-hidden />;
    case 'goal-reached':
      return <IconTargetArrow size={16} color="var(--ok)" aria-hidden />;
    default:
      return step ? (
        <Glyph looks={looksOf(step, story.manifests)} size={12} />
      ) : (
        <IconPointFilled size={14} color="var(--ink-3)" aria-hidden />
      );
  }
}
