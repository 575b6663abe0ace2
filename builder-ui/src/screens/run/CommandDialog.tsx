import { Checkbox, Modal, Select, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, call, idempotencyKey } from '../../api/client.ts';
import type { Run } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';

/** What an operator may do to one run. */
export type CommandType = 'retry' | 'hold' | 'resume' | 'end';

export interface CommandDialogProps {
  run: Run;
  type: CommandType | undefined;
  onClose: () => void;
  /** What the steps are called. */
  nameOf: (step: string) => string;
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
      size={440}
    >
      {type === undefined ? null : <CommandForm key={type} {...props} type={type} />}
    </Modal>
  );
}

function CommandForm({ run, type, onClose, nameOf }: CommandDialogProps & { type: CommandType }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [incidentId, setIncidentId] = useState(run.incidents[0]?.id ?? null);
  const [confirmed, setConfirmed] = useState(false);
  // One key for this dialog: a second press, or a repeated request, is the same command.
  const [headers] = useState(idempotencyKey);
  const incident = run.incidents.find((one) => one.id === incidentId);
  const command = useMutation({
    mutationFn: () =>
      call(`/runs/${encodeURIComponent(run.id)}/commands`, {
        method: 'POST',
        headers,
        body: {
          type,
          reason: reason.trim(),
          ...(type === 'retry' && incident ? { step: incident.step, visit: incident.visit } : {}),
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
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault();
        command.mutate();
      }}
    >
      <p className="sec">
        {t(`commands.${type}Effect`, {
          step: nameOf(incident?.step ?? run.positions[0]?.step ?? ''),
        })}
      </p>
      {type === 'retry' && run.incidents.length > 1 ? (
        <Select
          label={t('commands.which')}
          value={incidentId}
          data={run.incidents.map((one) => ({
            value: one.id,
            label: `${nameOf(one.step)} · ${one.code}`,
          }))}
          onChange={setIncidentId}
        />
      ) : null}
      {unknown ? (
        <Checkbox
          label={t('commands.mayRepeat')}
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      ) : null}
      <Textarea
        data-autofocus
        required
        label={t('commands.reason')}
        description={t('commands.reasonHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {command.error ? (
        <p className="hint bad" role="alert">
          {command.error.message}
        </p>
      ) : null}
      <div className="row">
        <Button className="end" onClick={onClose}>
          {t('actions.cancel')}
        </Button>
        <Button
          type="submit"
          tone={type === 'end' ? 'danger' : 'primary'}
          disabled={reason.trim() === '' || (unknown && !confirmed) || command.isPending}
        >
          {t(`commands.${type}`)}
        </Button>
      </div>
    </form>
  );
}

/** True when nobody knows whether the step was done, so that trying again may do it twice. */
export function needsConfirmation(error: Error | null): boolean {
  return error instanceof ApiError && error.problem.code === 'confirmation-needed';
}
