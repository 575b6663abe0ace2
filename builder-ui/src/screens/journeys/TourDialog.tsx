import { Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { useWords } from '../../i18n/use-words.ts';
import { DialogForm } from '../../ui/DialogForm.tsx';

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
      <DialogForm
        sending={start}
        ready={name.trim() !== '' && email.includes('@')}
        submit={t('tour.start')}
        onSubmit={() => start.mutate()}
        onClose={onClose}
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
      </DialogForm>
    </Modal>
  );
}
