import { Textarea, TextInput } from '@mantine/core';
import type { FieldProps } from '@rjsf/utils';
import { IconMathFunction, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { freshId } from '../../document/edits.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import type { FormContext } from './form-context.ts';
import { isComputed } from './schema.ts';

const mono = { input: { fontFamily: 'var(--mono)', fontSize: 12 } };

/** A value whose shape no schema says, as JSON. It takes effect when it is left, if it is JSON. */
export function JsonField(props: FieldProps) {
  const { t } = useTranslation();
  const { schema, name, fieldPathId, onChange } = props;
  const standing = props.formData === undefined ? '' : JSON.stringify(props.formData, null, 2);
  const [text, setText] = useState<string>();
  const read = text === undefined ? undefined : readJson(text);
  const label = schema.title ?? (name === '' ? t('form.json') : name);
  return (
    <Textarea
      id={fieldPathId.$id}
      {...(fieldPathId.path.length === 0 ? { 'aria-label': label } : { label })}
      autosize
      minRows={3}
      maxRows={16}
      spellCheck={false}
      placeholder="{ }"
      styles={mono}
      value={text ?? standing}
      error={read?.valid === false ? t('form.noJson') : undefined}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (!read?.valid) return;
        onChange(read.value, fieldPathId.path);
        setText(undefined);
      }}
    />
  );
}

function readJson(text: string): { valid: boolean; value?: unknown } {
  if (text.trim() === '') return { valid: true };
  try {
    return { valid: true, value: JSON.parse(text) as unknown };
  } catch {
    return { valid: false };
  }
}

/** Names with a value each, as headers have. */
export function MapField(props: FieldProps) {
  const { t } = useTranslation();
  const { schema, name, fieldPathId, onChange, registry } = props;
  const { computed } = registry.formContext as FormContext;
  const given: unknown = props.formData;
  const entries = Object.entries(typeof given === 'object' && given !== null ? given : {});
  const write = (list: [string, unknown][]): void =>
    onChange(list.length > 0 ? Object.fromEntries(list) : undefined, fieldPathId.path);
  const names = entries.map(([one]) => one);
  const label = schema.title ?? name;
  return (
    <div className="col" style={{ gap: 6 }} role="group" aria-label={label}>
      <span className="lab">{label}</span>
      {entries.map(([key, value], index) => (
        <div className="row map-row" key={index}>
          <NameInput
            value={key}
            taken={names}
            onCommit={(next) => write(entries.with(index, [next, value]))}
          />
          <TextInput
            aria-label={t('form.valueOf', { name: key })}
            className="grow"
            styles={isComputed(value) ? mono : {}}
            value={isComputed(value) ? value.cel : textOf(value)}
            onChange={(event) => {
              const text = event.currentTarget.value;
              write(entries.with(index, [key, isComputed(value) ? { cel: text } : text]));
            }}
          />
          {computed ? (
            <IconButton
              className={`small ${isComputed(value) ? 'on' : ''}`}
              label={t('form.computeField', { field: key })}
              aria-pressed={isComputed(value)}
              onClick={() =>
                write(entries.with(index, [key, isComputed(value) ? '' : { cel: '' }]))
              }
            >
              <IconMathFunction size={14} />
            </IconButton>
          ) : null}
          <IconButton
            className="small"
            label={t('form.removeNamed', { name: key })}
            onClick={() => write(entries.filter((_, at) => at !== index))}
          >
            <IconTrash size={14} />
          </IconButton>
        </div>
      ))}
      <div>
        <Button
          icon={<IconPlus size={15} />}
          onClick={() => write([...entries, [freshId('name', (one) => names.includes(one)), '']])}
        >
          {t('form.add')}
        </Button>
      </div>
    </div>
  );
}

/** A name in a map: it takes effect when it is left. One that is taken, or none, is not taken over. */
function NameInput(props: {
  value: string;
  taken: readonly string[];
  onCommit: (name: string) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState<string>();
  const clash = text !== undefined && text !== props.value && props.taken.includes(text);
  return (
    <TextInput
      aria-label={t('form.name')}
      w={104}
      spellCheck={false}
      value={text ?? props.value}
      error={clash}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (text !== undefined && text !== '' && text !== props.value && !clash)
          props.onCommit(text);
        setText(undefined);
      }}
    />
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}
