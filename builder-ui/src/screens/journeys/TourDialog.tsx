import { Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Button } from '../../ui/Button.tsx';

/** Sends the visitor through the demonstration journey, and opens the run. */
export function TourDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t, language } = useWords();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const start = useMutation({
    mutationFn: () =>
      call<{ runId: string }>('/tour', {
        method: 'POST',
        body: { email: email.trim(), name: name.trim(), locale: language },
      }),
    onSuccess: async ({ runId }) => {
      onClose();
      await navigate({
        to: '/runs/$id',
        params: { id: runId },
        search: { inbox: email.trim() },
      });
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('tour.title')} size={420}>
      <form
        className="col"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <p className="sec">{t('tour.about')}</p>
        <TextInput
          data-autofocus
          required
          label={t('tour.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          required
          type="email"
          label={t('tour.email')}
          description={t('tour.emailHint')}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          placeholder="me@example.org"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        {start.error ? (
          <p className="hint bad" role="alert">
            {start.error.message}
          </p>
        ) : null}
        <div className="row">
          <Button className="end" onClick={onClose}>
            {t('actions.cancel')}
          </Button>
          <Button
            type="submit"
            tone="primary"
            disabled={name.trim() === '' || !email.includes('@') || start.isPending}
          >
            {t('tour.start')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
