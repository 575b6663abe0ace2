import { TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { connectionsQuery, pluginPageQuery, useConnections } from '../../api/queries.ts';
import type { Connection, Plugin } from '../../api/shapes.ts';
import { actionLooks } from '../../document/kinds.ts';
import { portText } from '../../document/summaries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { HealthIcon } from '../../inspector/ActionEditor.tsx';
import { Button } from '../../ui/Button.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Empty, Loaded } from '../../ui/StateView.tsx';
import { ConnectionDialog, type ConnectionTarget } from './ConnectionDialog.tsx';
import { TestButton } from './TestButton.tsx';

const route = getRouteApi('/plugins');

/** What this deployment can do: plugins with their actions, events and connections. */
export function Plugins() {
  const { t, text } = useWords();
  const plugins = useQuery(pluginPageQuery);
  const search = route.useSearch();
  const [query, setQuery] = useState('');
  const needle = query.trim().toLowerCase();
  return (
    <Loaded query={plugins}>
      {({ items: list }) => {
        const shown = list.filter((plugin) =>
          `${text(plugin.name)} ${plugin.id} ${Object.keys(plugin.actions).join(' ')}`
            .toLowerCase()
            .includes(needle),
        );
        const chosen = list.find((plugin) => plugin.id === search.plugin) ?? list[0];
        return (
          <div className="split-view" data-open={search.plugin !== undefined}>
            <nav className="list" aria-label={t('nav.plugins')}>
              <header>
                <h1>
                  {t('nav.plugins')} <span className="mut num">{list.length}</span>
                </h1>
                <TextInput
                  aria-label={t('plugins.find')}
                  placeholder={t('plugins.find')}
                  leftSection={<IconSearch size={14} aria-hidden />}
                  value={query}
                  onChange={(event) => setQuery(event.currentTarget.value)}
                />
              </header>
              {shown.map((plugin) => (
                <PluginLine key={plugin.id} plugin={plugin} current={plugin === chosen} />
              ))}
            </nav>
            <div className="detail">
              {chosen ? (
                <PluginPage key={chosen.id} plugin={chosen} />
              ) : (
                <Empty>{t('plugins.empty')}</Empty>
              )}
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}

function looksOfPlugin(plugin: Plugin) {
  const [action] = Object.values(plugin.actions);
  return action
    ? actionLooks(plugin, action)
    : ({ category: 'flow', icon: plugin.icon ?? 'plug' } as const);
}

function PluginLine({ plugin, current }: { plugin: Plugin; current: boolean }) {
  const { t, text } = useWords();
  const connections = useConnections().filter((one) => one.plugin === plugin.id);
  const lacking = Object.keys(plugin.connections ?? {}).length > 0 && connections.length === 0;
  const [first] = connections;
  return (
    <Link to="/plugins" search={{ plugin: plugin.id }} className="list-item" aria-current={current}>
      <Glyph looks={looksOfPlugin(plugin)} />
      <div className="grow">
        <b>{text(plugin.name)}</b>
        <div className="xs mut">
          {plugin.version} · {t('plugins.actions', { count: Object.keys(plugin.actions).length })}
        </div>
      </div>
      {lacking ? <span className="xs mut">{t('palette.noConnection')}</span> : null}
      {first ? <HealthIcon connection={first} /> : null}
    </Link>
  );
}

function PluginPage({ plugin }: { plugin: Plugin }) {
  const { t, text } = useWords();
  const [target, setTarget] = useState<ConnectionTarget>();
  const types = Object.keys(plugin.connections ?? {});
  const events = Object.entries(plugin.events ?? {});
  return (
    <div className="page">
      <div className="head">
        <Glyph looks={looksOfPlugin(plugin)} size={16} />
        <h1>{text(plugin.name)}</h1>
        <span className="tag line num">{plugin.version}</span>
        <span className="tag line">{t('plugins.contract', { version: plugin.apiVersion })}</span>
        {plugin.description === undefined ? null : (
          <span className="sec">{text(plugin.description)}</span>
        )}
      </div>
      {types.length > 0 ? (
        <section className="panel">
          <header>
            <span className="grow">{t('plugins.connections')}</span>
            {types.map((type) => (
              <Button
                key={type}
                icon={<IconPlus size={15} />}
                onClick={() => setTarget({ type, connection: undefined })}
              >
                {types.length > 1
                  ? text(plugin.connections?.[type]?.title) || type
                  : t('plugins.addConnection')}
              </Button>
            ))}
          </header>
          <ConnectionList
            plugin={plugin}
            onEdit={(connection) => setTarget({ type: connection.type, connection })}
          />
        </section>
      ) : null}
      <section className="panel">
        <header>{t('plugins.actionsTitle')}</header>
        <ActionTable plugin={plugin} />
      </section>
      {events.length > 0 ? (
        <section className="panel">
          <header>{t('plugins.events')}</header>
          <dl className="kv pad">
            {events.map(([type, event]) => (
              <div key={type} style={{ display: 'contents' }}>
                <dt className="mono">{type}</dt>
                <dd>{text(event.title)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ) : null}
      <ConnectionDialog plugin={plugin} target={target} onClose={() => setTarget(undefined)} />
    </div>
  );
}

function ConnectionList(props: { plugin: Plugin; onEdit: (connection: Connection) => void }) {
  const { t, moment } = useWords();
  const connections = useQuery(connectionsQuery);
  return (
    <Loaded query={connections}>
      {(all) => {
        const list = all.filter((one) => one.plugin === props.plugin.id);
        if (list.length === 0) return <Empty>{t('plugins.noConnections')}</Empty>;
        return (
          <table className="two">
            <tbody>
              {list.map((connection) => (
                <tr key={connection.id}>
                  <td>
                    <button
                      type="button"
                      className="link plain"
                      onClick={() => props.onEdit(connection)}
                    >
                      {connection.name}
                    </button>{' '}
                    {connection.default ? (
                      <span className="tag accent">{t('plugins.default')}</span>
                    ) : null}
                    <div className="mono mut xs">{connection.id}</div>
                  </td>
                  <td>
                    <span className="row">
                      <HealthIcon connection={connection} />
                      {connection.health
                        ? t(`health.${connection.health.status}`)
                        : t('health.unknown')}
                      {connection.health?.detail ? (
                        <span className="sm sec">{connection.health.detail}</span>
                      ) : null}
                    </span>
                    {connection.health?.at === undefined ? null : (
                      <div className="xs mut num">
                        {moment(connection.health.at)} · {connection.health.latencyMs} ms
                      </div>
                    )}
                  </td>
                  <td className="n">
                    <TestButton connection={connection} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        );
      }}
    </Loaded>
  );
}

function ActionTable({ plugin }: { plugin: Plugin }) {
  const words = useWords();
  const { t, text, duration } = words;
  const [open, setOpen] = useState<string>();
  return (
    <>
      <div className="scroll-x">
        <table className="two">
          <thead>
            <tr>
              <th>{t('plugins.action')}</th>
              <th>{t('inspector.ports')}</th>
              <th className="mid-priority">{t('plugins.ends')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {Object.entries(plugin.actions).map(([name, action]) => (
              <tr key={name}>
                <td>
                  <div className="row">
                    <Glyph looks={actionLooks(plugin, action)} />
                    <div>
                      <b>{text(action.title)}</b>
                      <div className="mono mut xs">
                        {plugin.id}/{name}
                      </div>
                    </div>
                  </div>
                </td>
                <td>
                  <span className="row wrap" style={{ gap: 4 }}>
                    {(Array.isArray(action.outcomes)
                      ? action.outcomes
                      : [t('plugins.asConfigured'), ...(action.outcomes.also ?? [])]
                    ).map((outcome) => (
                      <span key={outcome} className="tag">
                        {portText(outcome, words)}
                      </span>
                    ))}
                  </span>
                </td>
                <td className="mid-priority sec">
                  {action.settles === 'now'
                    ? t('plugins.atOnce')
                    : action.defaultTimeout === undefined
                      ? t('plugins.later')
                      : t('plugins.laterWithin', { time: duration(action.defaultTimeout) })}
                </td>
                <td className="n">
                  <button
                    type="button"
                    className="link"
                    aria-expanded={open === name}
                    onClick={() => setOpen(open === name ? undefined : name)}
                  >
                    {t('plugins.schema')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {open !== undefined && plugin.actions[open] ? (
        <div className="pad">
          <pre className="code">{JSON.stringify(plugin.actions[open].config, null, 2)}</pre>
        </div>
      ) : null}
    </>
  );
}
