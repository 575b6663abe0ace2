import { IconArrowLeft } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useConnections } from '../../api/queries.ts';
import type { Plugin } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Tabs } from '../../ui/Segments.tsx';
import { CallbacksTab } from './CallbacksTab.tsx';
import { ConnectionsTab } from './ConnectionsTab.tsx';
import { looksOfPlugin } from './looks.ts';
import { OverviewTab } from './OverviewTab.tsx';
import { UsedByTab } from './UsedByTab.tsx';

const route = getRouteApi('/plugins');

/** One plugin: what it can do, where it leads, what comes back, and who uses it. */
export function PluginView({ plugin }: { plugin: Plugin }) {
  const { t, text, moment } = useWords();
  const { tab = 'overview' } = route.useSearch();
  const navigate = route.useNavigate();
  const { deployment } = plugin;
  const connections = useConnections().filter((one) => one.plugin === plugin.id).length;
  const tabs = [
    { value: 'overview', label: t('plugins.tab.overview') },
    ...(plugin.connections
      ? [
          {
            value: 'connections',
            label: (
              <>
                {t('plugins.connections')} <em className="num">{connections}</em>
              </>
            ),
          } as const,
        ]
      : []),
    { value: 'callbacks', label: t('plugins.tab.callbacks') },
    { value: 'used-by', label: t('plugins.tab.usedBy') },
  ] as const;
  return (
    <div className="plugin-view">
      <header>
        <div className="row wrap">
          <Link
            to="/plugins"
            className="btn quiet square phone-only"
            aria-label={t('actions.back')}
          >
            <IconArrowLeft size={16} aria-hidden />
          </Link>
          <Glyph looks={looksOfPlugin(plugin)} size={18} />
          <h1>{text(plugin.name)}</h1>
          <span className="tag line num">{plugin.version}</span>
          <span className="tag line">{t('plugins.contract', { version: plugin.apiVersion })}</span>
          {deployment ? (
            <span className="tag">{t(`plugins.origin.${deployment.origin}`)}</span>
          ) : null}
        </div>
        {plugin.description === undefined ? null : (
          <p className="sec">{text(plugin.description)}</p>
        )}
        {deployment?.status === 'loading' ? (
          <p className="note accent" role="status">
            {t('plugins.loadingNow')}
          </p>
        ) : null}
        {deployment?.status === 'ready' && deployment.detail !== undefined ? (
          <p className="note warn pre" role="status">
            {deployment.detail}
          </p>
        ) : null}
        {deployment?.status === 'broken' ? (
          <div className="note bad" role="alert">
            <div>
              <b>{t('plugins.brokenNow')}</b>
              <p className="pre mono">{deployment.detail}</p>
              {deployment.at === undefined ? null : (
                <span className="xs num">{moment(deployment.at)}</span>
              )}
            </div>
          </div>
        ) : null}
      </header>
      <Tabs
        label={text(plugin.name)}
        value={tab}
        tabs={tabs}
        onChange={(next) =>
          void navigate({
            search: { plugin: plugin.id, ...(next === 'overview' ? {} : { tab: next }) },
            replace: true,
          })
        }
      />
      <div className="plugin-tab" role="tabpanel">
        {tab === 'connections' ? (
          <ConnectionsTab plugin={plugin} />
        ) : tab === 'callbacks' ? (
          <CallbacksTab plugin={plugin} />
        ) : tab === 'used-by' ? (
          <UsedByTab plugin={plugin} />
        ) : (
          <OverviewTab plugin={plugin} />
        )}
      </div>
    </div>
  );
}
