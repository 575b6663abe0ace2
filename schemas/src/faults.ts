import type { ErrorObject, ValidateFunction } from 'ajv';

/** One thing that is wrong with an input: where, as a JSON pointer, and what was expected there. */
export interface Fault {
  pointer: string;
  detail: string;
}

/** Every fault of `value` under a precompiled validator; none when it is valid. */
export function faultsOf(validator: ValidateFunction, value: unknown): Fault[] {
  if (validator(value)) return [];
  const errors = (validator.errors ?? []).filter(({ keyword }) => keyword !== 'if'); // the branch taken says more
  const said = withParents(
    errors.filter(({ keyword }) => keyword !== 'oneOf').map(({ instancePath }) => instancePath),
  );
  // A union's own "must match exactly one" says nothing when a member's error below it does.
  const specific = errors.filter(
    ({ keyword, instancePath }) => keyword !== 'oneOf' || !said.has(instancePath),
  );
  const faults = specific.map(toFault);
  return [...new Map(faults.map((fault) => [`${fault.pointer}\n${fault.detail}`, fault])).values()];
}

/** The pointers, and those of everything that they lie in. */
export function withParents(pointers: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const pointer of pointers) {
    for (let at = pointer; !all.has(at); at = at.slice(0, at.lastIndexOf('/'))) all.add(at);
  }
  return all;
}

function toFault(error: ErrorObject): Fault {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return {
        pointer: error.instancePath,
        detail: `'${String(params.missingProperty)}' is missing`,
      };
    case 'additionalProperties':
      return {
        pointer: `${error.instancePath}/${escapePointer(String(params.additionalProperty))}`,
        detail: `'${String(params.additionalProperty)}' is not known here`,
      };
    case 'enum':
      return {
        pointer: error.instancePath,
        detail: `must be one of ${JSON.stringify(params.allowedValues)}`,
      };
    case 'const':
      return {
        pointer: error.instancePath,
        detail: `must be ${JSON.stringify(params.allowedValue)}`,
      };
    case 'discriminator':
      return {
        pointer: `${error.instancePath}/${String(params.tag)}`,
        detail:
          params.tagValue === undefined
            ? `'${String(params.tag)}' is missing`
            : `${JSON.stringify(params.tagValue)} is no known '${String(params.tag)}'`,
      };
    case 'propertyNames':
      return {
        pointer: `${error.instancePath}/${escapePointer(String(params.propertyName))}`,
        detail: `the name '${String(params.propertyName)}' is not allowed: use lower-case letters, digits and hyphens`,
      };
    default:
      return { pointer: error.instancePath, detail: error.message ?? error.keyword };
  }
}

/** A key as one reference token of a JSON pointer (RFC 6901). */
export function escapePointer(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}
