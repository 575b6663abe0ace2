import type { JourneyDocument } from '@sojourn/schemas';
import { ApiError, callWhole } from '../api/client.ts';
import { fetchDraft, revisionOf } from '../api/queries.ts';
import type { Draft } from '../api/shapes.ts';
import { readDraft } from '../document/draft.ts';
import { edit } from '../document/history.ts';
import type { Editor } from './store.ts';

//   A1. What is typed is sent 500 ms after the last edit, on top of the revision it was made from.
//   A2. One save at a time. What was typed meanwhile is sent next.
//   A3. A save that failed is tried again until it succeeds; a conflict waits for a person's choice.

const quietMs = 500;
const longestDelayMs = 30_000;

/** Sends a document on top of a revision and answers the new revision; throws `ApiError` 412 on conflict. */
export type SaveDraft = (document: JourneyDocument, revision: number) => Promise<number>;

/** Saves drafts through the API. */
export function saveThroughApi(key: string): SaveDraft {
  return async (document, revision) => {
    const { body, headers } = await callWhole<Partial<Draft> | undefined>(
      `/journeys/${encodeURIComponent(key)}/draft`,
      { method: 'PUT', body: document, headers: { 'if-match': `"${revision}"` } },
    );
    return revisionOf(headers) ?? body?.revision ?? revision + 1;
  };
}

/** Keeps an editor saved until the returned `close` is called. */
export function autosave(
  editor: Editor,
  save: SaveDraft,
  fetchTheirs: (key: string) => Promise<Draft> = fetchDraft,
): { flush: () => Promise<void>; close: () => void } {
  let saved = editor.getState().history.present;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let delayMs = 1000;

  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), ms);
  };
  const send = async (): Promise<void> => {
    const { history, revision } = editor.getState();
    const document = history.present;
    editor.setState({ save: { type: 'saving' } });
    try {
      const next = await save(document, revision);
      saved = document;
      delayMs = 1000;
      const same = editor.getState().history.present === document;
      editor.setState({
        revision: next,
        save: same ? { type: 'saved', at: Date.now() } : { type: 'unsaved' },
      });
      if (!same) later(0);
    } catch (error) {
      await refused(error);
    }
  };
  const refused = async (error: unknown): Promise<void> => {
    if (error instanceof ApiError && error.status === 412) {
      const { key } = editor.getState();
      const theirs = await fetchTheirs(key).catch(() => undefined);
      if (theirs) {
        editor.setState({ save: { type: 'conflict', theirs, base: saved } });
        return;
      }
    }
    editor.setState({ save: { type: 'failed' } });
    later(delayMs);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    if (running) await running;
    const { history, save: state } = editor.getState();
    if (history.present === saved || state.type === 'conflict') return;
    running = send().finally(() => (running = undefined));
    await running;
  };
  const stop = editor.subscribe((state, before) => {
    if (state.history.present === before.history.present) return;
    if (state.save.type === 'conflict') return;
    if (state.history.present === saved && state.save.type !== 'saving') {
      clearTimeout(timer);
      editor.setState({ save: { type: 'saved', at: Date.now() } });
      return;
    }
    if (state.save.type === 'saved') editor.setState({ save: { type: 'unsaved' } });
    later(quietMs);
  });
  return {
    flush,
    close: () => {
      clearTimeout(timer);
      stop();
      void flush();
    },
  };
}

/** Ends a conflict with the document that a person chose; it is saved on top of theirs. */
export function resolveConflict(editor: Editor, chosen: 'theirs' | JourneyDocument): void {
  const { save, key, history } = editor.getState();
  if (save.type !== 'conflict') return;
  const document = chosen === 'theirs' ? readDraft(save.theirs.document, key) : chosen;
  // A new object in any case, so that the choice itself is saved.
  editor.setState({ revision: save.theirs.revision, save: { type: 'unsaved' } });
  editor.setState({ history: edit(history, { ...document }) });
}
