import { useCallback, type KeyboardEvent } from 'react';
import { useManifests } from '../api/queries.ts';
import { entryId } from '../canvas/graph.ts';
import { positionsOf } from '../document/layout.ts';
import { isTyping } from '../shell/use-shell-keys.ts';
import { useEditorTools } from './actions-context.ts';
import { portAfter } from './actions.ts';
import { useEditorStore } from './store.ts';
import type { JourneyDocument } from '@sojourn/schemas';

const arrows = {
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
} as const;

/** The keys of the canvas, while it has the focus. */
export function useCanvasKeys(): (event: KeyboardEvent) => void {
  const editor = useEditorStore();
  const { actions, canvas, goTo } = useEditorTools();
  const manifests = useManifests();
  return useCallback(
    (event) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey) return;
      const { selection, history } = editor.getState();
      const document = history.present;
      const focused = (event.target as HTMLElement)
        .closest('.react-flow__node')
        ?.getAttribute('data-id');
      const current = focused ?? selection.at(-1);
      const direction = arrows[event.key as keyof typeof arrows] as Direction | undefined;
      const done = (): void => {
        event.preventDefault();
        event.stopPropagation();
      };
      if (direction) {
        done();
        if (event.altKey) return actions.nudge({ x: direction.x * 20, y: direction.y * 20 });
        const next = neighbour(document, current, direction);
        if (next === undefined) return;
        editor.getState().select(event.shiftKey ? [...new Set([...selection, next])] : [next]);
        canvas.current?.focus(next);
        return;
      }
      switch (event.key) {
        case 'Enter':
        case ' ':
          if (current === undefined) return;
          done();
          editor.getState().select([current]);
          editor.setState({ inspecting: true });
          requestAnimationFrame(() =>
            globalThis.document
              .querySelector<HTMLElement>('.inspector input, .inspector textarea')
              ?.focus(),
          );
          return;
        case 'a':
        case 'A': {
          done();
          const after =
            current !== undefined && document.steps[current]
              ? portAfter(document, current, manifests, editor.getState().called)
              : undefined;
          editor.setState({ dialog: { type: 'add', ...(after ? { after } : {}) } });
          return;
        }
        case 'c':
        case 'C':
          if (current === undefined) return;
          done();
          editor.setState({ dialog: { type: 'connect', from: current } });
          return;
        case 'n':
        case 'N': {
          const middle = canvas.current?.middle();
          if (middle) actions.note(middle);
          return;
        }
        case '1':
          return canvas.current?.fit();
        case '0':
          return canvas.current?.zoom('whole');
        case '+':
        case '=':
          return canvas.current?.zoom('in');
        case '-':
          return canvas.current?.zoom('out');
        default:
      }
    },
    [editor, actions, canvas, goTo, manifests],
  );
}

interface Direction {
  x: -1 | 0 | 1;
  y: -1 | 0 | 1;
}

/** The step that an arrow leads to: along an edge down or up, beside it left or right. */
export function neighbour(
  document: JourneyDocument,
  from: string | undefined,
  { x, y }: Direction,
): string | undefined {
  if (from === undefined || !document.steps[from])
    return from === entryId && y < 0 ? undefined : document.start;
  const positions = positionsOf(document);
  const here = positions[from] ?? { x: 0, y: 0 };
  const linked = document.edges
    .filter((edge) => (y > 0 ? edge.from === from : y < 0 ? edge.to === from : false))
    .map((edge) => (y > 0 ? edge.to : edge.from));
  const candidates = y === 0 ? Object.keys(document.steps) : linked;
  const distance = (id: string): number => {
    const place = positions[id] ?? here;
    return Math.abs(place.x - here.x) + Math.abs(place.y - here.y) * (y === 0 ? 4 : 1);
  };
  const ahead = candidates.filter((id) => {
    const place = positions[id];
    return id !== from && place && (y === 0 ? (place.x - here.x) * x > 20 : true);
  });
  const nearest = ahead.sort((one, other) => distance(one) - distance(other))[0];
  return nearest ?? (y < 0 && from === document.start ? entryId : undefined);
}
