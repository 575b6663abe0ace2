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
}

const largestDocument = 2_000_000;
const mostSteps = 2_000;

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
  return Object.fromEntries(
    Object.entries(input).filter(([key]) => isSound(`/${escapePointer(key)}`)),
  );
}

/** The step that a pointer lies in. */
export function stepOfPointer(pointer: string): string | undefined {
  const match = /^\/steps\/([^/]+)/.exec(pointer);
  return match?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
}
