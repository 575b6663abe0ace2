import { Checkbox, Modal, Select, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, call, idempotencyKey } from '../../api/client.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { DialogForm, ReasonField } from '../../ui/DialogForm.tsx';
import { PortSelect } from '../incidents/PortSelect.tsx';
import { EditedInput, editOf, standingInput } from './EditedInput.tsx';
import { stepTitle, type Story } from './why.ts';

/** What an operator may do to one run. */
export type CommandType = 'retry' | 'skip' | 'hold' | 'resume' | 'end';

export interface CommandDialogProps {
  story: Story;
  type: CommandType | undefined;
  onClose: () => void;
}

/** Says what a command will do, asks why, and gives it once. */
export function CommandDialog(props: CommandDialogProps) {
  const { t } = useWords();
  const { type, onClose } = props;
  return (
    <Modal
      opened={type !== undefined}
      onClose={onClose}
      title={type === undefined ? '' : t(`commands.${type}Title`)}
      size={type === 'retry' ? 560 : 440}
    >
      {type === undefined ? null : <CommandForm key={type} {...props} type={type} />}
    </Modal>
  );
}

function CommandForm({ story, type, onClose }: CommandDialogProps & { type: CommandType }) {
  const words = useWords();
  const { t } = words;
  const { run, document, manifests, trail } = story;
  const nameOf = (step: string): string => stepTitle(step, story, words);
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [incidentId, setIncidentId] = useState(run.incidents[0]?.id ?? null);
  const [confirmed, setConfirmed] = useState(false);
  const [port, setPort] = useState<string | null>(null);
  const [edited, setEdited] = useState<Record<string, unknown>>();
  // One key for this dialog: a second press, or a repeated request, is the same command.
  const [headers] = useState(idempotencyKey);
  const incident = run.incidents.find((one) => one.id === incidentId);
  const step = incident ? document?.steps[incident.step] : undefined;
  const standing = incident ? standingInput(incident, document, trail) : undefined;
  const input = standing && edited ? editOf(standing, edited) : {};
  const isAbout = type === 'retry' || type === 'skip';
  const command = useMutation({
    mutationFn: () =>
      call(`/runs/${encodeURIComponent(run.id)}/commands`, {
        method: 'POST',
        headers,
        body: {
          type,
          reason: reason.trim(),
          ...(isAbout && incident ? { step: incident.step, visit: incident.visit } : {}),
          ...(type === 'skip' && port !== null ? { port } : {}),
          ...(type === 'retry' && Object.keys(input).length > 0 ? { input } : {}),
          ...(confirmed ? { confirm: true } : {}),
        },
      }),
    onSuccess: async () => {
      announce(t(`commands.done.${type}`));
      onClose();
      await client.invalidateQueries({ queryKey: ['run', run.id] });
      await client.invalidateQueries({ queryKey: ['incidents'] });
    },
  });
  const unknown = needsConfirmation(command.error);
  return (
    <DialogForm
      sending={command}
      ready={reason.trim() !== '' && (!unknown || confirmed) && (type !== 'skip' || port !== null)}
      submit={t(`commands.${type}`)}
      tone={type === 'end' ? 'danger' : 'primary'}
      onSubmit={() => command.mutate()}
      onClose={onClose}
    >
      <p className="sec">
        {t(edited ? 'commands.editEffect' : `commands.${type}Effect`, {
          step: nameOf(incident?.step ?? run.positions[0]?.step ?? ''),
        })}
      </p>
      {isAbout && run.incidents.length > 1 ? (
        <Select
          label={t('commands.which')}
          value={incidentId}
          data={run.incidents.map((one) => ({
            value: one.id,
            label: `${nameOf(one.step)} · ${one.code}`,
          }))}
          onChange={(id) => {
            setIncidentId(id);
            setEdited(undefined);
            setPort(null);
          }}
        />
      ) : null}
      {type === 'skip' && incident ? (
        <PortSelect document={document} step={incident.step} value={port} onChange={setPort} />
      ) : null}
      {type === 'retry' && standing ? (
        <Switch
          label={t('commands.edit')}
          description={t('commands.editHint')}
          checked={edited !== undefined}
          onChange={(event) => setEdited(event.currentTarget.checked ? standing : undefined)}
        />
      ) : null}
      {edited && step?.kind === 'action' ? (
        <EditedInput uses={step.uses} manifests={manifests} value={edited} onChange={setEdited} />
      ) : null}
      {unknown ? (
        <Checkbox
          label={t('commands.mayRepeat')}
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      ) : null}
      <ReasonField value={reason} onChange={setReason} />
    </DialogForm>
  );
}

/** True when nobody knows whether the step was done, so that trying again may do it twice. */
export function needsConfirmation(error: Error | null): boolean {
  return error instanceof ApiError && error.problem.code === 'confirmation-needed';
}
