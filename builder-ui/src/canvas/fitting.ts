import type { FitViewOptions } from '@xyflow/react';

/** How a journey is fitted into the window: clear of the floating bars, never larger than life. */
export const fitting: FitViewOptions = {
  maxZoom: 1,
  padding: { top: '60px', right: '24px', bottom: '56px', left: '24px' },
};
