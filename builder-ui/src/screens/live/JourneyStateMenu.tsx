import { Menu } from '@mantine/core';
import {
  IconChevronDown,
  IconPlayerPause,
  IconPlayerPlay,
  IconSnowflake,
  IconSquareX,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { journeysQuery } from '../../api/queries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { StateTag } from '../journeys/Journeys.tsx';

interface StateChange {
  state: 'live' | 'paused' | 'closed';
  waits?: 'run' | 'freeze';
}

const choices = [
  { id: 'live', Shape: IconPlayerPlay, change: { state: 'live' } },
  { id: 'paused', Shape: IconPlayerPause, change: { state: 'paused', waits: 'run' } },
  { id: 'frozen', Shape: IconSnowflake, change: { state: 'paused', waits: 'freeze' } },
  { id: 'closed', Shape: IconSquareX, change: { state: 'closed' } },
] as const;

/** The journey's state, to be changed: who may still enter, and whether people inside go on. */
export function JourneyStateMenu({ journey: key }: { journey: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { data: journeys } = useQuery(journeysQuery);
  const journey = journeys?.find((one) => one.key === key);
  const change = useMutation({
    mutationFn: (body: StateChange) =>
      call(`/journeys/${encodeURIComponent(key)}`, { method: 'PATCH', body }),
    onSuccess: (_, { state }) => {
      announce(t('state.changed', { state: t(`journeyStates.${state}`) }));
      return client.invalidateQueries({ queryKey: ['journeys'] });
    },
    onError: (error) => announce(error.message, 'bad'),
  });
  if (!journey || journey.state === 'draft') return null;
  return (
    <Menu width={300}>
      <Menu.Target>
        <button type="button" className="btn quiet" aria-label={t('state.change')}>
          <StateTag state={journey.state} />
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ id, Shape, change: body }) => (
          <Menu.Item
            key={id}
            leftSection={<Shape size={15} aria-hidden />}
            onClick={() => change.mutate(body)}
          >
            {t(`state.${id}`)}
            <div className="hint">{t(`state.${id}Hint`)}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
