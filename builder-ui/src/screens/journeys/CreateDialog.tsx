import { Autocomplete, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { slugOf } from '../../document/edits.ts';
import { useWords } from '../../i18n/use-words.ts';
import { blankJourney, journeyFrom, templates } from '../../templates/index.ts';
import { DialogForm } from '../../ui/DialogForm.tsx';

export interface CreateDialogProps {
  opened: boolean;
  onClose: () => void;
  taken: readonly string[];
}

/** Begins a journey: its name, key and subject, from nothing or from a template. */
export function CreateDialog(props: CreateDialogProps) {
  const { t } = useWords();
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={t('journeys.create')} size={540}>
      <CreateForm {...props} />
    </Modal>
  );
}

function CreateForm({ onClose, taken }: CreateDialogProps) {
  const { t, text } = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [template, setTemplate] = useState<string>('blank');
  const [name, setName] = useState('');
  const [key, setKey] = useState<string>();
  const [subject, setSubject] = useState('person');
  const slug = key ?? slugOf(name);
  const valid = /^[a-z][a-z0-9-]*$/.test(slug);
  const isTaken = taken.includes(slug);
  const create = useMutation({
    mutationFn: () => {
      const options = {
        key: slug,
        name: name.trim() || slug,
        subject: slugOf(subject) || 'person',
      };
      const chosen = templates.find((one) => one.id === template);
      const document = chosen ? journeyFrom(chosen.document, options) : blankJourney(options);
      return call('/journeys', { method: 'POST', body: { key: slug, document } });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['journeys'] });
      onClose();
      await navigate({ to: '/journeys/$key', params: { key: slug } });
    },
  });
  return (
    <DialogForm
      sending={create}
      ready={valid && !isTaken && name.trim() !== ''}
      submit={t('journeys.create')}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <TextInput
        data-autofocus
        required
        label={t('settings.name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className="cards" style={{ gap: 12 }}>
        <TextInput
          required
          label={t('journeys.key')}
          description={t('journeys.keyHint')}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          value={slug}
          error={
            isTaken
              ? t('fields.taken')
              : slug !== '' && !valid
                ? t('journeys.keyInvalid')
                : undefined
          }
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Autocomplete
          size="xs"
          label={t('settings.subject')}
          description={t('journeys.subjectHint')}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          data={['person', 'patient', 'physician', 'policyholder', 'account']}
          value={subject}
          onChange={setSubject}
        />
      </div>
      <div>
        <span className="lab">{t('journeys.beginWith')}</span>
        <div className="cards">
          {['blank', ...templates.map((one) => one.id)].map((id) => (
            <button
              key={id}
              type="button"
              className="template-choice"
              aria-pressed={template === id}
              onClick={() => {
                setTemplate(id);
                const chosen = templates.find((one) => one.id === id);
                if (chosen && name === '') setName(text(chosen.document.name));
              }}
            >
              <b>{t(`templates.${id}.name`)}</b>
              <span className="sm sec">{t(`templates.${id}.about`)}</span>
            </button>
          ))}
        </div>
      </div>
    </DialogForm>
  );
}
