import { Switch } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sandboxQuery } from '../../api/queries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { usePlayer } from './use-move.ts';

export interface PanelFrameProps {
  name: string;
  title: string;
  subtitle?: string | undefined;
  Shape: Icon;
  /** The plugin whose other side this is: it may play itself. */
  plugin: string;
  children: ReactNode;
}

/** One part of the outside world, and whether it answers by itself. */
export function PanelFrame({ name, title, subtitle, Shape, plugin, children }: PanelFrameProps) {
  return (
    <section className="panel place-panel" data-panel={name} aria-label={title} tabIndex={-1}>
      <header>
        <Shape size={16} stroke={1.75} aria-hidden />
        <h2 className="nw">{title}</h2>
        {subtitle === undefined ? null : <span className="sub cut">{subtitle}</span>}
        <span className="end">
          <PlaysItself plugin={plugin} title={title} />
        </span>
      </header>
      {children}
    </section>
  );
}

/** Whether a part of the outside world answers by itself. */
export function PlaysItself({ plugin, title }: { plugin: string; title: string }) {
  const { t } = useWords();
  const player = useQuery(sandboxQuery).data?.player;
  const change = usePlayer();
  if (!player) return null;
  const set = (on: boolean): void => {
    const others = player.channels.filter((one) => one !== plugin);
    change.mutate(
      { ...player, channels: on ? [...others, plugin] : others },
      { onError: (error) => announce(error.message, 'bad') },
    );
  };
  return (
    <Switch
      size="xs"
      label={t('sandbox.byItself')}
      aria-label={t('sandbox.byItselfOf', { place: title })}
      checked={player.channels.includes(plugin)}
      disabled={change.isPending}
      onChange={(event) => set(event.currentTarget.checked)}
    />
  );
}
