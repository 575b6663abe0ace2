import type { Position } from '@sojourn/schemas';
import { card } from './layout.ts';

// How an edge runs: right angles, rounded, the turn 12 px above its target, round the cards that are in the way.

const turn = 12;
const belowPort = 27;
const margin = 14;

/** Points of the way from a port to the top (or the side) of a target. */
export function wayBetween(
  source: Position,
  target: Position,
  options: { enterAt?: number; obstacles?: readonly Position[] } = {},
): Position[] {
  const to = { x: target.x + card.width / 2 + (options.enterAt ?? 0), y: target.y };
  const obstacles = options.obstacles ?? [];
  if (to.y < source.y + turn + 8) return besideWay(source, target);
  const bend = to.y - turn;
  if (Math.abs(source.x - to.x) < 1 && clear(source.x, source.y + 4, bend, obstacles))
    return [source, { x: source.x, y: to.y }];
  if (clear(source.x, source.y + 4, bend, obstacles))
    return [source, { x: source.x, y: bend }, { x: to.x, y: bend }, to];
  const low = source.y + belowPort;
  const lane = laneFor(source, to, low, bend, obstacles);
  return [
    source,
    { x: source.x, y: low },
    { x: lane, y: low },
    { x: lane, y: bend },
    { x: to.x, y: bend },
    to,
  ];
}

/** Into the near side of a card that lies in the same row or above. */
function besideWay(source: Position, target: Position): Position[] {
  const fromLeft = source.x < target.x + card.width / 2;
  const side = fromLeft ? target.x : target.x + card.width;
  const lane = side + (fromLeft ? -margin : margin);
  const low = source.y + belowPort;
  const middle = target.y + card.height / 2;
  return [
    source,
    { x: source.x, y: low },
    { x: lane, y: low },
    { x: lane, y: middle },
    { x: side, y: middle },
  ];
}

function laneFor(
  from: Position,
  to: Position,
  top: number,
  bottom: number,
  obstacles: readonly Position[],
): number {
  const inTheWay = obstacles.filter((box) => box.y < bottom && box.y + card.height > top);
  const lanes = [
    to.x,
    ...inTheWay.flatMap((box) => [box.x - margin, box.x + card.width + margin]),
  ].filter((x) => clear(x, top, bottom, inTheWay));
  const length = (x: number): number => Math.abs(x - from.x) + Math.abs(x - to.x);
  return lanes.sort((one, other) => length(one) - length(other))[0] ?? to.x;
}

function clear(x: number, top: number, bottom: number, obstacles: readonly Position[]): boolean {
  return !obstacles.some(
    (box) =>
      x > box.x - 4 && x < box.x + card.width + 4 && box.y < bottom && box.y + card.height > top,
  );
}

/** An SVG path through the points, its corners rounded. */
export function pathThrough(points: readonly Position[], radius = 8): string {
  const [first] = points;
  if (!first) return '';
  let path = `M${first.x} ${first.y}`;
  for (let index = 1; index < points.length - 1; index += 1) {
    const [before, corner, after] = [points[index - 1], points[index], points[index + 1]];
    if (!before || !corner || !after) continue;
    const start = towards(corner, before, radius);
    const end = towards(corner, after, radius);
    path += `L${start.x} ${start.y}Q${corner.x} ${corner.y} ${end.x} ${end.y}`;
  }
  const last = points.at(-1);
  return last ? `${path}L${last.x} ${last.y}` : path;
}

/** The point halfway along the way: where a number rides. */
export function halfway(points: readonly Position[]): Position {
  const lengths = points.slice(1).map((point, index) => distance(points[index] ?? point, point));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [index, length] of lengths.entries()) {
    const [from, to] = [points[index], points[index + 1]];
    if (from && to && left <= length) return towards(from, to, left, false);
    left -= length;
  }
  return points.at(-1) ?? { x: 0, y: 0 };
}

function towards(from: Position, to: Position, length: number, half = true): Position {
  const whole = distance(from, to) || 1;
  const part = Math.min(length, half ? whole / 2 : whole) / whole;
  const round = (value: number): number => Math.round(value * 100) / 100;
  return {
    x: round(from.x + (to.x - from.x) * part),
    y: round(from.y + (to.y - from.y) * part),
  };
}

function distance(one: Position, other: Position): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

/** Where the handle of port number `index` of `count` stands, from the card's left edge. */
export function portOffset(index: number, count: number): number {
  if (count <= 1) return card.width / 2;
  if (count === 2) return card.width * (index === 0 ? 0.25 : 0.75);
  return (card.width * (index + 0.5)) / count;
}
