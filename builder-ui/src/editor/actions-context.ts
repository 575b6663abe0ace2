import { createContext, useContext, type RefObject } from 'react';
import type { CanvasHandle } from '../canvas/JourneyCanvas.tsx';
import type { EditorActions } from './actions.ts';

/** The commands of the open editor and its canvas. */
export interface EditorTools {
  actions: EditorActions;
  canvas: RefObject<CanvasHandle | null>;
  /** Selects a step and brings it into view. */
  goTo: (id: string) => void;
  /** Selects a step that was just added; the picture stays where it is if the step is in view. */
  meet: (id: string) => void;
}

export const EditorToolsContext = createContext<EditorTools | undefined>(undefined);

/** The commands of the open editor. */
export function useEditorTools(): EditorTools {
  const tools = useContext(EditorToolsContext);
  if (!tools) throw new Error('no editor is open here');
  return tools;
}
