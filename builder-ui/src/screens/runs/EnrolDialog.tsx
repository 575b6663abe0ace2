import { Autocomplete, Modal, Select, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call, idempotencyKey } from '../../api/client.ts';
import { journeysQuery, subjectsQuery } from '../../api/queries.ts';
import type { Run } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { DialogForm } from '../../ui/DialogForm.tsx';

export interface EnrolDialogProps {
  opened: boolean;
  onClose: () => void;
  journey: string | undefined;
}

/** How many of the people who are known are offered at once. */
const mostOffered = 50;

/** Lets one person into a journey by hand. */
export function EnrolDialog(props: EnrolDialogProps) {
  const { t } = useWords();
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={t('enrol.title')} size={440}>
      <EnrolForm {...props} />
    </Modal>
  );
}

function EnrolForm({ onClose, journey: first }: EnrolDialogProps) {
  const { t, text } = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data: journeys } = useQuery(journeysQuery);
  const live = (journeys ?? []).filter((one) => one.state === 'live');
  const [journey, setJourney] = useState(first ?? null);
  const [key, setKey] = useState('');
  const [data, setData] = useState('');
  const [headers] = useState(idempotencyKey);
  const chosen = live.find((one) => one.key === journey);
  const parsed = readObject(data);
  const { data: people = [] } = useQuery({ ...subjectsQuery, enabled: chosen !== undefined });
  const keys = people.filter(({ type }) => type === chosen?.subjectType).map((one) => one.key);
  const enrol = useMutation({
    mutationFn: () =>
      call<Partial<Run> & { runId?: string }>(
        `/journeys/${encodeURIComponent(chosen?.key ?? '')}/runs`,
        {
          method: 'POST',
          headers,
          body: { subject: { type: chosen?.subjectType, key: key.trim() }, data: parsed ?? {} },
        },
      ),
    onSuccess: async (run) => {
      await client.invalidateQueries({ queryKey: ['runs'] });
      onClose();
      const id = run.id ?? run.runId;
      if (id !== undefined) await navigate({ to: '/runs/$id', params: { id } });
    },
  });
  return (
    <DialogForm
      sending={enrol}
      ready={chosen !== undefined && key.trim() !== '' && parsed !== undefined}
      submit={t('enrol.start')}
      onSubmit={() => enrol.mutate()}
      onClose={onClose}
    >
      <Select
        required
        label={t('journeys.journey')}
        placeholder={live.length === 0 ? t('enrol.noneLive') : t('form.choose')}
        data={live.map((one) => ({ value: one.key, label: text(one.name) || one.key }))}
        value={journey}
        onChange={setJourney}
      />
      <Autocomplete
        required
        label={t('enrol.key', { type: chosen?.subjectType ?? t('runs.person') })}
        data={keys}
        limit={mostOffered}
        value={key}
        onChange={setKey}
      />
      <Textarea
        label={t('enrol.data')}
        autosize
        minRows={3}
        placeholder="{ }"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
        value={data}
        error={parsed ? undefined : t('inspector.jsonInvalid')}
        onChange={(event) => setData(event.currentTarget.value)}
      />
    </DialogForm>
  );
}

function readObject(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
