import { IconCornerDownRight, IconCornerRightUp } from '@tabler/icons-react';
import { EdgeLabelRenderer, useReactFlow, type EdgeProps } from '@xyflow/react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pathThrough } from '../document/routes.ts';
import type { BackEdgeType } from './graph.ts';
import { tipAt } from './WayEdge.tsx';

/** An edge that leads back: a pair of stubs. The whole line shows while one of them is pointed at; a click jumps along it. */
export const BackEdge = memo(function BackEdge({
  data,
  source,
  target,
  selected,
}: EdgeProps<BackEdgeType>) {
  const { t } = useTranslation();
  const { setCenter, getNode, getZoom } = useReactFlow();
  const [pointed, setPointed] = useState(false);
  if (!data) return null;
  const { points, exit, entry, toTitle, fromTitle, look = '' } = data;
  const jump = (id: string): void => {
    const node = getNode(id);
    if (node)
      void setCenter(node.position.x + 104, node.position.y + 28, {
        zoom: getZoom(),
        duration: 200,
      });
  };
  const stub = (id: string) => ({
    type: 'button' as const,
    className: `jump nodrag nopan ${look}`,
    onPointerEnter: () => setPointed(true),
    onPointerLeave: () => setPointed(false),
    onFocus: () => setPointed(true),
    onBlur: () => setPointed(false),
    onClick: () => jump(id),
  });
  const [before, tip] = points.slice(-2);
  const whole = pointed || selected === true;
  return (
    <>
      <path
        className={`edge stub ${look}`}
        d={`M${exit.x} ${exit.y}h14M${entry.x - 14} ${entry.y}h14`}
      />
      {whole ? <path className="edge walk" d={pathThrough(points)} /> : null}
      {whole && before && tip ? <path className="tip walk" d={tipAt(before, tip)} /> : null}
      <EdgeLabelRenderer>
        <button
          {...stub(target)}
          style={{ transform: `translate(0, -50%) translate(${exit.x + 14}px, ${exit.y}px)` }}
        >
          <IconCornerRightUp size={12} aria-hidden />
          {t('canvas.backTo', { step: toTitle })}
        </button>
        <button
          {...stub(source)}
          style={{ transform: `translate(-100%, -50%) translate(${entry.x - 14}px, ${entry.y}px)` }}
        >
          <IconCornerDownRight size={12} aria-hidden />
          {t('canvas.backFrom', { step: fromTitle })}
        </button>
      </EdgeLabelRenderer>
    </>
  );
});
