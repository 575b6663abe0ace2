import type { JourneyDocument, PluginManifest, Position } from '@sojourn/schemas';
import { Position as Side, type Edge, type Node, type NodeHandle } from '@xyflow/react';
import { card, freePlace, pitch } from '../document/layout.ts';
import type { CalledJourney } from '../document/engine.ts';
import { looksOf, type Looks } from '../document/kinds.ts';
import { edgeId, shownPorts, targetsOf, type Reading } from '../document/reading.ts';
import { portOffset, wayBetween } from '../document/routes.ts';
import {
  entrySummary,
  openPortText,
  portLabel,
  summaryOf,
  titleOf,
} from '../document/summaries.ts';
import type { Words } from '../i18n/use-words.ts';

// React Flow's nodes, handles and edges, made from a document. Sizes and handles are given, so nothing is measured.

/** What a mode lays over a step: line two, a marker, heat, an outline. */
export interface StepOverlay {
  count?: string;
  line?: string;
  alarm?: string;
  /** Share of people, from 0 to 1. */
  heat?: number;
  marker?: { tone: 'bad' | 'warn' | 'ok' | 'accent'; icon: string; text?: string };
  look?: 'walk' | 'here' | 'same' | 'add' | 'chg' | 'del';
}

export interface PortView {
  port: string;
  label: string;
  left: number;
  /** Leads nowhere although it must. */
  open: boolean;
  /** Leads nowhere and need not. */
  idle: boolean;
}

export interface StepData extends Record<string, unknown> {
  looks: Looks;
  title: string;
  line: string;
  ports: PortView[];
  overlay?: StepOverlay;
  editable: boolean;
}

export interface NoteData extends Record<string, unknown> {
  text: string;
  editable: boolean;
}

export interface WayData extends Record<string, unknown> {
  points: Position[];
  label?: string;
  look?: 'walk' | 'same';
}

/** Where a stub leaves or enters a card, on which side, and whether there is room for words there. */
export interface Stub extends Position {
  side: 'left' | 'right';
  small: boolean;
}

export interface BackData extends Record<string, unknown> {
  points: Position[];
  exit: Stub;
  entry: Stub;
  toTitle: string;
  fromTitle: string;
  look?: 'walk' | 'same';
}

export type StepNodeType = Node<StepData, 'step'>;
export type NoteNodeType = Node<NoteData, 'note'>;
export type CanvasNode = StepNodeType | NoteNodeType;
export type WayEdgeType = Edge<WayData, 'way'>;
export type BackEdgeType = Edge<BackData, 'back'>;
export type CanvasEdge = WayEdgeType | BackEdgeType;

/** The id of the card that stands for the journey's beginning. It is no step. */
export const entryId = '@entry';

export interface Scene {
  document: JourneyDocument;
  manifests: readonly PluginManifest[];
  /** Published versions that its calls mean. */
  journeys: readonly CalledJourney[];
  positions: Record<string, Position>;
  reading: Reading;
  words: Words;
  editable: boolean;
  /** Whether the designers' notes are drawn. */
  notes: boolean;
}

/** Where the card of the beginning lies: above the first step, or beside that place when another card lies there. */
export function entryPlace(scene: Pick<Scene, 'document' | 'positions'>): Position {
  const start = scene.positions[scene.document.start] ?? { x: 0, y: 0 };
  return freePlace({ x: start.x, y: start.y - pitch.y }, Object.values(scene.positions));
}

/** Every card and note. */
export function nodesOf(
  scene: Scene,
  overlayOf: (id: string) => StepOverlay | undefined,
): CanvasNode[] {
  const { document, words, editable } = scene;
  const cards = scene.reading.order.map((id, index) =>
    stepNode(scene, id, index + 1, overlayOf(id)),
  );
  const notes = (scene.notes ? (document.notes ?? []) : []).map((note): NoteNodeType => ({
    id: note.id,
    type: 'note',
    position: { x: note.x, y: note.y },
    width: 200,
    height: 96,
    draggable: editable,
    data: { text: note.text, editable },
    ariaLabel: words.t('canvas.noteName', { text: note.text }),
  }));
  return [entryNode(scene), ...cards, ...notes];
}

function entryNode(scene: Scene): StepNodeType {
  const { document, words } = scene;
  const title = words.t('canvas.entry');
  const line = entrySummary(document, words);
  return {
    id: entryId,
    type: 'step',
    position: entryPlace(scene),
    width: card.width,
    height: card.height,
    draggable: false,
    connectable: scene.editable,
    data: {
      looks: { category: 'flow', icon: 'entry' },
      title,
      line,
      ports: [{ port: 'start', label: '', left: card.width / 2, open: false, idle: false }],
      editable: scene.editable,
    },
    handles: [outHandle('start', card.width / 2)],
    ariaRole: 'button',
    ariaLabel: `${title}, ${line}`,
    domAttributes: attributes('flow', words.t('canvas.stepRole')),
  };
}

function stepNode(
  scene: Scene,
  id: string,
  number: number,
  overlay: StepOverlay | undefined,
): StepNodeType {
  const { document, manifests, words } = scene;
  const step = document.steps[id];
  if (!step) throw new Error(`reading order names '${id}', which is no step`);
  const looks = looksOf(step, manifests);
  const title = titleOf(id, step, manifests, words);
  const line = summaryOf(id, document, manifests, words);
  const targets = targetsOf(document, id);
  const known = shownPorts(document, id, manifests, scene.journeys);
  const single = known.length === 1 && step.kind !== 'action';
  const ports = known.map(({ port, required }, index): PortView => ({
    port,
    label: single && targets.has(port) ? '' : portLabel(step, port, words),
    left: portOffset(index, known.length),
    open: required && !targets.has(port),
    idle: !required && !targets.has(port),
  }));
  const spoken = known.map(({ port, required }) => {
    const target = targets.get(port);
    const to = target === undefined ? undefined : document.steps[target];
    const name = portLabel(step, port, words);
    return target !== undefined && to
      ? words.t('canvas.portTo', { port: name, step: titleOf(target, to, manifests, words) })
      : `${name}, ${openPortText(step, port, required, manifests, words)}`;
  });
  return {
    id,
    type: 'step',
    position: scene.positions[id] ?? { x: 0, y: 0 },
    width: card.width,
    height: card.height,
    draggable: scene.editable,
    connectable: scene.editable,
    data: { looks, title, line, ports, editable: scene.editable, ...(overlay ? { overlay } : {}) },
    handles: [
      {
        id: 'in',
        type: 'target',
        position: Side.Top,
        x: card.width / 2 - 5,
        y: -5,
        width: 9,
        height: 9,
      },
      ...ports.map((port) => outHandle(port.port, port.left)),
    ],
    className: overlay?.look ?? '',
    ariaRole: 'button',
    ariaLabel: words.t('canvas.stepName', {
      title,
      line: [overlay?.count, overlay?.line ?? line, overlay?.alarm].filter(Boolean).join(' '),
      number,
      count: scene.reading.order.length,
      ports: spoken.join('; ') || words.t('canvas.noPorts'),
    }),
    domAttributes: attributes(looks.category, words.t('canvas.stepRole')),
  };
}

function attributes(category: string, role: string): NonNullable<StepNodeType['domAttributes']> {
  // React Flow's type knows no data attributes; the DOM does.
  return { 'data-cat': category, 'aria-roledescription': role } as NonNullable<
    StepNodeType['domAttributes']
  >;
}

function outHandle(id: string, left: number): NodeHandle {
  return {
    id,
    type: 'source',
    position: Side.Bottom,
    x: left - 5,
    y: card.height - 5,
    width: 9,
    height: 9,
  };
}

export interface EdgeOverlay {
  label?: string;
  look?: 'walk' | 'same';
}

/** Every edge: ways forward, and those that lead back as pairs of stubs. */
export function edgesOf(
  scene: Scene,
  overlayOf: (id: string) => EdgeOverlay | undefined,
): CanvasEdge[] {
  const { document, positions, reading } = scene;
  const entering = ranksOfEntering(scene);
  const obstacles = Object.entries(positions);
  const edges: CanvasEdge[] = [entryEdge(scene)];
  const stubs = stubsOf(scene);
  for (const edge of document.edges) {
    const from = document.steps[edge.from];
    const [place, target] = [positions[edge.from], positions[edge.to]];
    if (!from || !document.steps[edge.to] || !place || !target) continue;
    const id = edgeId(edge);
    const overlay = overlayOf(id) ?? {};
    const ports = shownPorts(document, edge.from, scene.manifests, scene.journeys);
    const index = ports.findIndex((port) => port.port === edge.port);
    const source = {
      x: place.x + portOffset(Math.max(index, 0), ports.length),
      y: place.y + card.height,
    };
    const common = {
      id,
      source: edge.from,
      target: edge.to,
      sourceHandle: edge.port,
      targetHandle: 'in',
    };
    if (reading.back.has(id)) {
      const data = backData(scene, edge, source, stubs);
      edges.push({ ...common, type: 'back', data: { ...data, ...overlay } });
      continue;
    }
    const others = obstacles.filter(([other]) => other !== edge.from && other !== edge.to);
    const points = wayBetween(source, target, {
      enterAt: entering.get(id) ?? 0,
      obstacles: others.map(([, box]) => box),
    });
    edges.push({ ...common, type: 'way', data: { points, ...overlay } });
  }
  return edges;
}

function entryEdge(scene: Scene): WayEdgeType {
  const place = entryPlace(scene);
  const start = scene.positions[scene.document.start] ?? { x: 0, y: 0 };
  const source = { x: place.x + card.width / 2, y: place.y + card.height };
  return {
    id: entryId,
    type: 'way',
    source: entryId,
    sourceHandle: 'start',
    target: scene.document.start,
    targetHandle: 'in',
    selectable: false,
    data: {
      points: wayBetween(source, start, {
        obstacles: Object.values(scene.positions).filter((other) => other !== start),
      }),
    },
  };
}

function backData(
  scene: Scene,
  edge: { from: string; port: string; to: string },
  source: Position,
  stubs: ReadonlyMap<string, { exit: Stub; entry: Stub }>,
): BackData {
  const { document, positions, manifests, words } = scene;
  const place = positions[edge.from] ?? source;
  const target = positions[edge.to] ?? source;
  const title = (id: string): string => {
    const step = document.steps[id];
    return step ? titleOf(id, step, manifests, words) : id;
  };
  const lane = Math.min(place.x, target.x) - 28;
  const low = source.y + 27;
  const middle = target.y + card.height / 2;
  const nowhere: Stub = { ...source, side: 'right', small: true };
  const { exit = nowhere, entry = nowhere } = stubs.get(edgeId(edge)) ?? {};
  return {
    points: [
      source,
      { x: source.x, y: low },
      { x: lane, y: low },
      { x: lane, y: middle },
      { x: target.x, y: middle },
    ],
    exit,
    entry,
    toTitle: title(edge.to),
    fromTitle: title(edge.from),
  };
}

const stubPitch = 22;
const roomForWords = 150;

/** Both stubs of every edge that leads back: beside their cards, one above the other, on the side where there is room. */
function stubsOf({
  document,
  positions,
  reading,
}: Scene): Map<string, { exit: Stub; entry: Stub }> {
  const back = document.edges.filter((edge) => reading.back.has(edgeId(edge)));
  const count = (all: readonly string[], id: string): number =>
    all.filter((one) => one === id).length;
  const froms = back.map((edge) => edge.from);
  const tos = back.map((edge) => edge.to);
  const at = (id: string, wished: Stub['side'], index: number, of: number): Stub => {
    const place = positions[id] ?? { x: 0, y: 0 };
    const other = wished === 'right' ? 'left' : 'right';
    const room = (side: Stub['side']): boolean => roomBeside(id, side, positions) >= roomForWords;
    const side = room(wished) || !room(other) ? wished : other;
    return {
      x: place.x + (side === 'right' ? card.width : 0),
      y: place.y + card.height / 2 + (index - (of - 1) / 2) * stubPitch,
      side,
      small: !room(side),
    };
  };
  return new Map(
    back.map((edge, index) => [
      edgeId(edge),
      {
        exit: at(
          edge.from,
          'right',
          count(froms.slice(0, index), edge.from),
          count(froms, edge.from),
        ),
        entry: at(edge.to, 'left', count(tos.slice(0, index), edge.to), count(tos, edge.to)),
      },
    ]),
  );
}

/** How far the nearest card on a side of this one is. */
function roomBeside(
  id: string,
  side: Stub['side'],
  positions: Readonly<Record<string, Position>>,
): number {
  const place = positions[id];
  if (!place) return 0;
  const gaps = Object.values(positions)
    .filter((other) => other !== place && Math.abs(other.y - place.y) < card.height)
    .map((other) => (side === 'right' ? other.x - place.x : place.x - other.x) - card.width)
    .filter((gap) => gap >= 0);
  return Math.min(Infinity, ...gaps);
}

/** Where on its target's upper side each forward edge enters: side by side, in the order of their sources. */
function ranksOfEntering({ document, positions, reading }: Scene): Map<string, number> {
  const groups = new Map<string, { id: string; x: number }[]>();
  for (const edge of document.edges) {
    const id = edgeId(edge);
    const [place, target] = [positions[edge.from], positions[edge.to]];
    if (!place || !target || reading.back.has(id) || place.y + card.height + 20 > target.y)
      continue;
    groups.set(edge.to, [...(groups.get(edge.to) ?? []), { id, x: place.x }]);
  }
  const result = new Map<string, number>();
  for (const group of groups.values()) {
    const gap = Math.min(32, 160 / group.length);
    group.sort((one, other) => one.x - other.x);
    group.forEach(({ id }, index) => result.set(id, (index - (group.length - 1) / 2) * gap));
  }
  return result;
}
