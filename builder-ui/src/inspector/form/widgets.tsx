import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import type { RegistryWidgetsType, WidgetProps } from '@rjsf/utils';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { slugOf } from '../../document/edits.ts';
import { afterPress } from '../../ui/after-press.ts';
import { ChoiceWidget } from './ChoiceWidget.tsx';
import { insertValue } from './insert.ts';
import type { FormContext } from './form-context.ts';

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
/** What a widget of text shows of a value that is JSON. */
const writtenOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : textOf(value);
const emptied = (text: string): string | undefined => (text === '' ? undefined : text);

/** What a field may look like, where the schema gives an example. */
const exampleOf = ({ examples }: { examples?: unknown }): unknown =>
  Array.isArray(examples) ? examples[0] : undefined;

function TextWidget({ id, value, onChange, schema, disabled, readonly, placeholder }: WidgetProps) {
  if (schema.type === 'integer' || schema.type === 'number')
    return (
      <NumberInput
        id={id}
        value={typeof value === 'number' ? value : ''}
        {...(schema.minimum === undefined ? {} : { min: schema.minimum })}
        {...(schema.maximum === undefined ? {} : { max: schema.maximum })}
        placeholder={textOf(schema.default)}
        allowDecimal={schema.type === 'number'}
        disabled={disabled === true || readonly === true}
        onChange={(next) => onChange(next === '' ? undefined : Number(next))}
      />
    );
  const hint = textOf(schema.default ?? exampleOf(schema));
  return (
    <TextInput
      id={id}
      value={textOf(value)}
      placeholder={placeholder === undefined || placeholder === '' ? hint : placeholder}
      disabled={disabled === true || readonly === true}
      onChange={(event) => onChange(emptied(event.currentTarget.value))}
    />
  );
}

function TextareaWidget({ id, value, onChange, placeholder }: WidgetProps) {
  return (
    <Textarea
      id={id}
      autosize
      minRows={3}
      value={textOf(value)}
      placeholder={placeholder ?? ''}
      onChange={(event) => onChange(emptied(event.currentTarget.value))}
    />
  );
}

/** Text with values of the person in it: `{` or a chip puts one in at the cursor. */
function TemplateWidget({ id, value, onChange, options, registry }: WidgetProps) {
  const { t } = useTranslation();
  const area = useRef<HTMLTextAreaElement>(null);
  const [focused, setFocused] = useState(false);
  const { chips } = registry.formContext as FormContext;
  const text = writtenOf(value);
  const rows = typeof options['rows'] === 'number' ? options['rows'] : 1;
  const insert = (chip: string): void => {
    const start = area.current?.selectionStart ?? text.length;
    const next = insertValue(text, start, area.current?.selectionEnd ?? start, chip);
    onChange(next.text);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  return (
    <div
      onFocus={() => setFocused(true)}
      onBlur={(event) => {
        const field = event.currentTarget;
        if (!field.contains(event.relatedTarget))
          afterPress(() => setFocused(field.contains(document.activeElement)));
      }}
    >
      <Textarea
        ref={area}
        id={id}
        autosize
        minRows={rows}
        maxRows={18}
        value={text}
        onChange={(event) => onChange(emptied(event.currentTarget.value))}
      />
      {focused && chips.length > 0 ? (
        <div className="chips" role="group" aria-label={t('form.insert')}>
          {chips.map((chip) => (
            <button
              key={chip}
              type="button"
              className="tag accent"
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => insert(chip)}
            >
              {chip}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** The name of a port: it takes effect when it is left, so that edges follow whole names. */
function PortWidget({ id, value, onChange }: WidgetProps) {
  const [text, setText] = useState<string>();
  const commit = (): void => {
    const slug = slugOf(text ?? '');
    if (slug !== '' && slug !== value) onChange(slug);
    setText(undefined);
  };
  return (
    <TextInput
      id={id}
      spellCheck={false}
      value={text ?? textOf(value)}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        commit();
      }}
    />
  );
}

/** Text, or what is written as JSON: 5 is a number, true is yes, "5" is text. It takes effect when it is left. */
function ScalarWidget({ id, value, onChange }: WidgetProps) {
  const [text, setText] = useState<string>();
  const standing =
    typeof value === 'string' && readScalar(value) === value
      ? value
      : value === undefined
        ? ''
        : JSON.stringify(value);
  return (
    <TextInput
      id={id}
      spellCheck={false}
      value={text ?? standing}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (text !== undefined) onChange(text === '' ? undefined : readScalar(text));
        setText(undefined);
      }}
    />
  );
}

function readScalar(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? text : value;
  } catch {
    return text;
  }
}

/** A secret: it is written and never read back; what is kept is only said to be there. */
function SecretWidget({ id, value, onChange }: WidgetProps) {
  const { t } = useTranslation();
  const sealed = typeof value === 'object' && value !== null;
  return (
    <PasswordInput
      id={id}
      size="xs"
      autoComplete="new-password"
      placeholder={sealed ? t('form.sealed') : ''}
      value={textOf(value)}
      onChange={(event) => onChange(emptied(event.currentTarget.value))}
    />
  );
}

function SelectWidget({ id, value, onChange, options, required, schema }: WidgetProps) {
  const { t } = useTranslation();
  const choices = options.enumOptions ?? [];
  const index = choices.findIndex((choice) => choice.value === value);
  const standard = choices.find((choice) => choice.value === schema.default)?.label;
  return (
    <Select
      id={id}
      value={index < 0 ? null : String(index)}
      placeholder={standard ?? t('form.choose')}
      clearable={required !== true}
      data={choices.map((choice, at) => ({ value: String(at), label: choice.label }))}
      onChange={(next) => onChange(next === null ? undefined : choices[Number(next)]?.value)}
    />
  );
}

function CheckboxWidget({ id, value, onChange, label, schema }: WidgetProps) {
  const checked: unknown = value ?? schema.default;
  return (
    <Switch
      id={id}
      label={label}
      checked={checked === true}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

/** An instant, by the clock of whoever writes it; what is no instant stays text. */
function MomentWidget(props: WidgetProps) {
  const { id, onChange } = props;
  const value: unknown = props.value;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time) && value !== undefined && value !== '') return <TextWidget {...props} />;
  return (
    <TextInput
      id={id}
      type="datetime-local"
      value={Number.isNaN(time) ? '' : localMinute(time)}
      onChange={(event) => {
        const written = new Date(event.currentTarget.value);
        onChange(Number.isNaN(written.getTime()) ? undefined : written.toISOString());
      }}
    />
  );
}

/** `2027-01-05T09:30` on the clock of the viewer. */
function localMinute(time: number): string {
  const offsetMs = new Date(time).getTimezoneOffset() * 60_000;
  return new Date(time - offsetMs).toISOString().slice(0, 16);
}

/** A text with choices, where somebody offers them. */
function OfferedWidget(props: WidgetProps) {
  const { chooser } = props.registry.formContext as FormContext;
  if (chooser) return <ChoiceWidget {...props} />;
  return props.options['template'] === true ? (
    <TemplateWidget {...props} />
  ) : (
    <TextWidget {...props} />
  );
}

/** The widgets of our forms. */
export const widgets: RegistryWidgetsType = {
  TextWidget,
  TextareaWidget,
  SelectWidget,
  CheckboxWidget,
  EmailWidget: TextWidget,
  URLWidget: TextWidget,
  UpDownWidget: TextWidget,
  DateWidget: TextWidget,
  DateTimeWidget: MomentWidget,
  template: TemplateWidget,
  choice: OfferedWidget,
  port: PortWidget,
  scalar: ScalarWidget,
  secret: SecretWidget,
};
