import { Validator, type OutputUnit } from '@cfworker/json-schema';
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
      detail: detailOf(error, schema),
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

function detailOf({ keyword, keywordLocation, error }: OutputUnit, schema: object): string {
  if (keyword === 'false') return 'is not known here';
  const examples = keyword === 'pattern' ? examplesAt(keywordLocation, schema) : [];
  return examples.length === 0
    ? error
    : `has not the form that is asked for: give one such as ${examples.join(' or ')}`;
}

/** What the schema beside a keyword gives as examples. */
function examplesAt(location: string, schema: object): unknown[] {
  const path = location.replace(/^#\/?/, '').split('/').slice(0, -1);
  const node = path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined,
    schema,
  );
  const examples =
    typeof node === 'object' && node !== null && 'examples' in node ? node.examples : [];
  return Array.isArray(examples) ? examples : [];
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
