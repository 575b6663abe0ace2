import { Textarea } from '@mantine/core';
// By path: the package's index also loads its test registry, which wants a validator that is not installed.
import Form from '@rjsf/core/lib/components/Form.js';
import getDefaultRegistry from '@rjsf/core/lib/getDefaultRegistry.js';
import type { FieldProps, RegistryFieldsType } from '@rjsf/utils';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chooser, FormContext } from './form-context.ts';
import { JsonField, MapField } from './open-fields.tsx';
import {
  isComputed,
  localized,
  uiSchemaFor,
  withoutEmptyLists,
  type PortsInConfig,
} from './schema.ts';
import { templates } from './templates.tsx';
import { interpretingValidator, silentValidator } from './validator.ts';
import { widgets } from './widgets.tsx';

export interface SchemaFormProps {
  schema: Record<string, unknown>;
  value: Record<string, unknown>;
  /** `field` names the field that was changed. */
  onChange: (value: Record<string, unknown>, field?: string) => void;
  /** Where the config names ways out of the step. */
  ports?: PortsInConfig | undefined;
  computed?: boolean;
  chips?: readonly string[];
  faults?: Record<string, string>;
  /** Who offers choices for fields that say so. */
  chooser?: Chooser | undefined;
  /** With it the form is one that is sent, and checks itself first. */
  onSubmit?: (value: Record<string, unknown>) => void;
  children?: ReactNode;
}

const none: readonly string[] = [];
const noFaults = {};

/** A form drawn from a JSON Schema. */
export function SchemaForm(props: SchemaFormProps) {
  const { schema, value, onChange, onSubmit, ports, computed = false, children } = props;
  const { chips = none, faults = noFaults, chooser } = props;
  const { t, i18n } = useTranslation();
  const shown = useMemo(() => localized(schema, i18n.language), [schema, i18n.language]);
  const uiSchema = useMemo(() => uiSchemaFor(schema, ports), [schema, ports]);
  const formContext = useMemo(
    (): FormContext => ({ chips, faults, computed, config: value, chooser }),
    [chips, faults, computed, value, chooser],
  );
  return (
    <Form
      className="schema-form"
      schema={shown}
      uiSchema={uiSchema}
      formData={value}
      formContext={formContext}
      validator={onSubmit === undefined ? silentValidator : interpretingValidator}
      widgets={widgets}
      templates={templates}
      fields={fields}
      noHtml5Validate
      transformErrors={(errors) =>
        errors.map((error) =>
          error.name === 'required' ? { ...error, message: t('form.required') } : error,
        )
      }
      showErrorList={false}
      tagName={onSubmit === undefined ? 'div' : 'form'}
      experimental_defaultFormStateBehavior={{
        emptyObjectFields: 'skipDefaults',
        arrayMinItems: { populate: 'never' },
      }}
      onChange={({ formData }, field) => {
        const next = withoutEmptyLists(schema, formData);
        onChange(isRecord(next) ? next : {}, field);
      }}
      onSubmit={({ formData }) => onSubmit?.(isRecord(formData) ? formData : {})}
    >
      {children ?? <></>}
    </Form>
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const standard = getDefaultRegistry().fields;

/** A field that may hold an expression in place of its value. */
function orComputed(name: 'StringField' | 'NumberField' | 'BooleanField') {
  const Standard = standard[name];
  return function ComputedField(props: FieldProps) {
    const value: unknown = props.formData;
    if (!isComputed(value)) return Standard ? <Standard {...props} /> : null;
    return (
      <Textarea
        id={props.fieldPathId.$id}
        autosize
        minRows={1}
        spellCheck={false}
        placeholder="subject.email"
        value={value.cel}
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
        onChange={(event) =>
          props.onChange({ cel: event.currentTarget.value }, props.fieldPathId.path)
        }
      />
    );
  };
}

const fields: RegistryFieldsType = {
  StringField: orComputed('StringField'),
  NumberField: orComputed('NumberField'),
  BooleanField: orComputed('BooleanField'),
  json: JsonField,
  map: MapField,
};
