import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '../api/queries.ts';
import type { Me } from '../api/shapes.ts';
import { useWords } from '../i18n/use-words.ts';

/** How the parts of the platform are, at the foot of every screen. */
export function StatusBar({ me }: { me: Me }) {
  const { t, moment } = useWords();
  const { data, isError } = useQuery(statusQuery);
  return (
    <footer className="foot" aria-label={t('status.label')}>
      {isError ? <span className="part down">{t('status.unknown')}</span> : null}
      {data?.parts.map((part) => (
        <Tooltip
          key={part.name}
          label={[
            t(`status.${part.state}`),
            t('status.since', { time: moment(part.since) }),
            part.detail ?? '',
          ]
            .filter(Boolean)
            .join(' · ')}
        >
          <span className={`part ${part.state}`} tabIndex={0}>
            {t(`status.parts.${part.name}`, { defaultValue: part.name })}
            {part.state === 'up' ? <span className="unseen">{t('status.up')}</span> : null}
            {part.state === 'up' ? null : ` ${t(`status.${part.state}`)}`}
          </span>
        </Tooltip>
      ))}
      <span className="end">Sojourn {me.deployment.version}</span>
    </footer>
  );
}
