import { IconBroadcast, IconPencil, IconVersions } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

const modes = [
  { mode: 'edit', to: '/journeys/$key', Shape: IconPencil },
  { mode: 'live', to: '/journeys/$key/live', Shape: IconBroadcast },
  { mode: 'versions', to: '/journeys/$key/versions', Shape: IconVersions },
] as const;

/** The modes of a journey: overlays of one picture. */
export function ModeTabs({
  journey,
  mode: current,
}: {
  journey: string;
  mode: (typeof modes)[number]['mode'];
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <div className="seg modes" role="tablist" aria-label={t('modes.label')}>
      {modes.map(({ mode, to, Shape }) => (
        <button
          key={mode}
          type="button"
          role="tab"
          aria-selected={mode === current}
          onClick={() => void navigate({ to, params: { key: journey } })}
        >
          <Shape size={14} aria-hidden />
          <span>{t(`modes.${mode}`)}</span>
        </button>
      ))}
    </div>
  );
}
