import { Modal, NumberInput, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { ApiError, call } from '../../api/client.ts';
import { useConnections } from '../../api/queries.ts';
import type { Connection, Plugin } from '../../api/shapes.ts';
import { slugOf } from '../../document/edits.ts';
import { defaultsOf } from '../../inspector/form/schema.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Skeleton } from '../../ui/StateView.tsx';
import { withoutEmpty, withSealed } from './settings.ts';

const SchemaForm = lazy(async () => ({
  default: (await import('../../inspector/form/SchemaForm.tsx')).SchemaForm,
}));

/** A connection to be made of this type, or one to be changed. */
export interface ConnectionTarget {
  type: string;
  connection: Connection | undefined;
}

export interface ConnectionDialogProps {
  plugin: Plugin;
  target: ConnectionTarget | undefined;
  onClose: () => void;
}

/** Makes or changes a connection. Secrets are written and never read back. */
export function ConnectionDialog({ plugin, target, onClose }: ConnectionDialogProps) {
  const { t, text } = useWords();
  return (
    <Modal
      opened={target !== undefined}
      onClose={onClose}
      title={target?.connection?.name ?? t('plugins.newConnection', { plugin: text(plugin.name) })}
      size={480}
    >
      {target ? (
        <ConnectionForm
          key={target.connection?.id ?? target.type}
          plugin={plugin}
          target={target}
          onClose={onClose}
        />
      ) : null}
    </Modal>
  );
}

/** Settings as they are sent: a sealed secret that was not written anew stays as it is. */
type Settings = Record<string, unknown>;

function ConnectionForm({
  plugin,
  target,
  onClose,
}: ConnectionDialogProps & { target: ConnectionTarget }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { connection, type } = target;
  const others = useConnections().filter((one) => one.plugin === plugin.id);
  const [name, setName] = useState(connection?.name ?? '');
  const [settings, setSettings] = useState<Settings>(
    () => connection?.settings ?? defaultsOf(plugin.connections?.[type]?.schema),
  );
  const [perSecond, setPerSecond] = useState<number | undefined>(connection?.limits.perSecond);
  const [chosen, setByDefault] = useState(connection?.default);
  const byDefault = chosen ?? others.length === 0;
  const [sure, setSure] = useState(false);
  const faults = useState<Record<string, string>>({});
  const schema = useMemo(
    () => withSealed(plugin.connections?.[type]?.schema ?? { type: 'object' }),
    [plugin, type],
  );
  const done = async (message: string): Promise<void> => {
    announce(message);
    await client.invalidateQueries({ queryKey: ['connections'] });
    onClose();
  };
  const save = useMutation({
    mutationFn: () => {
      const body = {
        ...(connection ? { id: connection.id } : { id: idFor(name, plugin.id, others) }),
        plugin: plugin.id,
        type,
        name: name.trim(),
        settings: withoutEmpty(settings),
        ...(perSecond === undefined ? {} : { limits: { perSecond } }),
        default: byDefault,
      };
      return connection
        ? call(`/connections/${encodeURIComponent(connection.id)}`, { method: 'PUT', body })
        : call('/connections', { method: 'POST', body });
    },
    onSuccess: () => done(t('plugins.saved', { name })),
    onError: (error) => faults[1](faultsOf(error)),
  });
  const remove = useMutation({
    mutationFn: () =>
      call(`/connections/${encodeURIComponent(connection?.id ?? '')}`, { method: 'DELETE' }),
    onSuccess: () => done(t('plugins.removed', { name })),
  });
  const failure = save.error ?? remove.error;
  return (
    <div className="col">
      <TextInput
        data-autofocus
        required
        label={t('settings.name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Suspense fallback={<Skeleton rows={4} height={42} />}>
        <SchemaForm
          schema={schema}
          value={settings}
          faults={faults[0]}
          onChange={setSettings}
          onSubmit={() => save.mutate()}
        >
          <div className="col" style={{ marginTop: 12 }}>
            <NumberInput
              label={t('plugins.perSecond')}
              description={t('plugins.perSecondHint')}
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              min={0}
              value={perSecond ?? ''}
              onChange={(value) => setPerSecond(value === '' ? undefined : Number(value))}
            />
            <Switch
              label={t('plugins.makeDefault')}
              checked={byDefault}
              onChange={(event) => setByDefault(event.currentTarget.checked)}
            />
            {failure ? (
              <p className="hint bad" role="alert">
                {failure.message}
              </p>
            ) : null}
            <div className="row">
              {connection ? (
                <Button
                  tone="danger"
                  disabled={remove.isPending}
                  onClick={() => (sure ? remove.mutate() : setSure(true))}
                >
                  {t(sure ? 'plugins.removeSure' : 'plugins.remove')}
                </Button>
              ) : null}
              <Button className="end" onClick={onClose}>
                {t('actions.cancel')}
              </Button>
              <Button type="submit" tone="primary" disabled={name.trim() === '' || save.isPending}>
                {t('actions.save')}
              </Button>
            </div>
          </div>
        </SchemaForm>
      </Suspense>
    </div>
  );
}

function idFor(name: string, plugin: string, others: readonly Connection[]): string {
  const base = slugOf(name) || plugin;
  return others.some((one) => one.id === base) ? `${base}-${others.length + 1}` : base;
}

function faultsOf(error: Error): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    (error.problem.errors ?? []).map(({ pointer, detail }) => [
      pointer.replace(/^\/settings/, ''),
      detail,
    ]),
  );
}
