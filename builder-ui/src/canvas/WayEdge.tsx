import { EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';
import { halfway, pathThrough } from '../document/routes.ts';
import type { WayEdgeType } from './graph.ts';

/** An edge: one path of right angles, with its tip, and a number in the middle where a mode gives one. */
export const WayEdge = memo(function WayEdge({ data }: EdgeProps<WayEdgeType>) {
  if (!data) return null;
  const { points, label, look = '' } = data;
  const path = pathThrough(shortened(points));
  const [before, tip] = points.slice(-2);
  const middle = label === undefined ? undefined : halfway(points);
  return (
    <>
      <path className={`edge ${look}`} d={path} />
      <path className="edge-hit" d={path} />
      {before && tip ? <path className={`tip ${look}`} d={tipAt(before, tip)} /> : null}
      {middle ? (
        <EdgeLabelRenderer>
          <span
            className="elab"
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}
          >
            {label}
          </span>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
});

interface Point {
  x: number;
  y: number;
}

/** The path ends inside its tip, not at its point. */
function shortened(points: readonly Point[]): Point[] {
  const [before, last] = points.slice(-2);
  if (!before || !last) return [...points];
  const end =
    before.x === last.x
      ? { x: last.x, y: last.y - 5 }
      : { x: last.x - 5 * Math.sign(last.x - before.x), y: last.y };
  return [...points.slice(0, -1), end];
}

/** A triangle whose point is at `tip`. */
export function tipAt(before: Point, tip: Point): string {
  const { x, y } = tip;
  if (before.x === x) return `M${x} ${y - 1}l-4 -7h8z`;
  const way = Math.sign(x - before.x);
  return `M${x - way} ${y}l${-7 * way} -4v8z`;
}
