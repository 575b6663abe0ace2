import type { JourneyDocument, PluginManifest } from '@sojourn/schemas';
import type { CalledJourney } from './engine.ts';
import { shownPorts, targetsOf } from './reading.ts';

/** One line of the outline: a step, a link to a step met before, or a port that leads nowhere. */
export interface OutlineRow {
  type: 'step' | 'link' | 'open';
  /** Unique in the outline. */
  id: string;
  level: number;
  /** The step itself; for a link the step it leads to; for an open port the step it belongs to. */
  step: string;
  /** The port by which it was reached. */
  from?: { step: string; port: string };
  number?: number;
  parent?: string;
  hasChildren: boolean;
  /** For an open port: whether an edge is required. */
  required?: boolean;
}

interface Visit {
  step: string;
  level: number;
  from?: { step: string; port: string };
  parent?: string;
}

/** The document as a spanning tree in reading order. A single way on stays on its level; a choice goes one deeper. */
export function outlineOf(
  document: JourneyDocument,
  manifests: readonly PluginManifest[],
  journeys: readonly CalledJourney[] = [],
): OutlineRow[] {
  const rows: OutlineRow[] = [];
  const met = new Set<string>();
  const stack: Visit[] = [];
  const pending = new Map<string, OutlineRow>();
  const walk = (): void => {
    for (let visit = stack.pop(); visit; visit = stack.pop()) {
      const { step, level, from, parent } = visit;
      const common = {
        step,
        level,
        ...(from ? { from } : {}),
        ...(parent === undefined ? {} : { parent }),
      };
      const open = from && pending.get(`${from.step}:${from.port}`);
      if (open) {
        rows.push(open);
        continue;
      }
      if (!document.steps[step]) continue;
      if (met.has(step)) {
        const id = from ? `link:${from.step}:${from.port}` : `link:${step}`;
        rows.push({ type: 'link', id, hasChildren: false, ...common });
        continue;
      }
      met.add(step);
      const targets = targetsOf(document, step);
      const ports = shownPorts(document, step, manifests, journeys);
      rows.push({
        type: 'step',
        id: step,
        number: met.size,
        hasChildren: ports.length > 1,
        ...common,
      });
      const single = ports.length === 1;
      for (const { port, required } of [...ports].reverse()) {
        const target = targets.get(port);
        const next = single
          ? { level, ...(parent === undefined ? {} : { parent }) }
          : { level: level + 1, parent: step };
        const place = { step, port };
        if (target === undefined)
          pending.set(`${step}:${port}`, {
            type: 'open',
            id: `open:${step}:${port}`,
            step,
            from: place,
            hasChildren: false,
            required,
            ...next,
          });
        stack.push({ step: target ?? step, from: place, ...next });
      }
    }
  };
  const entered = new Set(document.edges.map((edge) => edge.to));
  const ids = Object.keys(document.steps);
  for (const root of [document.start, ...ids.filter((id) => !entered.has(id)), ...ids]) {
    if (met.has(root)) continue;
    stack.push({ step: root, level: 1 });
    walk();
  }
  return rows;
}

/** Rows that are to be seen while the steps in `closed` are folded. */
export function visibleRows(
  rows: readonly OutlineRow[],
  closed: ReadonlySet<string>,
): OutlineRow[] {
  const hidden = new Set<string>(closed);
  return rows.filter((row) => {
    const inside = row.parent !== undefined && hidden.has(row.parent);
    if (inside && row.type === 'step') hidden.add(row.id);
    return !inside;
  });
}
