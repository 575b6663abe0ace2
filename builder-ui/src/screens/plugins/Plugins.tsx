import './plugins.css';
import { TextInput } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconRefresh,
  IconSearch,
  IconTerminal2,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { pluginPageQuery, useConnections } from '../../api/queries.ts';
import type { BrokenPlugin, Plugin } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Empty, Loaded } from '../../ui/StateView.tsx';
import { healthOf, isMeant } from './health.ts';
import { looksOfPlugin } from './looks.ts';
import { PluginView } from './PluginView.tsx';

const route = getRouteApi('/plugins');
const topics = ['plugins'];

/** What this deployment can do: plugins with their actions, events and connections. */
export function Plugins() {
  const { t, language } = useWords();
  const plugins = useQuery(pluginPageQuery);
  const search = route.useSearch();
  const [query, setQuery] = useState('');
  useLive(topics);
  return (
    <Loaded query={plugins}>
      {({ items: list, broken = [] }) => {
        const shown = list.filter((plugin) => isMeant(plugin, query.trim(), language));
        const chosen = list.find((plugin) => plugin.id === search.plugin) ?? list[0];
        return (
          <div className="split-view" data-open={search.plugin !== undefined}>
            <nav className="list plugin-list" aria-label={t('nav.plugins')}>
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
              {shown.length === 0 ? <Empty>{t('plugins.noneFound')}</Empty> : null}
              {shown.map((plugin) => (
                <PluginLine key={plugin.id} plugin={plugin} current={plugin === chosen} />
              ))}
              {broken.map((one) => (
                <BrokenLine key={one.folder} broken={one} />
              ))}
              <div className="note new-plugin">
                <IconTerminal2 size={15} aria-hidden />
                <div>
                  <code className="mono">npm run new-plugin</code>
                  <div className="mut">{t('plugins.newHint')}</div>
                </div>
              </div>
            </nav>
            <div className="detail">
              {chosen ? (
                <PluginView key={chosen.id} plugin={chosen} />
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

function PluginLine({ plugin, current }: { plugin: Plugin; current: boolean }) {
  const { t, text } = useWords();
  return (
    <Link to="/plugins" search={{ plugin: plugin.id }} className="list-item" aria-current={current}>
      <Glyph looks={looksOfPlugin(plugin)} />
      <div className="grow">
        <div className="row">
          <b className="cut grow">{text(plugin.name)}</b>
          <PluginState plugin={plugin} />
        </div>
        <div className="row xs mut">
          <span className="cut grow">
            {plugin.version} · {t('plugins.actions', { count: Object.keys(plugin.actions).length })}
          </span>
          {plugin.deployment?.origin === 'own' ? (
            <span className="tag line">{t('plugins.origin.own')}</span>
          ) : null}
        </div>
      </div>
    </Link>
  );
}

/** How a plugin is: its newest code first, else its connections. */
export function PluginState({ plugin }: { plugin: Plugin }) {
  const { t } = useWords();
  const health = healthOf(plugin, useConnections());
  const status = plugin.deployment?.status ?? 'ready';
  if (status === 'loading')
    return (
      <span className="tag accent">
        <IconRefresh size={13} aria-hidden />
        {t('plugins.status.loading')}
      </span>
    );
  if (status === 'broken')
    return (
      <span className="st bad sm">
        <IconAlertTriangleFilled size={13} aria-hidden />
        {t('plugins.status.broken')}
      </span>
    );
  const { tone, Shape } = healthLooks[health];
  return (
    <span className={`st ${tone} sm`}>
      <Shape size={14} aria-hidden />
      {t(`plugins.health.${health}`)}
    </span>
  );
}

const healthLooks = {
  ok: { tone: 'ok', Shape: IconCircleCheckFilled },
  free: { tone: 'ok', Shape: IconCircleCheckFilled },
  degraded: { tone: 'warn', Shape: IconAlertTriangleFilled },
  down: { tone: 'bad', Shape: IconCircleXFilled },
  unknown: { tone: 'mut', Shape: IconCircleDashed },
  lacking: { tone: 'mut', Shape: IconCircleDashed },
} as const;

/** A folder with a plugin that could not be loaded. */
function BrokenLine({ broken }: { broken: BrokenPlugin }) {
  const { t, moment } = useWords();
  return (
    <div className="list-item broken" role="group" aria-label={broken.folder}>
      <IconAlertTriangleFilled size={18} color="var(--bad)" aria-hidden />
      <div className="grow">
        <div className="row">
          <b className="cut grow">{broken.folder}</b>
          <span className="st bad sm">{t('plugins.status.broken')}</span>
        </div>
        <p className="sm pre">{broken.detail}</p>
        <span className="xs mut num">{moment(broken.at)}</span>
      </div>
    </div>
  );
}
