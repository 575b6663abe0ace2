import { Textarea } from '@mantine/core';
import type { Step } from '@sojourn/schemas';
import { useState } from 'react';
import { useEditorStore } from '../editor/store.ts';
import { readDraft } from '../document/draft.ts';
import { replaceStep } from '../document/edits.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button } from '../ui/Button.tsx';

/** The step as JSON, to be read, copied and changed by hand. */
export function JsonTab({ id, step }: { id: string; step: Step }) {
  const { t } = useWords();
  const editor = useEditorStore();
  const standing = JSON.stringify(step, null, 2);
  const [text, setText] = useState<string>();
  const read = text === undefined ? undefined : readStep(id, text);
  const apply = (): void => {
    if (!read) return;
    editor.getState().apply((current) => replaceStep(current, id, read));
    setText(undefined);
  };
  return (
    <>
      <Textarea
        aria-label="JSON"
        className="mono"
        autosize
        minRows={12}
        spellCheck={false}
        value={text ?? standing}
        error={text !== undefined && !read ? t('inspector.jsonInvalid') : undefined}
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="row">
        <Button disabled={text === undefined} onClick={() => setText(undefined)}>
          {t('actions.cancel')}
        </Button>
        <Button tone="primary" disabled={!read} onClick={apply}>
          {t('actions.apply')}
        </Button>
      </div>
    </>
  );
}

function readStep(id: string, text: string): Step | undefined {
  try {
    return readDraft({ steps: { [id]: JSON.parse(text) as unknown } }, id).steps[id];
  } catch {
    return undefined;
  }
}
