import type { JourneyDocument } from '@sojourn/schemas';

/** One step that differs between two documents. */
export interface StepChange {
  id: string;
  how: 'added' | 'removed' | 'changed';
}

/** What differs from `before` to `after`: steps with their ways out; layout and notes do not count. */
export function changesBetween(before: JourneyDocument, after: JourneyDocument): StepChange[] {
  const ids = [...new Set([...Object.keys(before.steps), ...Object.keys(after.steps)])];
  return ids.flatMap((id): StepChange[] => {
    if (!before.steps[id]) return [{ id, how: 'added' }];
    if (!after.steps[id]) return [{ id, how: 'removed' }];
    return portrait(before, id) === portrait(after, id) ? [] : [{ id, how: 'changed' }];
  });
}

/** The steps that `theirs` changed since `base` and `mine` did not. */
export function changedOnlyBy(
  theirs: JourneyDocument,
  base: JourneyDocument,
  mine: JourneyDocument,
): string[] {
  const touched = new Set(changesBetween(base, mine).map(({ id }) => id));
  return changesBetween(mine, theirs)
    .map(({ id }) => id)
    .filter((id) => !touched.has(id));
}

/** True when the two differ in something that is not a step: name, entry, exits, variables … */
export function settingsDiffer(before: JourneyDocument, after: JourneyDocument): boolean {
  const rest = ({ steps: _s, edges: _e, layout: _l, notes: _n, ...settings }: JourneyDocument) =>
    stable(settings);
  return rest(before) !== rest(after);
}

/** `mine` with the steps in `fromTheirs` as they are in `theirs`, their ways out included. */
export function mergeSteps(
  mine: JourneyDocument,
  theirs: JourneyDocument,
  fromTheirs: ReadonlySet<string>,
): JourneyDocument {
  const steps = { ...mine.steps };
  const layout = { ...mine.layout };
  for (const id of fromTheirs) {
    const step = theirs.steps[id];
    if (step) {
      steps[id] = step;
      const place = theirs.layout?.[id];
      if (place) layout[id] = place;
    } else {
      Reflect.deleteProperty(steps, id);
      Reflect.deleteProperty(layout, id);
    }
  }
  const edges = [
    ...mine.edges.filter((edge) => !fromTheirs.has(edge.from)),
    ...theirs.edges.filter((edge) => fromTheirs.has(edge.from)),
  ].filter((edge) => steps[edge.from] && steps[edge.to]);
  return { ...mine, steps, edges, layout };
}

function portrait(document: JourneyDocument, id: string): string {
  const out = document.edges
    .filter((edge) => edge.from === id)
    .map((edge) => `${edge.port}>${edge.to}`)
    .sort();
  return stable([document.steps[id], out]);
}

/** JSON with the keys of every object in order, so that equal values give equal text. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
