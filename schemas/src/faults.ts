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
  const specific = errors.filter((error) => !isUnionNoise(error, errors));
  const faults = (specific.length > 0 ? specific : errors).map(toFault);
  return faults.filter(
    (fault, index) => index === faults.findIndex((other) => isSame(fault, other)),
  );
}

const isSame = (one: Fault, other: Fault): boolean =>
  one.pointer === other.pointer && one.detail === other.detail;

/** A union's own "must match exactly one" says nothing when a member's error below it does. */
function isUnionNoise(error: ErrorObject, all: ErrorObject[]): boolean {
  if (error.keyword !== 'oneOf') return false;
  return all.some(
    (other) =>
      other !== error &&
      other.instancePath.startsWith(error.instancePath) &&
      other.keyword !== 'oneOf',
  );
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
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
