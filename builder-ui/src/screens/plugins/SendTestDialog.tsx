import { Modal, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { call } from '../../api/client.ts';
import type { Connection, Plugin } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { defaultsOf } from '../../inspector/form/schema.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Skeleton } from '../../ui/StateView.tsx';
import { withoutEmpty, withoutRecipient } from './settings.ts';

const SchemaForm = lazy(async () => ({
  default: (await import('../../inspector/form/SchemaForm.tsx')).SchemaForm,
}));

export interface SendTestDialogProps {
  plugin: Plugin;
  connection: Connection | undefined;
  onClose: () => void;
}

/** Performs an action once, for whoever asks: "send me a test". */
export function SendTestDialog({ plugin, connection, onClose }: SendTestDialogProps) {
  const { t } = useWords();
  return (
    <Modal
      opened={connection !== undefined}
      onClose={onClose}
      title={t('plugins.sendTestBy', { name: connection?.name ?? '' })}
      size={480}
    >
      {connection ? (
        <SendTestForm
          key={connection.id}
          plugin={plugin}
          connection={connection}
          onClose={onClose}
        />
      ) : null}
    </Modal>
  );
}

function SendTestForm({
  plugin,
  connection,
  onClose,
}: SendTestDialogProps & { connection: Connection }) {
  const { t, text } = useWords();
  const choices = Object.entries(plugin.actions).filter(
    ([, action]) => action.contact === true && action.connection === connection.type,
  );
  const [name, setName] = useState(choices[0]?.[0] ?? '');
  const [to, setTo] = useState('');
  const config = plugin.actions[name]?.config;
  const [value, setValue] = useState(() => defaultsOf(config));
  const send = useMutation({
    mutationFn: (given: Record<string, unknown>) =>
      call<{ outcome: string | null; reference: string | null }>('/previews/send', {
        method: 'POST',
        body: {
          uses: `${plugin.id}/${name}`,
          with: withoutEmpty(given),
          to: to.trim(),
          connection: connection.id,
        },
      }),
    onSuccess: () => {
      announce(t('preview.sent', { to: to.trim() }));
      onClose();
    },
  });
  return (
    <div className="col">
      <p className="sec">{t('plugins.sendTestAbout')}</p>
      {choices.length > 1 ? (
        <Select
          label={t('plugins.action')}
          value={name}
          allowDeselect={false}
          data={choices.map(([one, action]) => ({ value: one, label: text(action.title) }))}
          onChange={(next) => {
            if (next === null) return;
            setName(next);
            setValue(defaultsOf(plugin.actions[next]?.config));
          }}
        />
      ) : null}
      <TextInput
        data-autofocus
        required
        label={t('plugins.sendTestTo')}
        placeholder="me@example.org, +886912345678"
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <Suspense fallback={<Skeleton rows={3} height={42} />}>
        <SchemaForm
          key={name}
          schema={withoutRecipient(config ?? {})}
          value={value}
          onChange={setValue}
          onSubmit={(given) => send.mutate(given)}
        >
          {send.error ? (
            <p className="hint bad" role="alert">
              {send.error.message}
            </p>
          ) : null}
          <div className="row">
            <Button className="end" onClick={onClose}>
              {t('actions.cancel')}
            </Button>
            <Button type="submit" tone="primary" disabled={to.trim() === '' || send.isPending}>
              {t('preview.send')}
            </Button>
          </div>
        </SchemaForm>
      </Suspense>
    </div>
  );
}
