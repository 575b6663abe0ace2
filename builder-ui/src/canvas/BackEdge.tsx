import { IconCornerDownRight, IconCornerRightUp } from '@tabler/icons-react';
import { EdgeLabelRenderer, useReactFlow, type EdgeProps } from '@xyflow/react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pathThrough } from '../document/routes.ts';
import type { BackEdgeType, Stub } from './graph.ts';
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
  const stub = (at: Stub, id: string, label: string) => ({
    type: 'button' as const,
    className: `jump nodrag nopan ${look} ${at.small ? 'small' : ''}`,
    'aria-label': label,
    title: label,
    style: { transform: placeOf(at) },
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
        d={`M${exit.x} ${exit.y}h${reachOf(exit)}M${entry.x} ${entry.y}h${reachOf(entry)}`}
      />
      {whole ? <path className="edge walk" d={pathThrough(points)} /> : null}
      {whole && before && tip ? <path className="tip walk" d={tipAt(before, tip)} /> : null}
      <EdgeLabelRenderer>
        <button {...stub(exit, target, t('canvas.backTo', { step: toTitle }))}>
          <IconCornerRightUp size={12} aria-hidden />
          {exit.small ? null : <span className="cut">{t('canvas.backTo', { step: toTitle })}</span>}
        </button>
        <button {...stub(entry, source, t('canvas.backFrom', { step: fromTitle }))}>
          <IconCornerDownRight size={12} aria-hidden />
          {entry.small ? null : (
            <span className="cut">{t('canvas.backFrom', { step: fromTitle })}</span>
          )}
        </button>
      </EdgeLabelRenderer>
    </>
  );
});

/** How far a stub's line reaches out of its card. */
function reachOf({ side, small }: Stub): number {
  const length = small ? 3 : 14;
  return side === 'right' ? length : -length;
}

function placeOf(stub: Stub): string {
  const shift = stub.side === 'right' ? '0' : '-100%';
  return `translate(${shift}, -50%) translate(${stub.x + reachOf(stub)}px, ${stub.y}px)`;
}
