import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client.ts';
import { setField } from '../document/edits.ts';
import { autosave, resolveConflict, type SaveDraft } from './autosave.ts';
import { createEditor, type Editor } from './store.ts';

const draft = {
  journey: 'j',
  revision: 7,
  diagnostics: [],
  updatedAt: '2026-11-17T10:41:00Z',
  updatedBy: 'somebody',
  document: { name: 'J', start: 'a', steps: { a: { kind: 'end', outcome: 'ok' } }, edges: [] },
};
const rename = (editor: Editor, name: string): void =>
  editor.getState().apply((document) => setField(document, 'name', name));

describe('saving by itself', () => {
  let editor: Editor;
  beforeEach(() => {
    vi.useFakeTimers();
    editor = createEditor('j', draft);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends the document 500 ms after the last edit, on top of its revision (A1)', async () => {
    const save = vi.fn<SaveDraft>().mockResolvedValue(8);
    autosave(editor, save);

    rename(editor, 'K');
    await vi.advanceTimersByTimeAsync(400);
    rename(editor, 'L');
    await vi.advanceTimersByTimeAsync(499);
    expect(save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);

    expect(save).toHaveBeenCalledOnce();
    expect(save.mock.calls[0]).toMatchObject([{ name: 'L' }, 7]);
    expect(editor.getState()).toMatchObject({ revision: 8, save: { type: 'saved' } });
  });

  it('sends what was typed during a save afterwards, on top of the new revision (A2)', async () => {
    let finish: (revision: number) => void = () => undefined;
    const save = vi
      .fn<SaveDraft>()
      .mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)))
      .mockResolvedValue(9);
    autosave(editor, save);

    rename(editor, 'K');
    await vi.advanceTimersByTimeAsync(500);
    rename(editor, 'L');
    await vi.advanceTimersByTimeAsync(2000);
    expect(save).toHaveBeenCalledOnce();
    finish(8);
    await vi.advanceTimersByTimeAsync(10);

    expect(save.mock.calls[1]).toMatchObject([{ name: 'L' }, 8]);
  });

  it('tries again until it succeeds (A3)', async () => {
    const save = vi
      .fn<SaveDraft>()
      .mockRejectedValueOnce(new ApiError(0, {}, undefined))
      .mockResolvedValue(8);
    autosave(editor, save);

    rename(editor, 'K');
    await vi.advanceTimersByTimeAsync(500);
    expect(editor.getState().save.type).toBe('failed');
    await vi.advanceTimersByTimeAsync(1000);

    expect(editor.getState().save.type).toBe('saved');
  });

  it('stops at a conflict until a person has chosen, and saves the choice on top of theirs', async () => {
    const theirs = { ...draft, revision: 12, document: { ...draft.document, name: 'Theirs' } };
    const save = vi
      .fn<SaveDraft>()
      .mockRejectedValueOnce(new ApiError(412, { yours: 7, theirs: 12 }, undefined))
      .mockResolvedValue(13);
    autosave(editor, save, () => Promise.resolve(theirs));

    rename(editor, 'Mine');
    await vi.advanceTimersByTimeAsync(5000);
    expect(editor.getState().save).toMatchObject({ type: 'conflict' });
    expect(save).toHaveBeenCalledOnce();
    resolveConflict(editor, editor.getState().history.present);
    await vi.advanceTimersByTimeAsync(500);

    expect(save.mock.calls[1]).toMatchObject([{ name: 'Mine' }, 12]);
    expect(editor.getState().save.type).toBe('saved');
  });
});
