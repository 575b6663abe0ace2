import type { JourneyDocument, Step } from '@sojourn/schemas';

const lists: Partial<Record<Step['kind'], [field: string, empty: unknown]>> = {
  wait: ['for', []],
  branch: ['cases', []],
  split: ['arms', []],
  parallel: ['branches', []],
  set: ['vars', {}],
};
const kinds = new Set('action wait branch split parallel join repeat set call end'.split(' '));

/** A draft as something the canvas can draw. Drafts may be any JSON: what has no shape is given one, what has none to give is left out. */
export function readDraft(json: unknown, key: string): JourneyDocument {
  const given = isRecord(json) ? json : {};
  const steps = Object.fromEntries(
    Object.entries(isRecord(given['steps']) ? given['steps'] : {}).flatMap(([id, step]) => {
      const read = readStep(step);
      return read ? [[id, read]] : [];
    }),
  );
  const edges = Array.isArray(given['edges']) ? given['edges'].filter(isEdge) : [];
  return {
    ...given,
    format: 1,
    key: typeof given['key'] === 'string' ? given['key'] : key,
    name: isText(given['name']) ? given['name'] : key,
    subject: typeof given['subject'] === 'string' ? given['subject'] : 'person',
    entry: Array.isArray(given['entry']) ? (given['entry'] as JourneyDocument['entry']) : [],
    start: typeof given['start'] === 'string' ? given['start'] : (Object.keys(steps)[0] ?? ''),
    steps,
    edges,
  };
}

function readStep(step: unknown): Step | undefined {
  if (!isRecord(step) || typeof step['kind'] !== 'string' || !kinds.has(step['kind']))
    return undefined;
  const list = lists[step['kind'] as Step['kind']];
  const whole = list && typeof step[list[0]] !== 'object' ? { ...step, [list[0]]: list[1] } : step;
  if (whole['kind'] === 'action' && typeof whole['uses'] !== 'string')
    return { ...whole, kind: 'action', uses: '' };
  return whole as unknown as Step;
}

function isText(value: unknown): value is JourneyDocument['name'] {
  return typeof value === 'string' || isRecord(value);
}

function isEdge(value: unknown): value is JourneyDocument['edges'][number] {
  return (
    isRecord(value) && ['from', 'port', 'to'].every((field) => typeof value[field] === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
