import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Glyph } from '../ui/Glyph.tsx';
import { useEditorTools } from './actions-context.ts';
import { usePalette, type PaletteItem } from './palette-items.ts';

/** The steps that can be added: dragged to a place, or with a click or Enter after the selection. */
export function Palette({ search }: { search: RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const groups = usePalette();
  const [query, setQuery] = useState('');
  const needle = query.trim().toLowerCase();
  const shown = groups
    .map((group) => ({ ...group, items: group.items.filter((item) => matches(item, needle)) }))
    .filter((group) => group.items.length > 0);
  return (
    <aside className="palette" aria-label={t('palette.steps')}>
      <TextInput
        ref={search}
        aria-label={t('palette.find')}
        placeholder={t('palette.find')}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={<kbd>/</kbd>}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setQuery('');
        }}
      />
      {shown.map(({ category, items }) => (
        <section key={category}>
          <h3>{t(`categories.${category}`)}</h3>
          {items.map((item) => (
            <Item key={item.id} item={item} />
          ))}
        </section>
      ))}
      {shown.length === 0 ? <p className="hint">{t('palette.nothing')}</p> : null}
    </aside>
  );
}

function matches(item: PaletteItem, needle: string): boolean {
  return `${item.label} ${item.detail} ${item.id}`.toLowerCase().includes(needle);
}

function Item({ item }: { item: PaletteItem }) {
  const { t } = useTranslation();
  const { actions, meet } = useEditorTools();
  const off = item.unavailable !== undefined;
  return (
    <button
      type="button"
      className="item"
      aria-disabled={off}
      aria-label={
        off ? `${item.label}, ${item.unavailable}` : t('palette.addName', { name: item.label })
      }
      title={item.unavailable ?? item.detail}
      draggable={!off}
      onDragStart={(event) => {
        event.dataTransfer.setData('application/x-sojourn-step', item.id);
        event.dataTransfer.effectAllowed = 'copy';
      }}
      onClick={() => {
        if (off) return;
        const id = actions.add(item);
        meet(id);
      }}
    >
      <Glyph looks={item.looks} />
      <span className="cut">
        {item.label}
        {off ? <em>{item.unavailable}</em> : null}
      </span>
    </button>
  );
}
