import { IconMap2, IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import { Panel, useReactFlow, useStore } from '@xyflow/react';
import { useTranslation } from 'react-i18next';
import { fitting } from './fitting.ts';
import { IconButton } from '../ui/Button.tsx';

/** Zoom out and in, the zoom in percent, fit, and the little map. */
export function ZoomBar({ map, onMap }: { map: boolean; onMap: (on: boolean) => void }) {
  const { t } = useTranslation();
  const { zoomIn, zoomOut, fitView, zoomTo } = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <Panel position="bottom-left">
      <div className="float">
        <IconButton
          label={t('canvas.zoomOut')}
          shortcut="−"
          onClick={() => void zoomOut({ duration: 120 })}
        >
          <IconMinus size={15} />
        </IconButton>
        <button
          type="button"
          className="btn quiet sm num"
          style={{ width: 52, padding: 0 }}
          aria-label={t('canvas.zoomWhole', { zoom })}
          onClick={() => void zoomTo(1, { duration: 200 })}
        >
          {zoom} %
        </button>
        <IconButton
          label={t('canvas.zoomIn')}
          shortcut="+"
          onClick={() => void zoomIn({ duration: 120 })}
        >
          <IconPlus size={15} />
        </IconButton>
        <span className="sep" />
        <IconButton
          label={t('canvas.fit')}
          shortcut="1"
          onClick={() => void fitView({ duration: 200, ...fitting })}
        >
          <IconMaximize size={15} />
        </IconButton>
        <IconButton
          label={t('canvas.map')}
          className={map ? 'on' : ''}
          aria-pressed={map}
          onClick={() => onMap(!map)}
        >
          <IconMap2 size={15} />
        </IconButton>
      </div>
    </Panel>
  );
}
