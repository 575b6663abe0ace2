import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { IconButton } from '../ui/Button.tsx';

/** One entry of an ordered list in a step: moved, removed. */
export function ListBox(props: {
  title: string;
  index: number;
  count: number;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
  children: ReactNode;
}) {
  const { t } = useWords();
  const { title, index, count } = props;
  return (
    <div className="box" role="group" aria-label={title}>
      <div className="row" style={{ gap: 2 }}>
        <span className="sec-h grow">{title}</span>
        <IconButton
          className="small"
          label={t('fields.up')}
          disabled={index === 0}
          onClick={() => props.onMove(-1)}
        >
          <IconArrowUp size={14} />
        </IconButton>
        <IconButton
          className="small"
          label={t('fields.down')}
          disabled={index === count - 1}
          onClick={() => props.onMove(1)}
        >
          <IconArrowDown size={14} />
        </IconButton>
        <IconButton
          className="small"
          label={t('fields.remove')}
          disabled={count === 1}
          onClick={props.onRemove}
        >
          <IconTrash size={14} />
        </IconButton>
      </div>
      {props.children}
    </div>
  );
}

/** The list with an item moved one place. */
export function moved<Item>(list: readonly Item[], index: number, by: -1 | 1): Item[] {
  const item = list[index];
  const rest = list.filter((_, at) => at !== index);
  return item === undefined
    ? [...list]
    : [...rest.slice(0, index + by), item, ...rest.slice(index + by)];
}
