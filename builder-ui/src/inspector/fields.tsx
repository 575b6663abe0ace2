import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { slugOf } from '../document/edits.ts';
import { useWords } from '../i18n/use-words.ts';
import { useFault } from './use-step-edit.ts';

const units = ['PT#M', 'PT#H', 'P#D', 'P#W', 'P#M', 'P#Y'] as const;

/** A duration's number and unit; undefined when it is more than that. */
export function simpleDuration(
  duration: string,
): { amount: number; unit: (typeof units)[number] } | undefined {
  for (const unit of units) {
    const match = new RegExp(`^-?${unit.replace('#', '(\\d+)')}$`).exec(duration);
    if (match) return { amount: Number(match[1]), unit };
  }
  return undefined;
}

export interface DurationFieldProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  pointer?: string;
  description?: string;
  optional?: boolean;
}

/** A length of time: a number and a unit, or ISO 8601 text when it is more than that. */
export function DurationField(props: DurationFieldProps) {
  const { t } = useWords();
  const { label, value, onChange, description, optional } = props;
  const fault = useFault(props.pointer ?? '-');
  const simple = value === undefined ? undefined : simpleDuration(value);
  // Once it is written as text it stays so: P1M is on the way to P1M15D.
  const [written, setWritten] = useState(value !== undefined && !simple);
  if (written || (value !== undefined && !simple))
    return (
      <TextInput
        label={label}
        description={description ?? t('fields.isoDuration')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        placeholder="P1M15D"
        spellCheck={false}
        value={value ?? ''}
        error={fault}
        onFocus={() => setWritten(true)}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    );
  const unit = simple?.unit ?? 'P#D';
  return (
    <div className="field">
      <span className="lab">{label}</span>
      <div className="duration">
        <NumberInput
          aria-label={label}
          value={simple?.amount ?? ''}
          min={optional === true ? 0 : 1}
          allowDecimal={false}
          placeholder={optional === true ? t('fields.none') : undefined}
          onChange={(amount) =>
            onChange(
              amount === '' || Number(amount) < 1 ? undefined : unit.replace('#', String(amount)),
            )
          }
        />
        <Select
          aria-label={t('fields.unit')}
          value={unit}
          data={[
            ...units.map((one) => ({ value: one, label: t(`units.${one.replace('#', '')}`) })),
            { value: 'written', label: 'ISO 8601' },
          ]}
          onChange={(next) => {
            if (next === 'written') setWritten(true);
            else if (next !== null) onChange(next.replace('#', String(simple?.amount ?? 1)));
          }}
        />
      </div>
      {fault === undefined ? null : <p className="hint bad">{fault}</p>}
      {description === undefined ? null : <p className="hint">{description}</p>}
    </div>
  );
}

export interface CelFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  pointer?: string;
  placeholder?: string;
  description?: string;
}

/** A CEL expression. */
export function CelField(props: CelFieldProps) {
  const fault = useFault(props.pointer ?? '-');
  return (
    <Textarea
      label={props.label}
      description={props.description}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      placeholder={props.placeholder ?? 'subject.email != ""'}
      autosize
      minRows={1}
      maxRows={6}
      spellCheck={false}
      value={props.value}
      error={fault}
      styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

export interface IdFieldProps {
  label: string;
  value: string;
  onCommit: (value: string) => void;
  taken?: readonly string[];
}

/** A name that is part of the document: it takes effect when it is left, so that edges follow whole names. */
export function IdField({ label, value, onCommit, taken = [] }: IdFieldProps) {
  const { t } = useWords();
  const [text, setText] = useState<string>();
  const slug = slugOf(text ?? value);
  const clash = slug !== value && taken.includes(slug);
  const commit = (): void => {
    if (text !== undefined && slug !== '' && slug !== value && !clash) onCommit(slug);
    setText(undefined);
  };
  return (
    <TextInput
      label={label}
      value={text ?? value}
      error={clash ? t('fields.taken') : undefined}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

/** One of the event types that plugins bring, or any other. */
export function EventField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  events: readonly string[];
  pointer?: string;
}) {
  const fault = useFault(props.pointer ?? '-');
  const listId = useId();
  return (
    <>
      <TextInput
        label={props.label}
        list={listId}
        spellCheck={false}
        value={props.value}
        error={fault}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      />
      <datalist id={listId}>
        {props.events.map((event) => (
          <option key={event} value={event} />
        ))}
      </datalist>
    </>
  );
}
