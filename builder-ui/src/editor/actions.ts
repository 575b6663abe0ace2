import type { JourneyDocument, PluginManifest, Position } from '@sojourn/schemas';
import { entryId } from '../canvas/graph.ts';
import {
  addNote,
  addParallel,
  addStep,
  clip,
  connect,
  disconnect,
  moveInBranch,
  moveItems,
  parallelBefore,
  paste,
  removeItems,
  startAt,
  tidy,
  type Clipping,
  type PortPlace,
} from '../document/edits.ts';
import { portsOf, type CalledJourney, type Diagnostic } from '../document/engine.ts';
import { applyPatch } from '../document/patch.ts';
import { readDraft } from '../document/draft.ts';
import { shownPorts, targetsOf } from '../document/reading.ts';
import type { PaletteItem } from './palette-items.ts';
import type { Editor } from './store.ts';

/** Every command of the editor, whichever view or key asks for it. */
export interface EditorActions {
  /** Adds a step and selects it; answers its id. */
  add: (item: PaletteItem, place?: { after?: PortPlace; at?: Position }) => string;
  connect: (from: string, port: string, to: string) => void;
  disconnect: (from: string, port: string) => void;
  remove: (ids?: readonly string[]) => void;
  duplicate: () => void;
  copy: () => Promise<void>;
  cut: () => Promise<void>;
  paste: () => Promise<void>;
  move: (places: Record<string, Position>) => void;
  nudge: (by: Position) => void;
  /** Exchanges a step with its neighbour on the branch; answers whether there was one. */
  moveInBranch: (id: string, by: -1 | 1) => boolean;
  tidy: () => void;
  note: (at: Position) => void;
  mend: (diagnostic: Diagnostic) => void;
}

const mime = 'sojourn/steps:';
let clipboard: Clipping | undefined;

/** The port of a step that something added after it should take: the first open one, else the first. */
export function portAfter(
  document: JourneyDocument,
  step: string,
  manifests: readonly PluginManifest[],
  journeys: readonly CalledJourney[] = [],
): PortPlace | undefined {
  const ports = shownPorts(document, step, manifests, journeys);
  const targets = targetsOf(document, step);
  const open = ports.find((port) => port.required && !targets.has(port.port));
  const port = open ?? ports[0];
  return port && { step, port: port.port };
}

/** The commands over one open draft. */
export function createActions(editor: Editor, manifests: readonly PluginManifest[]): EditorActions {
  const { apply, select } = editor.getState();
  const document = (): JourneyDocument => editor.getState().history.present;
  const selected = (): readonly string[] => editor.getState().selection;
  const steps = (): string[] => selected().filter((id) => document().steps[id]);

  const pasteClipping = (clipping: Clipping): void => {
    const result = paste(document(), clipping);
    apply(() => result.document);
    select(result.ids);
  };
  /** The document with an item added, and the port by which its steps are left. */
  const addItem = (
    { step, idBase }: PaletteItem,
    place: { after?: PortPlace; at?: Position },
    near: string | undefined,
  ): { document: JourneyDocument; id: string; on?: PortPlace } => {
    if (step.kind === 'parallel') {
      const added = addParallel(document(), step, { idBase, ...place });
      return { ...added, on: { step: added.join, port: 'joined' } };
    }
    const port = portsOf(step, manifests)?.[0]?.port;
    const of = step.kind === 'join' ? parallelBefore(document(), near) : undefined;
    const added = addStep(
      document(),
      step.kind === 'join' && of !== undefined ? { ...step, of } : step,
      { idBase, ...place, ...(port === undefined ? {} : { firstPort: port }) },
    );
    return { ...added, ...(port === undefined ? {} : { on: { step: added.id, port } }) };
  };
  const actions: EditorActions = {
    add: (item, place = {}) => {
      const [only] = steps().length === 1 ? steps() : [];
      const after =
        place.after ??
        (place.at || only === undefined
          ? undefined
          : portAfter(document(), only, manifests, editor.getState().called));
      const fromEntry = after?.step === entryId;
      const options = {
        ...(after && !fromEntry ? { after } : {}),
        ...(place.at ? { at: place.at } : {}),
      };
      const result = addItem(item, options, after?.step ?? only);
      const led = fromEntry
        ? startAt(
            result.on === undefined
              ? result.document
              : connect(result.document, result.on.step, result.on.port, document().start),
            result.id,
          )
        : result.document;
      apply(() => led);
      select([result.id]);
      return result.id;
    },
    connect: (from, port, to) =>
      apply((current) =>
        from === entryId ? startAt(current, to) : connect(current, from, port, to),
      ),
    disconnect: (from, port) => apply((current) => disconnect(current, from, port)),
    remove: (ids = selected()) => {
      const { selectedEdge } = editor.getState();
      const edge = document().edges.find((one) => `${one.from}:${one.port}` === selectedEdge);
      if (edge) {
        apply((current) => disconnect(current, edge.from, edge.port));
        editor.getState().selectEdge(undefined);
      } else if (ids.length > 0) {
        apply((current) => removeItems(current, ids));
        select([]);
      }
    },
    duplicate: () => {
      if (steps().length > 0) pasteClipping(clip(document(), steps()));
    },
    copy: async () => {
      if (steps().length === 0) return;
      clipboard = clip(document(), steps());
      await navigator.clipboard.writeText(mime + JSON.stringify(clipboard)).catch(() => undefined);
    },
    cut: async () => {
      await actions.copy();
      actions.remove();
    },
    paste: async () => {
      const text = await navigator.clipboard.readText().catch(() => '');
      const clipping = text.startsWith(mime) ? readClipping(text.slice(mime.length)) : clipboard;
      if (clipping) pasteClipping(clipping);
    },
    move: (places) => apply((current) => moveItems(current, places)),
    nudge: (by) => {
      const places = document().layout ?? {};
      const moved = steps().flatMap((id) => {
        const place = places[id];
        return place ? [[id, { x: place.x + by.x, y: place.y + by.y }] as const] : [];
      });
      apply(
        (current) => moveItems(current, Object.fromEntries(moved)),
        `nudge:${selected().join()}`,
      );
    },
    moveInBranch: (id, by) => {
      const before = document();
      apply((current) => moveInBranch(current, id, by));
      return document() !== before;
    },
    tidy: () => apply(tidy),
    note: (at) => {
      const result = addNote(document(), at);
      apply(() => result.document);
      select([result.id]);
    },
    mend: ({ fix }) => {
      if (fix) apply((current) => readDraft(applyPatch(current, fix.patch), editor.getState().key));
    },
  };
  return actions;
}

function readClipping(text: string): Clipping | undefined {
  try {
    const value = JSON.parse(text) as Partial<Clipping> | null;
    if (!value?.steps || !value.edges || !value.layout) return undefined;
    return { steps: value.steps, edges: value.edges, layout: value.layout };
  } catch {
    return undefined;
  }
}
