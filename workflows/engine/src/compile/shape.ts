import {
  escapePointer,
  faultsOf,
  journeyValidator,
  withParents,
  type JourneyDocument,
  type Step,
} from '@sojourn/schemas';
import { isObject } from '../json.ts';
import type { Report } from './report.ts';

/** What is left of a value when everything of a wrong shape is taken out: fields may be missing, and lists have holes. */
export type Left<Value> = Value extends readonly (infer Item)[]
  ? (Left<Item> | undefined)[]
  : Value extends object
    ? { [Key in keyof Value]?: Left<Value[Key]> }
    : Value;

/** What is left of a step whose kind is known. */
export type KnownStep = Left<Step> & Pick<Step, 'kind'>;

/** As much of a document as can be looked at: what has the wrong shape is reported and left out. */
export interface Shape {
  document: Left<JourneyDocument>;
  steps: Record<string, KnownStep>;
  /** Every id under `steps`, whatever stands there. */
  stepIds: Set<string>;
  /** Every name under `vars`, whatever stands there; undefined when they cannot be known. */
  varNames: Set<string> | undefined;
  /** Whether nothing at a pointer or below has the wrong shape. From the absence of what has, nothing is concluded. */
  isSound(pointer: string): boolean;
}

const largestDocument = 2_000_000;
const mostSteps = 2_000;
/** What reads a document recurses into it: the stack must hold that. */
const mostLevels = 100;
/**
 * Up to so many times the largest one, a document is looked at like any other, which takes seconds: whoever has to make it smaller
 * wants to know what else is wrong with it. Beyond, somebody may mean harm, and gets no more time.
 */
const farTooLarge = 4;
/**
 * So often are two parts of a document compared where that grows with the square of its size: as often as the most steps allowed
 * need it. What has more steps is refused already, and is told all that can be found without.
 */
export const mostComparisons = mostSteps ** 2;

/** Reads a document of any JSON, and reports what has not the form of one. Undefined when nothing can be made of it. */
export function shapeOf(input: unknown, report: Report): Shape | undefined {
  if (!isObject(input)) {
    report.add({
      code: 'schema/invalid',
      pointer: '',
      message: 'A journey document is a JSON object.',
    });
    return undefined;
  }
  if (isTooDeep(input)) {
    const deep = placeOfDeepest(input);
    report.add({
      code: 'schema/invalid',
      pointer: deep,
      message: `${deep}: nested deeper than ${mostLevels} levels.`,
    });
    return undefined;
  }
  const size = JSON.stringify(input).length;
  if (size > largestDocument) {
    report.add({
      code: 'limit/document-too-large',
      pointer: '',
      message: 'The document is larger than 2 MB: split the journey.',
    });
    if (size > farTooLarge * largestDocument) return undefined;
  }
  const faults = reportedFaults(input, report);
  const document = partsOf(input, faults) as Left<JourneyDocument>;
  const ids = namesIn(input['steps']);
  if (ids.length > mostSteps) {
    report.add({
      code: 'limit/too-many-steps',
      pointer: '/steps',
      message: `The journey has ${ids.length} steps; at most ${mostSteps} are walked: split it.`,
    });
  }
  const { vars = {} } = input;
  return {
    document,
    steps: Object.fromEntries(
      Object.entries(document.steps ?? {}).filter(
        (entry): entry is [string, KnownStep] => entry[1]?.kind !== undefined,
      ),
    ),
    stepIds: new Set(ids),
    varNames: isObject(vars) ? new Set(namesIn(vars)) : undefined,
    isSound: (pointer) => !faults.within.has(pointer),
  };
}

/** The elements of a list that are left, each with its place in the document. */
export function elementsOf<Item>(list: readonly (Item | undefined)[] = []): [number, Item][] {
  return list.flatMap((item, index): [number, Item][] =>
    item === undefined ? [] : [[index, item]],
  );
}

const namesIn = (value: unknown): string[] => (isObject(value) ? Object.keys(value) : []);

/** Pointers to what has the wrong shape; `within` also to everything that it lies in. */
interface Faults {
  at: ReadonlySet<string>;
  within: ReadonlySet<string>;
}

function reportedFaults(input: unknown, report: Report): Faults {
  const faults = faultsOf(journeyValidator, input);
  for (const fault of faults) {
    const stepId = stepOfPointer(fault.pointer);
    report.add({
      code: 'schema/invalid',
      pointer: fault.pointer,
      ...(stepId === undefined ? {} : { stepId }),
      message: `${fault.pointer || 'The document'}: ${fault.detail}.`,
    });
  }
  const pointers = faults.map(({ pointer }) => pointer);
  return { at: new Set(pointers), within: withParents(pointers) };
}

// A fault at a list may say that it is too long, and one at an element that a field is missing: what is there is looked at.
const lists = String.raw`/(?:entry|exits|goals|edges)|/steps/[^/]+/(?:for|cases|arms)`;
const isList = new RegExp(`^(?:${lists})$`);
const isElement = new RegExp(String.raw`^(?:(?:${lists})/\d+|/steps/[^/]+)$`);

/** What is left of a value without its faults; undefined when nothing is. */
function leftOf(value: unknown, pointer: string, faults: Faults): unknown {
  if (!faults.within.has(pointer)) return value;
  const isReadable = !faults.at.has(pointer);
  if (Array.isArray(value) && (isReadable || isList.test(pointer)))
    return value.map((item: unknown, index) => leftOf(item, `${pointer}/${index}`, faults));
  if (isObject(value) && (isReadable || isElement.test(pointer)))
    return partsOf(value, faults, pointer);
  return undefined;
}

function partsOf(value: Record<string, unknown>, faults: Faults, pointer = ''): object {
  const parts = Object.entries(value).map(([key, part]): [string, unknown] => [
    key,
    leftOf(part, `${pointer}/${escapePointer(key)}`, faults),
  ]);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

/** Whether something is nested too deep. Needs no stack of its own. */
function isTooDeep(input: object): boolean {
  let level = [input];
  for (let depth = 1; level.length > 0; depth += 1) {
    const below: object[] = [];
    for (const value of level)
      for (const item of Object.values(value) as unknown[]) {
        if (depth > mostLevels) return true;
        if (typeof item === 'object' && item !== null) below.push(item);
      }
    level = below;
  }
  return false;
}

/** Where what is nested too deep begins. */
function placeOfDeepest(input: unknown): string {
  let level: { value: unknown; at: string }[] = [{ value: input, at: '' }];
  for (let depth = 0; depth <= mostLevels; depth += 1) {
    level = level.flatMap(({ value, at }) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([key, item]: [string, unknown]) => ({
            value: item,
            at: depth < 3 ? `${at}/${escapePointer(key)}` : at,
          }))
        : [],
    );
  }
  return (level[0]?.at ?? '').split('/').slice(0, 4).join('/');
}

/** The step that a pointer lies in. */
export function stepOfPointer(pointer: string): string | undefined {
  const match = /^\/steps\/([^/]+)/.exec(pointer);
  return match?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
}
