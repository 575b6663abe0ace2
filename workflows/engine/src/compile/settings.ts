import { checkValue, escapePointer, type Fault } from '@sojourn/schemas';
import { isObject } from '../json.ts';
import { parseDuration } from '../time/duration.ts';
import { isZone } from '../time/instants.ts';
import type { Report } from './report.ts';
import { elementsOf, type Shape } from './shape.ts';

/** Reports what is wrong with what a document says of the journey as a whole. */
export function checkSettings({ document }: Shape, report: Report): void {
  checkZone(document, report);
  checkInputs(document, report);
  checkVariables(document, report);
  checkIds(document, report);
  const { reentry } = document;
  if (typeof reentry === 'object') checkSpan(reentry.afterEnd, '/reentry/afterEnd', report);
  for (const [index, goal] of elementsOf(document.goals))
    checkSpan(goal.within, `/goals/${index}/within`, report);
}

type Settings = Shape['document'];

function checkZone({ timeZone }: Settings, report: Report): void {
  if (timeZone === undefined || isZone(timeZone)) return;
  report.add({
    code: 'time/unknown-zone',
    pointer: '/timeZone',
    message: `'${timeZone}' is no time zone. Use an IANA name such as Asia/Taipei.`,
    values: { zone: timeZone },
  });
}

function checkInputs({ inputs }: Settings, report: Report): void {
  if (inputs === undefined) return;
  const faults = [...schemaFaults(inputs, '')];
  for (const { pointer, detail } of faults.length > 0 ? faults : unusable(inputs))
    report.add({
      code: 'schema/invalid',
      pointer: `/inputs${pointer}`,
      message: `/inputs${pointer}: ${detail}.`,
    });
}

function unusable(schema: Record<string, unknown>): Fault[] {
  return checkValue(schema, {}).filter(({ detail }) =>
    detail.startsWith('the schema cannot be used'),
  );
}

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];

/** What is no JSON Schema: a type that does not exist, a pattern that is none … */
function* schemaFaults(schema: unknown, pointer: string): Generator<Fault> {
  if (typeof schema === 'boolean') return;
  if (!isObject(schema)) {
    yield { pointer, detail: 'a schema is an object, true or false' };
    return;
  }
  const given = Array.isArray(schema['type']) ? (schema['type'] as unknown[]) : [schema['type']];
  for (const type of given) {
    if (type !== undefined && !types.includes(type as string)) {
      yield {
        pointer: `${pointer}/type`,
        detail: `${JSON.stringify(type)} is no type: use one of ${types.join(', ')}`,
      };
    }
  }
  if (typeof schema['pattern'] === 'string' && !isPattern(schema['pattern'])) {
    yield {
      pointer: `${pointer}/pattern`,
      detail: `'${schema['pattern']}' is no regular expression`,
    };
  }
  for (const name of ['properties', 'patternProperties', '$defs'] as const) {
    const parts = schema[name];
    if (parts === undefined) continue;
    if (!isObject(parts)) {
      yield { pointer: `${pointer}/${name}`, detail: 'an object of schemas is needed' };
      continue;
    }
    for (const [key, part] of Object.entries(parts))
      yield* schemaFaults(part, `${pointer}/${name}/${escapePointer(key)}`);
  }
  for (const name of ['items', 'additionalProperties', 'not'] as const)
    if (schema[name] !== undefined) yield* schemaFaults(schema[name], `${pointer}/${name}`);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function checkVariables({ vars }: Settings, report: Report): void {
  for (const [name, variable] of Object.entries(vars ?? {})) {
    if (variable?.type === undefined || variable.default === undefined) continue;
    const [fault] = checkValue({ type: variable.type }, variable.default);
    if (!fault) continue;
    report.add({
      code: 'schema/invalid',
      pointer: `/vars/${escapePointer(name)}/default`,
      message: `Variable '${name}' holds ${variable.type}, but begins with ${JSON.stringify(variable.default).slice(0, 100)}.`,
    });
  }
}

function checkIds(document: Settings, report: Report): void {
  for (const area of ['exits', 'goals'] as const) {
    const seen = new Set<string>();
    for (const [index, { id }] of elementsOf(document[area])) {
      if (id === undefined) continue;
      if (seen.has(id)) {
        report.add({
          code: 'schema/invalid',
          pointer: `/${area}/${index}/id`,
          message: `There are two ${area} with the id '${id}'. Give each its own.`,
        });
      }
      seen.add(id);
    }
  }
}

function checkSpan(text: string | undefined, pointer: string, report: Report): void {
  if (text === undefined) return;
  const duration = parseDuration(text);
  if (duration && !duration.negative) return;
  report.add({
    code: 'schema/invalid',
    pointer,
    message: `'${text}' is no span of at most 100 years: give one such as P30D.`,
  });
}
