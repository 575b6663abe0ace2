import {
  escapePointer,
  faultsOf,
  journeyValidator,
  type Edge,
  type JourneyDocument,
  type Step,
} from '@sojourn/schemas';
import { isObject } from '../json.ts';
import type { Report } from './report.ts';

/** As much of a document as can be looked at: what has the wrong shape is reported and left out. */
export interface Shape {
  document: Partial<JourneyDocument>;
  /** Steps of a right shape. */
  steps: Record<string, Step>;
  /** Every id under `steps`, whatever stands there. */
  stepIds: Set<string>;
  edges: { edge: Edge; index: number }[];
  /** The parts of the document of which something was left out, so that nothing is concluded from its absence. */
  broken: Set<string>;
  /** Every name under `vars`, whatever stands there. */
  varNames: Set<string>;
}

const largestDocument = 2_000_000;
const mostSteps = 2_000;
/** What reads a document recurses into it: the stack must hold that. */
const mostLevels = 100;

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
  const deep = tooDeep(input);
  if (deep !== undefined) {
    report.add({
      code: 'schema/invalid',
      pointer: deep,
      message: `${deep}: nested deeper than ${mostLevels} levels.`,
    });
    return undefined;
  }
  if (JSON.stringify(input).length > largestDocument) {
    report.add({
      code: 'limit/document-too-large',
      pointer: '',
      message: 'The document is larger than 2 MB: split the journey.',
    });
    return undefined;
  }
  const steps = isObject(input['steps']) ? input['steps'] : {};
  const ids = Object.keys(steps);
  if (ids.length > mostSteps) {
    report.add({
      code: 'limit/too-many-steps',
      pointer: '/steps',
      message: `The journey has ${ids.length} steps; at most ${mostSteps} are walked: split it.`,
    });
    return undefined;
  }
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
  const isSound = (pointer: string): boolean =>
    !faults.some((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));
  return {
    document: soundParts(input, isSound),
    broken: new Set(Object.keys(input).filter((key) => !isSound(`/${escapePointer(key)}`))),
    varNames: new Set(isObject(input['vars']) ? Object.keys(input['vars']) : []),
    steps: Object.fromEntries(
      ids
        .filter((id) => isSound(`/steps/${escapePointer(id)}`))
        .map((id) => [id, steps[id] as Step]),
    ),
    stepIds: new Set(ids),
    edges: (Array.isArray(input['edges']) ? input['edges'] : [])
      .map((edge: unknown, index) => ({ edge: edge as Edge, index }))
      .filter(({ index }) => isSound(`/edges/${index}`)),
  };
}

function soundParts(
  input: Record<string, unknown>,
  isSound: (pointer: string) => boolean,
): Partial<JourneyDocument> {
  const parts = Object.entries(input).filter(([key]) => isSound(`/${escapePointer(key)}`));
  const { vars } = input;
  if (isObject(vars) && !isSound('/vars'))
    parts.push([
      'vars',
      Object.fromEntries(
        Object.entries(vars).filter(([name]) => isSound(`/vars/${escapePointer(name)}`)),
      ),
    ]);
  return Object.fromEntries(parts);
}

/** Where the outermost value lies that is nested too deep; undefined when none is. Needs no stack of its own. */
function tooDeep(input: unknown): string | undefined {
  let level: { value: unknown; at: string }[] = [{ value: input, at: '' }];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostLevels) return level[0]?.at.split('/').slice(0, 4).join('/');
    level = level.flatMap(({ value, at }) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([key, item]: [string, unknown]) => ({
            value: item,
            at: depth < 3 ? `${at}/${escapePointer(key)}` : at,
          }))
        : [],
    );
  }
  return undefined;
}

/** The step that a pointer lies in. */
export function stepOfPointer(pointer: string): string | undefined {
  const match = /^\/steps\/([^/]+)/.exec(pointer);
  return match?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
}
