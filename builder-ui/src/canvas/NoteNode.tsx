import type { NodeProps } from '@xyflow/react';
import { memo, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { NoteWriter } from './note-writer.ts';
import type { NoteNodeType } from './graph.ts';

/** A sticky note: written in place. */
export const NoteNode = memo(function NoteNode({ id, data }: NodeProps<NoteNodeType>) {
  const { t } = useTranslation();
  const write = useContext(NoteWriter);
  if (!data.editable) return <p className="pre">{data.text}</p>;
  return (
    <textarea
      className="nowheel"
      aria-label={t('canvas.note')}
      placeholder={t('canvas.notePlaceholder')}
      value={data.text}
      onChange={(event) => write(id, event.currentTarget.value)}
    />
  );
});
