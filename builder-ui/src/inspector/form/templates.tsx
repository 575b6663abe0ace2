import { Tooltip } from '@mantine/core';
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldErrorProps,
  FieldTemplateProps,
  FormContextType,
  ObjectFieldTemplateProps,
  TemplatesType,
} from '@rjsf/utils';
import {
  IconArrowDown,
  IconArrowUp,
  IconMathFunction,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../ui/Button.tsx';
import type { FormContext } from './form-context.ts';
import { isComputed } from './schema.ts';

/** Label above, hint below; an error takes the hint's place. */
function FieldTemplate(props: FieldTemplateProps) {
  const { t } = useTranslation();
  const { id, label, children, required, hidden, displayLabel, rawDescription, schema } = props;
  const { faults, computed } = props.registry.formContext as FormContext & FormContextType;
  if (hidden === true) return <div hidden>{children}</div>;
  const path = props.fieldPathId.path;
  const pointer = `/${path.join('/')}`;
  const fault = faults[pointer] ?? props.rawErrors?.[0];
  const leaf =
    schema.type !== 'object' &&
    schema.type !== 'array' &&
    props.uiSchema?.['ui:field'] === undefined;
  const isPort = props.uiSchema?.['ui:widget'] === 'port';
  const isBoolean = schema.type === 'boolean';
  const value: unknown = props.formData;
  const expression = isComputed(value);
  const mayCompute =
    computed && leaf && !isPort && path.length > 0 && schema['x-template'] !== true;
  const showLabel = (displayLabel === true && !isBoolean) || (isBoolean && expression);
  const toggle = (): void =>
    props.onChange(expression ? undefined : { cel: '' }, path, undefined, id);
  return (
    <div className="field" style={{ position: 'relative' }}>
      {showLabel ? (
        <label htmlFor={id} className={typeof path.at(-1) === 'number' ? 'unseen' : undefined}>
          {label}
          {required === true ? <span className="mut"> *</span> : null}
        </label>
      ) : null}
      {mayCompute ? (
        <Tooltip label={t(expression ? 'form.write' : 'form.compute')}>
          <button
            type="button"
            className={`btn quiet square small ${expression ? 'on' : ''}`}
            style={{ position: 'absolute', right: 0, top: -3 }}
            aria-pressed={expression}
            aria-label={t('form.computeField', { field: label })}
            onClick={toggle}
          >
            <IconMathFunction size={14} aria-hidden />
          </button>
        </Tooltip>
      ) : null}
      {children}
      {fault !== undefined ? (
        <p className="hint bad">{fault}</p>
      ) : rawDescription && path.length > 0 ? (
        <p className="hint">{rawDescription}</p>
      ) : null}
    </div>
  );
}

function ObjectFieldTemplate({ properties, title, fieldPathId }: ObjectFieldTemplateProps) {
  const fields = <div className="col">{properties.map((property) => property.content)}</div>;
  // An entry of a list has its number above it.
  if (fieldPathId.path.length === 0 || typeof fieldPathId.path.at(-1) === 'number') return fields;
  return (
    <details open>
      <summary>{title}</summary>
      {fields}
    </details>
  );
}

function ArrayFieldTemplate(props: ArrayFieldTemplateProps) {
  const { t } = useTranslation();
  const { items, canAdd, onAddClick, title, fieldPathId } = props;
  // A list within the entries of another stands there once for each: its button says of which list it is.
  const isInner = fieldPathId.path.some((part) => typeof part === 'number');
  const name = isInner ? t('form.addTo', { list: title }) : undefined;
  return (
    <div className="col" style={{ gap: 8 }}>
      {title === '' ? null : <span className="lab">{title}</span>}
      {items}
      {canAdd === true ? (
        <div>
          <Button icon={<IconPlus size={15} />} aria-label={name} onClick={onAddClick}>
            {t('form.add')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** An entry of a list: one that is an object below a line with its number, another beside its tools. */
function ArrayFieldItemTemplate(props: ArrayFieldItemTemplateProps) {
  const { t } = useTranslation();
  const { children, buttonsProps, index, schema } = props;
  const number = index + 1;
  const tools = (
    <>
      {buttonsProps.hasMoveUp || buttonsProps.hasMoveDown ? (
        <>
          <IconButton
            className="small"
            label={t('form.itemUp', { number })}
            disabled={!buttonsProps.hasMoveUp}
            onClick={buttonsProps.onMoveUpItem}
          >
            <IconArrowUp size={14} />
          </IconButton>
          <IconButton
            className="small"
            label={t('form.itemDown', { number })}
            disabled={!buttonsProps.hasMoveDown}
            onClick={buttonsProps.onMoveDownItem}
          >
            <IconArrowDown size={14} />
          </IconButton>
        </>
      ) : null}
      {buttonsProps.hasRemove ? (
        <IconButton
          className="small"
          label={t('form.removeItem', { number })}
          onClick={buttonsProps.onRemoveItem}
        >
          <IconTrash size={14} />
        </IconButton>
      ) : null}
    </>
  );
  if (schema.type !== 'object')
    return (
      <div className="row item-row">
        <div className="grow">{children}</div>
        {tools}
      </div>
    );
  return (
    <div className="box" role="group" aria-label={t('form.item', { number })}>
      <div className="row" style={{ gap: 2 }}>
        <span className="sec-h grow">{t('form.item', { number })}</span>
        {tools}
      </div>
      {children}
    </div>
  );
}

function Nothing() {
  return null;
}

/** The parts of our forms. */
export const templates: Partial<Omit<TemplatesType, 'ButtonTemplates'>> = {
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
  // The field's template shows the error in the hint's place.
  FieldErrorTemplate: Nothing as React.ComponentType<FieldErrorProps>,
  DescriptionFieldTemplate: Nothing,
  ErrorListTemplate: Nothing,
};
