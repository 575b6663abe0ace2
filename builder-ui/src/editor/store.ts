import type { JourneyDocument, Position } from '@sojourn/schemas';
import { createContext, useContext } from 'react';
import { createStore, useStore, type StoreApi } from 'zustand';
import type { Draft } from '../api/shapes.ts';
import { readDraft } from '../document/draft.ts';
import type { PortPlace } from '../document/edits.ts';
import type { CalledJourney, Diagnostic } from '../document/engine.ts';
import { edit, historyOf, redo, undo, type History } from '../document/history.ts';

/** How saving stands. */
export type SaveState =
  | { type: 'saved'; at: number }
  | { type: 'unsaved' }
  | { type: 'saving' }
  | { type: 'failed' }
  | { type: 'conflict'; theirs: Draft; base: JourneyDocument };

/** What stands over the editor. */
export type EditorDialog =
  | { type: 'add'; after?: PortPlace; at?: Position }
  | { type: 'connect'; from: string; port?: string }
  | { type: 'publish' };

/** One open draft: its document with history; selection and saving beside it, in no history. */
export interface EditorState {
  key: string;
  history: History<JourneyDocument>;
  selection: readonly string[];
  selectedEdge: string | undefined;
  revision: number;
  save: SaveState;
  diagnostics: readonly Diagnostic[] | undefined;
  checkedAt: number | undefined;
  /** Published versions that the document's calls mean, as far as they are known. */
  called: readonly CalledJourney[];
  dialog: EditorDialog | undefined;
  tool: 'pointer' | 'hand';
  problemsOpen: boolean;
  /** Whether the inspector is open where it is a drawer. */
  inspecting: boolean;
  /** Changes the document. Edits of one gesture share a merge key and become one step of undo. */
  apply: (change: (document: JourneyDocument) => JourneyDocument, mergeKey?: string) => void;
  undo: () => void;
  redo: () => void;
  select: (ids: readonly string[]) => void;
  selectEdge: (id: string | undefined) => void;
}

export type Editor = StoreApi<EditorState>;

/** Opens a draft. */
export function createEditor(key: string, draft: Draft): Editor {
  return createStore<EditorState>()((set) => ({
    key,
    history: historyOf(readDraft(draft.document, key)),
    selection: [],
    selectedEdge: undefined,
    revision: draft.revision,
    save: { type: 'saved', at: Date.parse(draft.updatedAt) },
    diagnostics: undefined,
    checkedAt: undefined,
    called: [],
    dialog: undefined,
    tool: 'pointer',
    problemsOpen: true,
    inspecting: false,
    apply: (change, mergeKey) =>
      set(({ history }) => ({ history: edit(history, change(history.present), mergeKey) })),
    undo: () => set(({ history, selection }) => kept(undo(history), selection)),
    redo: () => set(({ history, selection }) => kept(redo(history), selection)),
    select: (ids) =>
      set(({ selection }) =>
        ids.length === selection.length && ids.every((id) => selection.includes(id))
          ? {}
          : { selection: ids, selectedEdge: undefined },
      ),
    selectEdge: (selectedEdge) =>
      set(selectedEdge === undefined ? { selectedEdge } : { selectedEdge, selection: [] }),
  }));
}

/** Another history, with what of the selection it still has. */
function kept(
  history: History<JourneyDocument>,
  selection: readonly string[],
): Partial<EditorState> {
  const { steps, notes } = history.present;
  return {
    history,
    selection: selection.filter((id) => steps[id] ?? notes?.some((note) => note.id === id)),
  };
}

export const EditorContext = createContext<Editor | undefined>(undefined);

/** The open editor itself, for acting. */
export function useEditorStore(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('no editor is open here');
  return editor;
}

/** A part of the open editor, for drawing. */
export function useEditor<Part>(selector: (state: EditorState) => Part): Part {
  return useStore(useEditorStore(), selector);
}

/** The document as it stands. */
export function useDocument(): JourneyDocument {
  return useEditor((state) => state.history.present);
}
