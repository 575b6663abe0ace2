import { Modal } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowRight,
  IconBolt,
  IconListDetails,
  IconRoute,
  IconSearch,
  IconSitemap,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState, type KeyboardEvent } from 'react';
import { journeysQuery } from '../api/queries.ts';
import { useWords } from '../i18n/use-words.ts';
import { commandStore, useCommands, type Command } from './commands.ts';
import { useVerbs } from './use-verbs.ts';

const groups = ['do', 'steps', 'journeys', 'runs', 'screens'] as const;
const icons = {
  do: IconBolt,
  steps: IconSitemap,
  journeys: IconRoute,
  runs: IconListDetails,
  screens: IconArrowRight,
};
const prefixes: Record<string, Command['group']> = { '>': 'do', '/': 'steps', '#': 'runs' };

/** The command palette: a combobox over verbs, steps, journeys, runs and screens. */
export function Palette() {
  const open = useCommands((state) => state.open);
  return (
    <Modal
      opened={open}
      onClose={() => commandStore.setState({ open: false })}
      withCloseButton={false}
      padding={0}
      size={640}
      yOffset={112}
      centered={false}
    >
      <PaletteBody />
    </Modal>
  );
}

function PaletteBody() {
  const { t } = useWords();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = useFound(query);
  const current = Math.min(chosen, found.length - 1);

  const close = (): void => {
    commandStore.setState({ open: false });
  };
  const run = (command: Command | undefined): void => {
    if (!command) return;
    close();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) {
      event.preventDefault();
      setChosen((current + move + found.length) % Math.max(found.length, 1));
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(found[current]);
  };
  return (
    <>
      <div className="palette-input">
        <IconSearch size={17} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={found[current] ? `palette-${current}` : undefined}
          aria-label={t('palette.label')}
          placeholder={t('palette.placeholder')}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div
        className="palette-list"
        id="palette-list"
        role="listbox"
        aria-label={t('palette.label')}
      >
        {found.length === 0 ? (
          <p className="state-view">{t('palette.nothing')}</p>
        ) : (
          found.map((command, index) => {
            const Shape = command.id === 'go-incidents' ? IconAlertTriangle : icons[command.group];
            const first = found[index - 1]?.group !== command.group;
            return (
              <div key={command.id} role="presentation">
                {first ? <h3>{t(`palette.groups.${command.group}`)}</h3> : null}
                <div
                  id={`palette-${index}`}
                  role="option"
                  aria-selected={index === current}
                  className="option"
                  ref={(element) => {
                    if (index === current) element?.scrollIntoView({ block: 'nearest' });
                  }}
                  onPointerMove={() => setChosen(index)}
                  onClick={() => run(command)}
                >
                  <Shape size={16} aria-hidden />
                  <span className="cut">{command.label}</span>
                  <span className="mut sm cut">{command.detail}</span>
                  {command.keys === undefined ? null : <kbd className="end">{command.keys}</kbd>}
                </div>
              </div>
            );
          })
        )}
      </div>
      <div className="palette-foot">
        <span>
          <kbd>&gt;</kbd> {t('palette.verbs')}
        </span>
        <span>
          <kbd>/</kbd> {t('palette.step')}
        </span>
        <span>
          <kbd>#</kbd> {t('palette.run')}
        </span>
      </div>
    </>
  );
}

function useFound(query: string): Command[] {
  const { t, text } = useWords();
  const navigate = useNavigate();
  const { data: journeys } = useQuery(journeysQuery);
  const sources = useCommands((state) => state.sources);
  const verbs = useVerbs();
  const all = useMemo(() => {
    const listed = (journeys ?? []).map((journey): Command => ({
      id: `journey-${journey.key}`,
      group: 'journeys',
      label: text(journey.name) || journey.key,
      detail: `${journey.key} · ${t(`journeyStates.${journey.state}`)}`,
      run: () => void navigate({ to: '/journeys/$key', params: { key: journey.key } }),
    }));
    return [...Object.values(sources).flat(), ...listed, ...verbs];
  }, [journeys, sources, verbs, text, t, navigate]);

  return useMemo(() => {
    const only = prefixes[query[0] ?? ''];
    const needle = (only ? query.slice(1) : query).trim().toLowerCase();
    const words = needle.split(/\s+/);
    const matching = all.filter((command) => {
      if (only && command.group !== only) return false;
      const hay = `${command.label} ${command.detail ?? ''}`.toLowerCase();
      return words.every((word) => hay.includes(word));
    });
    const asRun: Command[] =
      /^[\w-]{6,}$/.test(needle) && (only === 'runs' || matching.length === 0)
        ? [
            {
              id: 'run-by-id',
              group: 'runs',
              label: t('palette.openRun', { id: needle }),
              run: () => void navigate({ to: '/runs/$id', params: { id: needle } }),
            },
          ]
        : [];
    return groups
      .flatMap((group) => [...matching, ...asRun].filter((command) => command.group === group))
      .slice(0, 60);
  }, [all, query, t, navigate]);
}
