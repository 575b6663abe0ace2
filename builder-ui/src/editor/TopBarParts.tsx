import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconCircleXFilled,
  IconCloudOff,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { versionsQuery } from '../api/queries.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { useEditor, useEditorStore } from './store.ts';

/** Where the draft comes from, how saving stands, undo, redo and Publish. */
export function EditTopBar() {
  const { t } = useWords();
  const editor = useEditorStore();
  const key = useEditor((state) => state.key);
  const canUndo = useEditor((state) => state.history.past.length > 0);
  const canRedo = useEditor((state) => state.history.future.length > 0);
  const errors = useEditor(
    (state) => state.diagnostics?.filter((finding) => finding.severity === 'error').length ?? 0,
  );
  const { data: versions } = useQuery(versionsQuery(key));
  const latest = Math.max(0, ...(versions ?? []).map((version) => version.number));
  return (
    <>
      <span className="tag line wide-part">
        {latest > 0 ? t('edit.draftFrom', { version: latest }) : t('edit.draft')}
      </span>
      <SaveNote />
      <IconButton
        className="phone-off"
        label={t('edit.undo')}
        shortcut="Ctrl Z"
        disabled={!canUndo}
        onClick={() => editor.getState().undo()}
      >
        <IconArrowBackUp size={16} />
      </IconButton>
      <IconButton
        className="phone-off"
        label={t('edit.redo')}
        shortcut="Ctrl Shift Z"
        disabled={!canRedo}
        onClick={() => editor.getState().redo()}
      >
        <IconArrowForwardUp size={16} />
      </IconButton>
      <Button
        tone={errors > 0 ? 'plain' : 'primary'}
        title={errors > 0 ? t('edit.blocked', { count: errors }) : undefined}
        onClick={() => editor.setState({ dialog: { type: 'publish' } })}
      >
        {t('edit.publish', { version: latest + 1 })}
        {errors > 0 ? (
          <span className="st bad">
            <IconCircleXFilled size={14} aria-hidden />
            {errors}
          </span>
        ) : null}
      </Button>
    </>
  );
}

function SaveNote() {
  const { t, clock } = useWords();
  const save = useEditor((state) => state.save);
  if (save.type === 'failed')
    return (
      <span className="st bad sm" role="status">
        <IconCloudOff size={14} aria-hidden />
        {t('edit.notSaved')}
      </span>
    );
  if (save.type === 'conflict') return <span className="st bad sm">{t('conflict.short')}</span>;
  const words =
    save.type === 'saved' ? t('edit.savedAt', { time: clock(save.at) }) : t('edit.saving');
  return <span className="xs mut nw wide-part num">{words}</span>;
}
