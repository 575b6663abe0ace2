import { useEffect, useRef, type RefObject } from 'react';
import { commandStore } from '../shell/commands.ts';
import { isTyping } from '../shell/use-shell-keys.ts';
import { useEditorTools } from './actions-context.ts';
import { useEditorStore } from './store.ts';

/** The keys that act in the whole editor, canvas and outline alike. */
export function useEditorShortcuts(options: {
  toggleView: () => void;
  search: RefObject<HTMLInputElement | null>;
}): void {
  const editor = useEditorStore();
  const { actions, goTo } = useEditorTools();
  const latest = useRef(options);
  const problem = useRef(-1);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    const nextProblem = (): void => {
      const findings = editor.getState().diagnostics ?? [];
      if (findings.length === 0) return;
      problem.current = (problem.current + 1) % findings.length;
      goTo(findings[problem.current]?.stepId ?? '');
    };
    const withControl: Record<string, (event: KeyboardEvent) => unknown> = {
      z: (event) => (event.shiftKey ? editor.getState().redo() : editor.getState().undo()),
      y: () => editor.getState().redo(),
      d: () => actions.duplicate(),
      c: () => actions.copy(),
      x: () => actions.cut(),
      v: () => actions.paste(),
      enter: () => editor.setState({ dialog: { type: 'publish' } }),
    };
    const alone: Record<string, () => unknown> = {
      delete: () => actions.remove(),
      backspace: () => actions.remove(),
      escape: () => editor.getState().select([]),
      l: () => actions.tidy(),
      v: () => latest.current.toggleView(),
      f8: nextProblem,
      '/': () => latest.current.search.current?.focus(),
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      const { dialog } = editor.getState();
      if (dialog ?? commandStore.getState().open) return;
      const key = event.key.toLowerCase();
      const control = event.ctrlKey || event.metaKey;
      const typing = isTyping(event.target);
      if (typing && key !== 'f8' && !(control && key === 'enter')) return;
      if (control && key === 'c' && String(getSelection()) !== '') return;
      if (event.altKey) return;
      const act = control ? withControl[key] : alone[key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [editor, actions, goTo]);
}
