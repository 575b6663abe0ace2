import { IconBraces } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useConnections } from '../../api/queries.ts';
import type { Plugin } from '../../api/shapes.ts';
import { actionLooks } from '../../document/kinds.ts';
import { portText } from '../../document/summaries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { defaultsOf } from '../../inspector/form/schema.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { Empty, Skeleton } from '../../ui/StateView.tsx';
import { ConnectionHealth } from './ConnectionsTab.tsx';

const SchemaForm = lazy(async () => ({
  default: (await import('../../inspector/form/SchemaForm.tsx')).SchemaForm,
}));

type Action = Plugin['actions'][string];

/** What a plugin can do, what it tells, and how its connections are. */
export function OverviewTab({ plugin }: { plugin: Plugin }) {
  const { t, text } = useWords();
  const names = Object.keys(plugin.actions);
  const [chosen, setChosen] = useState(names[0] ?? '');
  const action = plugin.actions[chosen];
  return (
    <div className="overview">
      <div className="col">
        <section className="panel">
          <header>
            <h2>{t('plugins.actionsTitle')}</h2>
          </header>
          <ActionTable plugin={plugin} chosen={chosen} onChoose={setChosen} />
        </section>
        <Facts plugin={plugin} />
      </div>
      <div className="col">
        {plugin.connections ? <ConnectionSummary plugin={plugin} /> : null}
        {action ? <ActionForm key={chosen} title={text(action.title)} action={action} /> : null}
      </div>
    </div>
  );
}

interface ActionTableProps {
  plugin: Plugin;
  chosen: string;
  onChoose: (name: string) => void;
}

function ActionTable({ plugin, chosen, onChoose }: ActionTableProps) {
  const words = useWords();
  const { t, text } = words;
  return (
    <div className="scroll-x">
      <table className="two actions">
        <thead>
          <tr>
            <th>{t('plugins.action')}</th>
            <th>{t('inspector.ports')}</th>
            <th className="mid-priority">{t('plugins.ends')}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(plugin.actions).map(([name, action]) => (
            <tr key={name} aria-current={name === chosen}>
              <td>
                <div className="row">
                  <Glyph looks={actionLooks(plugin, action)} />
                  <div>
                    <button
                      type="button"
                      className="link plain"
                      aria-pressed={name === chosen}
                      onClick={() => onChoose(name)}
                    >
                      {text(action.title)}
                    </button>
                    <div className="mono mut xs">
                      {plugin.id}/{name}
                    </div>
                  </div>
                </div>
              </td>
              <td>
                <span className="row wrap ports">
                  {portsOf(action, t('plugins.asConfigured')).map((outcome) => (
                    <span key={outcome} className="tag">
                      {portText(outcome, words)}
                    </span>
                  ))}
                </span>
              </td>
              <td className="mid-priority sec">{howItEnds(action, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function portsOf({ outcomes }: Action, asConfigured: string): string[] {
  return Array.isArray(outcomes) ? outcomes : [asConfigured, ...(outcomes.also ?? [])];
}

function howItEnds(action: Action, { t, duration }: ReturnType<typeof useWords>): string {
  if (action.settles === 'now') return t('plugins.atOnce');
  return action.defaultTimeout === undefined
    ? t('plugins.later')
    : t('plugins.laterWithin', { time: duration(action.defaultTimeout) });
}

/** What a plugin tells journeys, and what the platform does for it. */
function Facts({ plugin }: { plugin: Plugin }) {
  const { t, text, number } = useWords();
  const events = Object.entries(plugin.events ?? {});
  const actions = Object.values(plugin.actions);
  const kept = [...new Set(actions.map(({ idempotency = 'none' }) => idempotency))];
  const limits = Object.entries(plugin.connections ?? {}).flatMap(
    ([type, { title, limits: at }]) =>
      at?.perSecond === undefined
        ? []
        : [
            `${text(title) || type}: ${t('plugins.perSecondOf', { count: at.perSecond, number: number(at.perSecond) })}`,
          ],
  );
  const facts: [label: string, value: React.ReactNode][] = [
    [
      t('plugins.tells'),
      events.length === 0 ? (
        <span className="mut">{t('plugins.tellsNothing')}</span>
      ) : (
        <ul className="event-list">
          {events.map(([type, event]) => (
            <li key={type}>
              <span className="mono">{type}</span> <span className="sec">{text(event.title)}</span>
            </li>
          ))}
        </ul>
      ),
    ],
    [
      t('plugins.asks'),
      t(actions.some(({ contact }) => contact === true) ? 'plugins.asksYes' : 'plugins.asksNo'),
    ],
    [t('plugins.twice'), kept.map((one) => t(`plugins.idempotency.${one}`)).join(' · ')],
    [t('plugins.limits'), limits.length === 0 ? t('plugins.noLimits') : limits.join(' · ')],
  ];
  return (
    <section className="panel">
      <header>
        <h2>{t('plugins.facts')}</h2>
      </header>
      <dl className="kv pad">
        {facts.map(([label, value]) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function ConnectionSummary({ plugin }: { plugin: Plugin }) {
  const { t } = useWords();
  const connections = useConnections().filter((one) => one.plugin === plugin.id);
  return (
    <section className="panel">
      <header>
        <h2 className="grow">{t('plugins.connections')}</h2>
        <Link to="/plugins" search={{ plugin: plugin.id, tab: 'connections' }} className="link">
          {t('plugins.manage')}
        </Link>
      </header>
      {connections.length === 0 ? (
        <Empty>{t('plugins.noConnections')}</Empty>
      ) : (
        <ul>
          {connections.map((connection) => (
            <li key={connection.id} className="summary-line">
              <b className="grow cut">{connection.name}</b>
              {connection.default ? (
                <span className="tag accent">{t('plugins.default')}</span>
              ) : null}
              <ConnectionHealth connection={connection} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const views = ['form', 'schema'] as const;

/** What a step of an action asks for: as its form, or as its schema. */
function ActionForm({ title, action }: { title: string; action: Action }) {
  const { t } = useWords();
  const [view, setView] = useState<(typeof views)[number]>('form');
  const [value, setValue] = useState(() => defaultsOf(action.config));
  return (
    <section className="panel">
      <header>
        <IconBraces size={15} aria-hidden />
        <h2 className="grow cut">{title}</h2>
        <Segments
          label={t('plugins.formView')}
          value={view}
          options={views.map((one) => ({ value: one, label: t(`plugins.view.${one}`) }))}
          onChange={setView}
        />
      </header>
      <div className="pad">
        {view === 'schema' ? (
          <pre className="code" tabIndex={0}>
            {JSON.stringify(action.config, null, 2)}
          </pre>
        ) : (
          <Suspense fallback={<Skeleton rows={3} height={42} />}>
            <p className="hint try">{t('plugins.tryHint')}</p>
            <SchemaForm schema={action.config} value={value} onChange={setValue} />
          </Suspense>
        )}
      </div>
    </section>
  );
}
