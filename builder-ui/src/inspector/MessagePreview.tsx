import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { ActionStep } from '@sojourn/schemas';
import { IconEye, IconSend } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { Preview } from '../api/shapes.ts';
import { useDocument } from '../editor/store.ts';
import { useWords } from '../i18n/use-words.ts';
import { announce } from '../ui/announce.ts';
import { Button } from '../ui/Button.tsx';

/** Where what one writes is sent to oneself, remembered for each channel. */
const addressKeyOf = (uses: string): string => `sojourn.previewAddress.${uses.split('/')[0] ?? ''}`;
const typingMs = 400;

/** The message as one person would get it, and a way to send it to oneself. */
export function MessagePreview({ step }: { step: ActionStep }) {
  const { t } = useWords();
  const document = useDocument();
  const [subjectKey, setSubjectKey] = useState('');
  const addressKey = addressKeyOf(step.uses);
  const [to, setTo] = useState(localStorage.getItem(addressKey) ?? '');
  const [isShown, setShown] = useState(false);
  const message = {
    uses: step.uses,
    with: step.with ?? {},
    ...(subjectKey === '' ? {} : { subject: { type: document.subject, key: subjectKey } }),
  };
  const [asked] = useDebouncedValue(JSON.stringify(message), typingMs);
  const preview = useQuery({
    queryKey: ['preview', asked],
    queryFn: ({ signal }) =>
      call<Preview>('/previews', { method: 'POST', body: JSON.parse(asked) as object, signal }),
    enabled: isShown,
    placeholderData: keepPreviousData, // what one sees follows what one writes
    retry: false,
  });
  const send = useMutation({
    mutationFn: () =>
      call('/previews/send', {
        method: 'POST',
        body: {
          ...message,
          ...(step.connection === undefined ? {} : { connection: step.connection }),
          to,
        },
      }),
    onSuccess: () => {
      localStorage.setItem(addressKey, to);
      announce(t('preview.sent', { to }));
    },
  });
  const failure = preview.error ?? send.error;
  return (
    <details>
      <summary>{t('preview.title')}</summary>
      <div className="col">
        <div className="row" style={{ alignItems: 'end' }}>
          <TextInput
            className="grow"
            label={t('preview.person', { type: document.subject })}
            placeholder={t('preview.anyone')}
            value={subjectKey}
            onChange={(event) => setSubjectKey(event.currentTarget.value)}
          />
          <Button
            icon={<IconEye size={15} />}
            disabled={preview.isFetching}
            onClick={() => {
              if (isShown) void preview.refetch();
              else setShown(true);
            }}
          >
            {t('preview.show')}
          </Button>
        </div>
        {preview.data ? <Message preview={preview.data} /> : null}
        <div className="row" style={{ alignItems: 'end' }}>
          <TextInput
            className="grow"
            label={t('preview.address')}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Button
            icon={<IconSend size={15} />}
            disabled={to.trim() === '' || send.isPending}
            onClick={() => send.mutate()}
          >
            {t('preview.send')}
          </Button>
        </div>
        {failure ? (
          <p className="hint bad" role="alert">
            {failure.message}
          </p>
        ) : null}
      </div>
    </details>
  );
}

/** The message as its channel makes it; the rendered config where a channel makes none. */
function Message({ preview }: { preview: Preview }) {
  const { t } = useWords();
  const { config = {}, subject, html, text, to, parts: count, encoding, left } = preview;
  const title = subject ?? config['subject'];
  const body = text ?? config['body'];
  return (
    <div className="preview">
      {typeof title === 'string' ? <b>{title}</b> : null}
      {typeof to === 'string' ? <span className="xs mut">{t('preview.to', { to })}</span> : null}
      {count === undefined ? null : (
        <span className="xs">{t('preview.parts', { count, encoding, left })}</span>
      )}
      {html ? (
        <iframe title={t('preview.title')} sandbox="" srcDoc={html} />
      ) : (
        <p className="pre">{typeof body === 'string' ? body : JSON.stringify(config, null, 2)}</p>
      )}
    </div>
  );
}
