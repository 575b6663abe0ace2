import { Autocomplete, Modal, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { taskQueuesQuery } from '../../api/queries.ts';
import type { Task } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { DialogForm } from '../../ui/DialogForm.tsx';
import { useRefusal, useTaskMove } from './use-task-move.ts';

export interface HandOverDialogProps {
  task: Task;
  opened: boolean;
  onClose: () => void;
  onDone: () => void;
}

/** Gives a task to another queue or to a person, with a note for whoever takes it. */
export function HandOverDialog(props: HandOverDialogProps) {
  const { t } = useWords();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('tasks.handOver')}
      size={440}
      returnFocus={false}
    >
      <HandOverForm {...props} />
    </Modal>
  );
}

function HandOverForm({ task, onClose, onDone }: HandOverDialogProps) {
  const { t } = useWords();
  const refusalOf = useRefusal();
  const { data: queues = [] } = useQuery(taskQueuesQuery);
  const [queue, setQueue] = useState('');
  const [to, setTo] = useState('');
  const [note, setNote] = useState('');
  const move = useTaskMove(task.id, onDone);
  const { error } = move;
  const faults = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  const isWrong = (pointer: string): boolean => faults.some((fault) => fault.pointer === pointer);
  const body = {
    ...(queue.trim() === '' ? {} : { queue: queue.trim() }),
    ...(to.trim() === '' ? {} : { to: to.trim() }),
    note: note.trim(),
  };
  const moves = body.to !== undefined || (body.queue !== undefined && body.queue !== task.queue);
  return (
    <DialogForm
      sending={{
        isPending: move.isPending,
        error: error && faults.length === 0 ? new Error(refusalOf(error)) : null,
      }}
      ready={moves && body.note !== ''}
      submit={t('tasks.handOver')}
      onSubmit={() =>
        move.mutate({
          ...{ to: 'hand-over', body },
          said: t('tasks.said.handedOver', { to: body.to ?? body.queue ?? '' }),
        })
      }
      onClose={onClose}
    >
      <Autocomplete
        data-autofocus
        size="xs"
        label={t('tasks.hand.queue')}
        placeholder={task.queue}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        data={queues.map((one) => one.queue).filter((name) => name !== task.queue)}
        value={queue}
        error={isWrong('/queue') ? t('tasks.hand.noQueue') : undefined}
        onChange={setQueue}
      />
      <TextInput
        label={t('tasks.hand.to')}
        description={t('tasks.hand.toHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        value={to}
        error={isWrong('/to') ? t('tasks.hand.noPerson') : undefined}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <Textarea
        required
        label={t('tasks.hand.note')}
        autosize
        minRows={2}
        maxLength={10_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <p className="sm sec">
        {t(body.to === undefined ? 'tasks.hand.effectQueue' : 'tasks.hand.effectPerson')}
      </p>
    </DialogForm>
  );
}
