import { Graph, layout as runDagre } from '@dagrejs/dagre';
import type { JourneyDocument, Position } from '@sojourn/schemas';
import { edgeId, readingOf } from './reading.ts';

/** A card's size, and the pitch of the grid that a tidied journey lies on. */
export const card = { width: 208, height: 56 } as const;
export const pitch = { x: 232, y: 92 } as const;

/** Where every step's card lies: as saved, and tidily placed where nothing was saved. */
export function positionsOf(document: JourneyDocument): Record<string, Position> {
  const ids = Object.keys(document.steps);
  const saved = document.layout ?? {};
  const missing = ids.filter((id) => !saved[id]);
  if (missing.length === 0) return pick(saved, ids);
  const tidy = tidied(document);
  if (missing.length === ids.length) return tidy;
  const shift = shiftBetween(tidy, saved);
  const placed = { ...pick(saved, ids) };
  for (const id of missing) {
    const place = tidy[id] ?? { x: 0, y: 0 };
    placed[id] = freePlace({ x: place.x + shift.x, y: place.y + shift.y }, Object.values(placed));
  }
  return placed;
}

/** Positions in rows from the start down, computed anew for every step. */
export function tidied(document: JourneyDocument): Record<string, Position> {
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'TB',
    nodesep: pitch.x - card.width,
    ranksep: pitch.y - card.height,
    ranker: 'network-simplex',
  });
  graph.setDefaultEdgeLabel(() => ({}));
  const { order, back } = readingOf(document);
  for (const id of order) graph.setNode(id, { width: card.width, height: card.height });
  for (const edge of document.edges)
    if (!back.has(edgeId(edge)) && document.steps[edge.from] && document.steps[edge.to])
      graph.setEdge(edge.from, edge.to);
  runDagre(graph);
  const rows = new Map<number, { id: string; x: number }[]>();
  for (const id of order) {
    const { x, y } = graph.node(id) as Position;
    rows.set(y, [...(rows.get(y) ?? []), { id, x }]);
  }
  return aligned(document, rows);
}

/** Cards on half columns, each row in the order of the ports that lead to it, so that edges cross little. */
function aligned(
  document: JourneyDocument,
  rows: ReadonlyMap<number, readonly { id: string; x: number }[]>,
): Record<string, Position> {
  const placed: Record<string, Position> = {};
  const half = pitch.x / 2;
  [...rows.entries()]
    .sort(([one], [other]) => one - other)
    .forEach(([, row], index) => {
      const slots = row.map(({ x }) => x).sort((one, other) => one - other);
      const wished = [...row].sort(
        (one, other) => pull(document, placed, one) - pull(document, placed, other),
      );
      let last = -Infinity;
      wished.forEach(({ id }, at) => {
        last = Math.max(Math.round((slots[at] ?? 0) / half) * half, last + pitch.x);
        placed[id] = { x: last, y: index * pitch.y };
      });
    });
  const start = placed[document.start]?.x ?? 0;
  return Object.fromEntries(
    Object.entries(placed).map(([id, { x, y }]) => [id, { x: x - start, y }]),
  );
}

/** Where the ports that lead to a step stand on average; where it lies when none is placed yet. */
function pull(
  document: JourneyDocument,
  placed: Record<string, Position>,
  { id, x }: { id: string; x: number },
): number {
  const ports = document.edges.flatMap((edge) => {
    const place = edge.to === id ? placed[edge.from] : undefined;
    if (!place) return [];
    const out = document.edges.filter((other) => other.from === edge.from);
    const share = (out.indexOf(edge) + 0.5) / out.length;
    return [place.x + share * card.width];
  });
  return ports.length === 0 ? x : ports.reduce((sum, port) => sum + port, 0) / ports.length;
}

/** The nearest place at or below `wanted` where a card covers none of the others. */
export function freePlace(wanted: Position, taken: readonly Position[]): Position {
  let place = wanted;
  const covers = (other: Position): boolean =>
    Math.abs(other.x - place.x) < card.width + 8 && Math.abs(other.y - place.y) < card.height + 8;
  for (let tries = 0; tries < 200 && taken.some(covers); tries += 1)
    place =
      tries % 3 === 2
        ? { x: wanted.x, y: place.y + pitch.y }
        : { x: place.x + pitch.x, y: place.y };
  return place;
}

function shiftBetween(tidy: Record<string, Position>, saved: Record<string, Position>): Position {
  const anchor = Object.keys(tidy).find((id) => saved[id]);
  const from = anchor === undefined ? undefined : tidy[anchor];
  const to = anchor === undefined ? undefined : saved[anchor];
  return from && to ? { x: to.x - from.x, y: to.y - from.y } : { x: 0, y: 0 };
}

function pick(from: Record<string, Position>, ids: readonly string[]): Record<string, Position> {
  return Object.fromEntries(ids.flatMap((id) => (from[id] ? [[id, from[id]]] : [])));
}
