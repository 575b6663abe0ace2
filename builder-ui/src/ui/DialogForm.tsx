import { Textarea } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { Button, type ButtonProps } from './Button.tsx';

export interface DialogFormProps {
  /** What is sent: its state says whether it may be sent again, and what went wrong. */
  sending: { isPending: boolean; error: Error | null };
  /** Whether what was filled in can be sent. */
  ready: boolean;
  submit: string;
  tone?: ButtonProps['tone'];
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** The form in a dialog: its fields, what went wrong, and the two ways out. */
export function DialogForm(props: DialogFormProps) {
  const { t } = useWords();
  const { sending, ready, submit, tone = 'primary', onSubmit, onClose, children } = props;
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !sending.isPending) onSubmit();
      }}
    >
      {children}
      {sending.error ? (
        <p className="hint bad" role="alert">
          {sending.error.message}
        </p>
      ) : null}
      <div className="row">
        <Button className="end" onClick={onClose}>
          {t('actions.cancel')}
        </Button>
        <Button type="submit" tone={tone} disabled={!ready || sending.isPending}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

/** Why somebody does what they are about to do. */
export function ReasonField({
  value,
  onChange,
}: {
  value: string;
  onChange: (reason: string) => void;
}) {
  const { t } = useWords();
  return (
    <Textarea
      data-autofocus
      required
      label={t('commands.reason')}
      description={t('commands.reasonHint')}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      autosize
      minRows={2}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
