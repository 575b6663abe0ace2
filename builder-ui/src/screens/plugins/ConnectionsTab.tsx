import { CopyButton } from '@mantine/core';
import { IconCheck, IconCopy, IconPencil, IconPlus, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { connectionsQuery } from '../../api/queries.ts';
import type { Connection, Plugin } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { HealthIcon } from '../../inspector/ActionEditor.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Empty, Loaded } from '../../ui/StateView.tsx';
import { ConnectionDialog, type ConnectionTarget } from './ConnectionDialog.tsx';
import { SendTestDialog } from './SendTestDialog.tsx';
import { TestButton } from './TestButton.tsx';

/** Where a plugin leads: each connection with its health, its address for callbacks, and a way to try it. */
export function ConnectionsTab({ plugin }: { plugin: Plugin }) {
  const { t, text } = useWords();
  const connections = useQuery(connectionsQuery);
  const [target, setTarget] = useState<ConnectionTarget>();
  const [tested, setTested] = useState<Connection>();
  const types = Object.entries(plugin.connections ?? {});
  return (
    <div className="col">
      <div className="row wrap">
        {types.map(([type, { title }]) => (
          <Button
            key={type}
            icon={<IconPlus size={15} aria-hidden />}
            onClick={() => setTarget({ type, connection: undefined })}
          >
            {types.length > 1 ? text(title) || type : t('plugins.addConnection')}
          </Button>
        ))}
      </div>
      <Loaded query={connections}>
        {(all) => {
          const own = all.filter((one) => one.plugin === plugin.id);
          if (own.length === 0) return <Empty>{t('plugins.noConnections')}</Empty>;
          return (
            <ul className="col">
              {own.map((connection) => (
                <ConnectionCard
                  key={connection.id}
                  plugin={plugin}
                  connection={connection}
                  onEdit={() => setTarget({ type: connection.type, connection })}
                  onSend={() => setTested(connection)}
                />
              ))}
            </ul>
          );
        }}
      </Loaded>
      <ConnectionDialog plugin={plugin} target={target} onClose={() => setTarget(undefined)} />
      <SendTestDialog plugin={plugin} connection={tested} onClose={() => setTested(undefined)} />
    </div>
  );
}

interface ConnectionCardProps {
  plugin: Plugin;
  connection: Connection;
  onEdit: () => void;
  onSend: () => void;
}

function ConnectionCard({ plugin, connection, onEdit, onSend }: ConnectionCardProps) {
  const { t, text, moment, number } = useWords();
  const { id, name, type, health, webhook, limits } = connection;
  const kind = plugin.connections?.[type];
  const mayContact = Object.values(plugin.actions).some(
    (action) => action.contact === true && action.connection === type,
  );
  const perSecond = limits.perSecond ?? kind?.limits?.perSecond;
  return (
    <li className="panel">
      <header>
        <span className="cut">{name}</span>
        {connection.default ? <span className="tag accent">{t('plugins.default')}</span> : null}
        <span className="end row">
          <Button icon={<IconPencil size={15} aria-hidden />} onClick={onEdit}>
            {t('plugins.change')}
          </Button>
          {mayContact ? (
            <Button icon={<IconSend size={15} aria-hidden />} onClick={onSend}>
              {t('plugins.sendTest')}
            </Button>
          ) : null}
          <TestButton connection={connection} />
        </span>
      </header>
      <dl className="kv pad">
        <dt>{t('plugins.connectionId')}</dt>
        <dd>
          <span className="mono">{id}</span>{' '}
          <span className="mut">{text(kind?.title) || type}</span>
        </dd>
        <dt>{t('plugins.healthIs')}</dt>
        <dd>
          <span className="row wrap">
            <ConnectionHealth connection={connection} />
            {health ? (
              <span className="mut num">
                {number(Math.round(health.latencyMs))} ms · {moment(health.at)}
              </span>
            ) : null}
            {health?.detail ? <span className="sec">{health.detail}</span> : null}
          </span>
        </dd>
        {perSecond === undefined ? null : (
          <>
            <dt>{t('plugins.limits')}</dt>
            <dd>{t('plugins.perSecondOf', { count: perSecond, number: number(perSecond) })}</dd>
          </>
        )}
        {webhook === null ? null : (
          <>
            <dt>{t('plugins.webhook')}</dt>
            <dd>
              <span className="webhook">
                <code className="code">{webhook}</code>
                <CopyButton value={webhook}>
                  {({ copied, copy }) => (
                    <IconButton
                      label={t(copied ? 'plugins.copied' : 'plugins.copy')}
                      onClick={copy}
                    >
                      {copied ? (
                        <IconCheck size={15} aria-hidden />
                      ) : (
                        <IconCopy size={15} aria-hidden />
                      )}
                    </IconButton>
                  )}
                </CopyButton>
              </span>
              <div className="hint">{t('plugins.webhookHint')}</div>
            </dd>
          </>
        )}
      </dl>
    </li>
  );
}

/** How a connection was at its last check. */
export function ConnectionHealth({ connection }: { connection: Connection }) {
  const { t } = useWords();
  const status = connection.health?.status;
  const tone = status === undefined ? 'mut' : status === 'ok' ? 'ok' : 'bad';
  return (
    <span className={`st ${tone}`}>
      <HealthIcon connection={connection} />
      {t(`health.${status ?? 'unknown'}`)}
    </span>
  );
}
