import { Modal } from '@mantine/core';
import type { JourneyDocument } from '@sojourn/schemas';
import { useMemo, useState } from 'react';
import { useManifests, useNameOf } from '../api/queries.ts';
import type { Draft } from '../api/shapes.ts';
import { changedOnlyBy, changesBetween, mergeSteps } from '../document/changes.ts';
import { readDraft } from '../document/draft.ts';
import { looksOf } from '../document/kinds.ts';
import { titleOf } from '../document/summaries.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button } from '../ui/Button.tsx';
import { Glyph } from '../ui/Glyph.tsx';
import { Segments } from '../ui/Segments.tsx';
import { resolveConflict } from './autosave.ts';
import { useDocument, useEditor, useEditorStore } from './store.ts';

/** Somebody else saved meanwhile: mine, theirs, or a choice for each step. */
export function ConflictDialog() {
  const { t } = useWords();
  const save = useEditor((state) => state.save);
  return (
    <Modal
      opened={save.type === 'conflict'}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      title={t('conflict.title')}
      size={560}
    >
      {save.type === 'conflict' ? <Choices theirs={save.theirs} base={save.base} /> : null}
    </Modal>
  );
}

function Choices({ theirs, base }: { theirs: Draft; base: JourneyDocument }) {
  const words = useWords();
  const { t } = words;
  const editor = useEditorStore();
  const nameOf = useNameOf();
  const manifests = useManifests();
  const mine = useDocument();
  const their = useMemo(() => readDraft(theirs.document, editor.getState().key), [theirs, editor]);
  const changes = useMemo(() => changesBetween(mine, their), [mine, their]);
  const [fromTheirs, setFromTheirs] = useState<ReadonlySet<string>>(
    () => new Set(changedOnlyBy(their, base, mine)),
  );
  const choose = (id: string, whose: 'mine' | 'theirs'): void => {
    const others = [...fromTheirs].filter((other) => other !== id);
    setFromTheirs(new Set(whose === 'theirs' ? [...others, id] : others));
  };
  return (
    <div className="col">
      <p className="sec">
        {t('conflict.intro', {
          who: nameOf(theirs.updatedBy),
          time: words.moment(theirs.updatedAt),
        })}
      </p>
      {changes.length === 0 ? <p className="hint">{t('conflict.noSteps')}</p> : null}
      <ul className="choices">
        {changes.map(({ id, how }) => {
          const step = mine.steps[id] ?? their.steps[id];
          if (!step) return null;
          const title = titleOf(id, step, manifests, words);
          return (
            <li key={id} className="row">
              <Glyph looks={looksOf(step, manifests)} />
              <span className="grow cut">{title}</span>
              <span className="tag">{t(`conflict.${how}`)}</span>
              <Segments
                label={title}
                value={fromTheirs.has(id) ? 'theirs' : 'mine'}
                options={[
                  { value: 'mine', label: t('conflict.mine') },
                  { value: 'theirs', label: t('conflict.theirs') },
                ]}
                onChange={(whose) => choose(id, whose)}
              />
            </li>
          );
        })}
      </ul>
      <div className="row">
        <Button onClick={() => resolveConflict(editor, 'theirs')}>
          {t('conflict.takeTheirs')}
        </Button>
        <Button className="end" onClick={() => resolveConflict(editor, mine)}>
          {t('conflict.keepMine')}
        </Button>
        {changes.length > 0 ? (
          <Button
            tone="primary"
            onClick={() => resolveConflict(editor, mergeSteps(mine, their, fromTheirs))}
          >
            {t('conflict.useChoice')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
