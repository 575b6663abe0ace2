import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import {
  toErrorList,
  toErrorSchema,
  type CustomValidator,
  type ErrorTransformer,
  type RJSFSchema,
  type RJSFValidationError,
  type UiSchema,
  type ValidationData,
  type ValidatorType,
} from '@rjsf/utils';

//   V1. No code is made from text: the content policy forbids eval, so schemas are interpreted.

/** Validates form data by interpreting its schema. */
export const interpretingValidator: ValidatorType = {
  isValid: (schema: RJSFSchema, formData: unknown, rootSchema: RJSFSchema) => {
    const whole = { ...schema, $defs: { ...rootSchema.$defs, ...schema.$defs } };
    return check(whole, formData).length === 0;
  },
  rawValidation: (schema: RJSFSchema, formData?: unknown) => ({
    errors: check(schema, formData) as never[],
  }),
  validateFormData: (
    formData: unknown,
    schema: RJSFSchema,
    _customValidate?: CustomValidator,
    transformErrors?: ErrorTransformer,
    uiSchema?: UiSchema,
  ): ValidationData<unknown> => {
    const found = check(schema, formData).flatMap((unit) => errorOf(unit, schema));
    const errors = transformErrors ? transformErrors(found, uiSchema) : found;
    const errorSchema = toErrorSchema(errors);
    return { errors: toErrorList(errorSchema), errorSchema };
  },
};

/** Finds nothing wrong: for forms whose faults are found elsewhere. Still tells which alternative a value is. */
export const silentValidator: ValidatorType = {
  ...interpretingValidator,
  validateFormData: () => ({ errors: [], errorSchema: {} }),
};

function check(schema: RJSFSchema, value: unknown): OutputUnit[] {
  try {
    return new Validator(schema as Schema, '2020-12', false).validate(value ?? {}).errors;
  } catch {
    // A schema that cannot be read refuses nothing here; the API has the last word.
    return [];
  }
}

/** Only the innermost faults say something to a person: "properties does not match" does not. */
function errorOf(unit: OutputUnit, schema: RJSFSchema): RJSFValidationError[] {
  if (['properties', 'items', '$ref', 'allOf', 'prefixItems'].includes(unit.keyword)) return [];
  const path = unit.instanceLocation.replace(/^#/, '').split('/').filter(Boolean);
  const missing = unit.keyword === 'required' ? /"([^"]+)"/.exec(unit.error)?.[1] : undefined;
  const whole = missing === undefined ? path : [...path, missing];
  const property = whole.length === 0 ? '' : `.${whole.join('.')}`;
  return [
    {
      name: unit.keyword,
      message: unit.error,
      property,
      stack: `${property} ${unit.error}`.trim(),
      params: {},
      schemaPath: unit.keywordLocation,
      title: schema.title ?? '',
    },
  ];
}
