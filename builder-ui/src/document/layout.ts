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
  const start = graph.node(document.start) as Position | undefined;
  const origin = start ?? { x: card.width / 2, y: card.height / 2 };
  return Object.fromEntries(
    order.map((id) => {
      const node = graph.node(id) as Position;
      return [id, { x: Math.round(node.x - origin.x), y: Math.round(node.y - origin.y) }];
    }),
  );
}

/** The nearest place at or below `wanted` where a card covers none of the others. */
export function freePlace(wanted: Position, taken: readonly Position[]): Position {
  let place = wanted;
  const covers = (other: Position): boolean =>
    Math.abs(other.x - place.x) < card.width + 8 && Math.abs(other.y - place.y) < card.height + 8;
  for (let tries = 0; tries < 200 && taken.some(covers); tries += 1)
    place =
      tries % 3 === 2 ? { x: wanted.x, y: place.y + pitch.y } : { x: place.x + pitch.x, y: place.y };
  return place;
}

function shiftBetween(
  tidy: Record<string, Position>,
  saved: Record<string, Position>,
): Position {
  const anchor = Object.keys(tidy).find((id) => saved[id]);
  const from = anchor === undefined ? undefined : tidy[anchor];
  const to = anchor === undefined ? undefined : saved[anchor];
  return from && to ? { x: to.x - from.x, y: to.y - from.y } : { x: 0, y: 0 };
}

function pick(from: Record<string, Position>, ids: readonly string[]): Record<string, Position> {
  return Object.fromEntries(ids.flatMap((id) => (from[id] ? [[id, from[id]]] : [])));
}
