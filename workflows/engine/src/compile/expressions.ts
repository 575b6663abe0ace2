import { escapePointer } from '@sojourn/schemas';
import {
  expressionOf,
  isFault,
  longestExpression,
  rootNames,
  typeChecker,
  type FieldTypes,
} from '../expressions/language.ts';
import { referencesOf, type Reference } from '../expressions/references.ts';
import { isObject } from '../json.ts';
import type { Template } from './templates.ts';
import { elementsOf, mostComparisons, stepOfPointer, type Shape } from './shape.ts';
import type { Report } from './report.ts';

/** What an expression must give. */
export type Expected = 'condition' | 'value' | 'text' | 'count' | 'key';

/** An expression in a document, where it stands and what it may see. */
export interface Place {
  text: string;
  pointer: string;
  expected: Expected;
  /** `event` is seen only in `if` and `key` of event things. */
  seesEvent: boolean;
  /** The type of the variable that it is for. */
  variable?: string;
  /** A condition on state, looked at when something changes: `now` in it would never be looked at again. */
  watched: boolean;
}

/** Every expression of a document. */
export function placesOf(shape: Shape): Place[] {
  const places: Place[] = [];
  const add = (
    text: unknown,
    pointer: string,
    expected: Expected,
    more: Partial<Place> = {},
  ): void => {
    if (typeof text === 'string')
      places.push({ text, pointer, expected, seesEvent: false, watched: false, ...more });
  };
  const event = { seesEvent: true };
  for (const [index, entry] of elementsOf(shape.document.entry)) {
    if ('if' in entry) add(entry.if, `/entry/${index}/if`, 'condition', event);
    add(entry.key, `/entry/${index}/key`, 'key', event);
  }
  for (const area of ['exits', 'goals'] as const) {
    for (const [index, rule] of elementsOf(shape.document[area])) {
      add(rule.if, `/${area}/${index}/if`, 'condition', event);
      add(rule.when, `/${area}/${index}/when`, 'condition', { watched: true });
    }
  }
  for (const [id, step] of Object.entries(shape.steps)) {
    const pointer = `/steps/${escapePointer(id)}`;
    switch (step.kind) {
      case 'action':
        addComputed(step.with, `${pointer}/with`, add);
        break;
      case 'wait':
        for (const [index, alternative] of elementsOf(step.for)) {
          const own = `${pointer}/for/${index}`;
          if ('if' in alternative) add(alternative.if, `${own}/if`, 'condition', event);
          if ('when' in alternative)
            add(alternative.when, `${own}/when`, 'condition', { watched: true });
          if ('at' in alternative && typeof alternative.at === 'object')
            add(alternative.at.cel, `${own}/at/cel`, 'text');
        }
        break;
      case 'branch':
        for (const [index, item] of elementsOf(step.cases))
          add(item.if, `${pointer}/cases/${index}/if`, 'condition');
        break;
      case 'split':
        add(step.by, `${pointer}/by`, 'value');
        break;
      case 'repeat':
        add(step.until, `${pointer}/until`, 'condition');
        if (typeof step.times === 'object') add(step.times.cel, `${pointer}/times/cel`, 'count');
        break;
      case 'set':
        for (const [name, text] of Object.entries(step.vars ?? {})) {
          const variable = shape.document.vars?.[name]?.type;
          add(
            text,
            `${pointer}/vars/${escapePointer(name)}`,
            'value',
            variable === undefined ? {} : { variable },
          );
        }
        break;
      case 'call':
        addComputed(step.with, `${pointer}/with`, add);
        add(step.subject, `${pointer}/subject`, 'value');
        break;
      case 'parallel':
      case 'join':
      case 'end':
        break;
    }
  }
  return places;
}

/** `{ "cel": … }` anywhere inside a value. */
function addComputed(
  value: unknown,
  pointer: string,
  add: (text: unknown, pointer: string, expected: Expected) => void,
): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) addComputed(item, `${pointer}/${index}`, add);
  } else if (isObject(value)) {
    if (typeof value['cel'] === 'string' && Object.keys(value).length === 1) {
      add(value['cel'], `${pointer}/cel`, 'value');
      return;
    }
    for (const [key, item] of Object.entries(value))
      addComputed(item, `${pointer}/${escapePointer(key)}`, add);
  }
}

/** Reports what is wrong with every expression. Answers the subject attributes that they read. */
export function checkExpressions(shape: Shape, report: Report): { reads: string[] } {
  const reads = new Set<string>();
  const names = knownNames(shape);
  const typeOf = typeChecker({ vars: variableTypes(shape.document) });
  for (const place of placesOf(shape)) {
    for (const name of checkPlace(place, names, typeOf, report)) reads.add(name);
  }
  for (const [id, step] of Object.entries(shape.steps)) {
    if (step.kind !== 'set') continue;
    for (const name of Object.keys(step.vars ?? {})) {
      const known = names['vars'];
      if (!known || known.has(name)) continue;
      const pointer = `/steps/${escapePointer(id)}/vars/${escapePointer(name)}`;
      report.add(unknownName(pointer, id, `vars.${name}`, hint(name, known, report)));
    }
  }
  return { reads: [...reads.add('timeZone')].sort() };
}

interface Fit {
  types: readonly string[];
  words: string;
}

/** The types that fit what an expression is for; `dyn` may be anything until it is evaluated. */
const fits: Record<Expected, Fit | undefined> = {
  condition: { types: ['bool'], words: 'a condition is true or false' },
  text: {
    types: ['string', 'google.protobuf.Timestamp', 'null'],
    words: 'a date or an instant is needed',
  },
  count: { types: ['int', 'double', 'uint'], words: 'a whole number from 0 to 1000 is needed' },
  key: { types: ['string', 'int', 'double', 'uint'], words: 'a key is a text or a number' },
  value: undefined,
};

const variableFits: Record<string, Fit> = {
  string: { types: ['string', 'google.protobuf.Timestamp'], words: 'the variable holds text' },
  integer: { types: ['int', 'double', 'uint'], words: 'the variable holds a whole number' },
  number: { types: ['int', 'double', 'uint'], words: 'the variable holds a number' },
  boolean: { types: ['bool'], words: 'the variable holds true or false' },
};

const celTypes = {
  string: 'string',
  integer: 'int',
  number: 'double',
  boolean: 'bool',
  array: 'list<dyn>',
  object: 'map<string, dyn>',
} as const;

function variableTypes({ vars = {} }: Shape['document']): FieldTypes {
  return Object.fromEntries(
    Object.entries(vars).flatMap(([name, variable]) =>
      variable?.type === undefined ? [] : [[name, celTypes[variable.type]]],
    ),
  );
}

type KnownNames = Record<string, ReadonlySet<string> | undefined>;

function knownNames({ document, stepIds, varNames }: Shape): KnownNames {
  const { inputs } = document;
  const properties =
    isObject(inputs) && isObject(inputs['properties'])
      ? Object.keys(inputs['properties'])
      : undefined;
  return {
    vars: varNames,
    steps: stepIds.size > 0 ? stepIds : undefined,
    run: new Set(['id', 'key', 'startedAt', 'journey']),
    event: new Set(['id', 'type', 'source', 'time', 'subject', 'data', 'acceptedAt']),
    ...(properties && isObject(inputs) && inputs['additionalProperties'] === false
      ? { entry: new Set(properties) }
      : {}),
  };
}

function checkPlace(
  place: Place,
  names: KnownNames,
  typeOf: ReturnType<typeof typeChecker>,
  report: Report,
): string[] {
  const { text, pointer } = place;
  const stepId = stepOfPointer(pointer);
  const at = { pointer, ...(stepId === undefined ? {} : { stepId }) };
  if (text.length > longestExpression) {
    const message = `The expression has ${text.length} characters; at most ${longestExpression} are read.`;
    report.add({ ...at, code: 'limit/expression-too-long', message });
    return [];
  }
  const expression = expressionOf(text);
  if (isFault(expression)) {
    if (expression.kind === 'unknown-name') {
      const name = text.slice(expression.start, expression.end);
      report.add(unknownName(pointer, stepId, name, nearest(name, new Set(rootNames))));
    } else {
      const message = `'${text}', column ${expression.start + 1}: ${expression.message}.`;
      report.add({
        ...at,
        code: expression.kind === 'syntax' ? 'expr/syntax' : 'expr/type',
        message,
        values: { column: expression.start + 1 },
      });
    }
    return [];
  }
  const type = typeOf(text);
  if (typeof type === 'object') {
    report.add({
      ...at,
      code: 'expr/type',
      message: `'${text}', column ${type.start + 1}: ${type.message}.`,
      values: { column: type.start + 1 },
    });
  } else {
    const wanted =
      place.variable === undefined ? fits[place.expected] : variableFits[place.variable];
    if (wanted && type !== 'dyn' && !wanted.types.includes(type)) {
      report.add({
        ...at,
        code: 'expr/type',
        message: `'${text}' gives ${type}; ${wanted.words}.`,
      });
    }
  }
  return checkReferences(place, referencesOf(expression.ast), names, report);
}

function checkReferences(
  place: Place,
  references: Reference[],
  names: KnownNames,
  report: Report,
): string[] {
  const stepId = stepOfPointer(place.pointer);
  const at = { pointer: place.pointer, ...(stepId === undefined ? {} : { stepId }) };
  const reads: string[] = [];
  for (const { root, path } of references) {
    const [name] = path;
    if (root === 'event' && !place.seesEvent) {
      const message = `'${place.text}': 'event' is seen only in conditions and keys of events. Use steps["…"].output.`;
      report.add({ ...at, code: 'expr/unknown-name', message });
    }
    if (root === 'now' && place.watched) {
      const message = `'${place.text}': 'now' in a watched condition would never be looked at again. Use an 'at' or 'after' alternative.`;
      report.add({ ...at, code: 'expr/type', message });
    }
    if (root === 'subject' && name !== undefined) reads.push(name);
    const known = names[root];
    if (known && name !== undefined && !known.has(name)) {
      report.add(unknownName(place.pointer, stepId, `${root}.${name}`, hint(name, known, report)));
    }
  }
  return reads.filter((name) => name !== 'type' && name !== 'key');
}

function unknownName(
  pointer: string,
  stepId: string | undefined,
  name: string,
  near: string | undefined,
): Parameters<Report['add']>[0] {
  const hint = near === undefined ? 'Declare it, or correct the name.' : `Did you mean '${near}'?`;
  return {
    code: 'expr/unknown-name',
    pointer,
    ...(stepId === undefined ? {} : { stepId }),
    message: `There is no '${name}'. ${hint}`,
    values: { name, ...(near === undefined ? {} : { near }) },
  };
}

/** Reports names in templates that are not there. */
export function checkTemplateNames(
  read: Template['names'],
  place: { pointer: string; stepId: string },
  shape: Shape,
  report: Report,
): void {
  const names = knownNames(shape);
  const roots = new Set<string>(rootNames.filter((name) => name !== 'event'));
  for (const [root, name] of read) {
    if (!roots.has(root)) {
      report.add(unknownName(place.pointer, place.stepId, root, nearest(root, roots)));
    } else if (name !== undefined && names[root] && !names[root].has(name)) {
      report.add(
        unknownName(
          place.pointer,
          place.stepId,
          `${root}.${name}`,
          hint(name, names[root], report),
        ),
      );
    }
  }
}

/** What was meant; not looked for when there are too many names and findings. */
function hint(name: string, known: ReadonlySet<string>, report: Report): string | undefined {
  return report.findings.length * known.size < mostComparisons ? nearest(name, known) : undefined;
}

/** The known name with the smallest edit distance, when it is small enough to be a slip. */
export function nearest(name: string, known: ReadonlySet<string>): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (
      distance <= Math.max(2, Math.floor(candidate.length / 3)) &&
      (!best || distance < best.distance)
    ) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(one).entries()) {
    const next = [i + 1];
    for (const [j, against] of Array.from(other).entries()) {
      next.push(
        Math.min(
          (next[j] ?? 0) + 1,
          (row[j + 1] ?? 0) + 1,
          (row[j] ?? 0) + (letter === against ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
