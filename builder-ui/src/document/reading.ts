import type { Edge, JourneyDocument, PluginManifest } from '@sojourn/schemas';
import { portsOf, type CalledJourney, type Port } from './engine.ts';

// The order in which a journey is read: from its start, down each port in turn. Canvas, outline and layout agree on it.

/** The name of an edge: its step and port. At most one edge leaves a port. */
export function edgeId(edge: Pick<Edge, 'from' | 'port'>): string {
  return `${edge.from}:${edge.port}`;
}

/**
 * The ports of a step: those the engine knows, and those that edges name although the step has none such. Those of a call are
 * known with the journeys that may be called.
 */
export function shownPorts(
  document: JourneyDocument,
  stepId: string,
  manifests: readonly PluginManifest[],
  journeys: readonly CalledJourney[] = [],
): Port[] {
  const step = document.steps[stepId];
  if (!step) return [];
  const known = portsOf(step, manifests, journeys) ?? [];
  const names = new Set(known.map((port) => port.port));
  const extra = document.edges.filter((edge) => edge.from === stepId && !names.has(edge.port));
  return [...known, ...extra.map((edge) => ({ port: edge.port, required: false }))];
}

/** Where each port of a step leads. */
export function targetsOf(document: JourneyDocument, stepId: string): Map<string, string> {
  return new Map(
    document.edges
      .filter((edge) => edge.from === stepId && document.steps[edge.to])
      .map((edge) => [edge.port, edge.to]),
  );
}

/** Steps in reading order with their numbers from 1, and the edges that lead back. Steps out of reach come last. */
export interface Reading {
  order: string[];
  back: Set<string>;
  unreachable: Set<string>;
}

/** Reads a document once, without recursion: documents may be 2,000 steps long. */
export function readingOf(document: JourneyDocument): Reading {
  const leaving = new Map<string, Edge[]>();
  for (const edge of document.edges)
    leaving.set(edge.from, [...(leaving.get(edge.from) ?? []), edge]);
  const order: string[] = [];
  const seen = new Set<string>();
  const back = new Set<string>();
  const walk = (first: string): void => {
    if (seen.has(first) || !document.steps[first]) return;
    const open = new Set<string>([first]);
    const stack = [{ id: first, next: 0 }];
    seen.add(first);
    order.push(first);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = leaving.get(top.id)?.[top.next++];
      if (!edge) {
        open.delete(top.id);
        stack.pop();
      } else if (open.has(edge.to)) back.add(edgeId(edge));
      else if (!seen.has(edge.to) && document.steps[edge.to]) {
        seen.add(edge.to);
        order.push(edge.to);
        open.add(edge.to);
        stack.push({ id: edge.to, next: 0 });
      }
    }
  };
  walk(document.start);
  const reachable = new Set(order);
  for (const id of Object.keys(document.steps)) walk(id);
  return { order, back, unreachable: new Set(order.filter((id) => !reachable.has(id))) };
}
