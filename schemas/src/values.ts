import { Validator } from '@cfworker/json-schema';
import type { Fault } from './faults.ts';

// Schemas that come with plugins and journeys are not known when we are built, and a strict CSP forbids compiling them in
// the browser: they are interpreted. (Our own schemas are precompiled, see @sojourn/schemas.)

const validators = new WeakMap<object, Validator>();

/**
 * Every fault of a value under a JSON Schema that came with a plugin or a journey. A schema that cannot be used is one
 * fault, at the root.
 */
export function checkValue(schema: Record<string, unknown>, value: unknown): Fault[] {
  try {
    const result = validatorOf(schema).validate(value);
    if (result.valid) return [];
    const leaves = result.errors.filter((error) => !containers.has(error.keyword));
    return (leaves.length > 0 ? leaves : result.errors).map((error) => ({
      pointer: error.instanceLocation.replace(/^#/, ''),
      detail: error.keyword === 'false' ? 'is not known here' : error.error,
    }));
  } catch (error) {
    return [
      {
        pointer: '',
        detail: `the schema cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      },
    ];
  }
}

function validatorOf(schema: Record<string, unknown>): Validator {
  let validator = validators.get(schema);
  if (!validator) {
    validator = new Validator(schema, '2020-12', false);
    validators.set(schema, validator);
  }
  return validator;
}

/** Keywords whose error only says that something below is wrong. */
const containers = new Set([
  'properties',
  'items',
  'prefixItems',
  '$ref',
  'allOf',
  'oneOf',
  'anyOf',
  'additionalProperties',
]);
