import type { FitViewOptions } from '@xyflow/react';

/** How a journey is fitted into the window: clear of the floating bars, never larger than life. */
export const fitting: FitViewOptions = {
  maxZoom: 1,
  padding: { top: '60px', right: '24px', bottom: '56px', left: '24px' },
};

/** A rectangle on the screen. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** How far the picture has to be moved for a card to be in view: not at all when it is. Clear of the floating bars. */
export function shiftIntoView(card: Box, view: Box): { x: number; y: number } {
  const into = (from: number, to: number, first: number, last: number): number =>
    from < first ? first - from : to > last ? Math.max(last - to, first - from) : 0;
  return {
    x: into(card.left, card.right, view.left + 16, view.right - 16),
    y: into(card.top, card.bottom, view.top + 56, view.bottom - 72),
  };
}
