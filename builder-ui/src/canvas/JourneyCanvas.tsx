import '@xyflow/react/dist/base.css';
import './canvas.css';
import type { JourneyDocument, PluginManifest, Position } from '@sojourn/schemas';
import {
  Background,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
} from '@xyflow/react';
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from 'react';
import type { CalledJourney } from '../document/engine.ts';
import { positionsOf } from '../document/layout.ts';
import { readingOf } from '../document/reading.ts';
import { useWords } from '../i18n/use-words.ts';
import { BackEdge } from './BackEdge.tsx';
import {
  edgesOf,
  entryId,
  nodesOf,
  type CanvasEdge,
  type CanvasNode,
  type EdgeOverlay,
  type StepOverlay,
} from './graph.ts';
import { NoteNode } from './NoteNode.tsx';
import { NoteWriter } from './note-writer.ts';
import { StepNode } from './StepNode.tsx';
import { WayEdge } from './WayEdge.tsx';
import { fitting, shiftIntoView } from './fitting.ts';
import { ZoomBar } from './ZoomBar.tsx';

const nodeTypes = { step: StepNode, note: NoteNode };
const edgeTypes = { way: WayEdge, back: BackEdge };
const nothing = (): undefined => undefined;
const none: readonly CalledJourney[] = [];

/** What an editor may do with the canvas; a canvas without it is for looking. */
export interface CanvasEditing {
  tool: 'pointer' | 'hand';
  onMove: (places: Record<string, Position>) => void;
  /** Leads a port to a step. `from` is `entryId` when the journey's beginning is led. */
  onConnect: (from: string, port: string, to: string) => void;
  /** A port was dragged to an empty place. */
  onConnectNowhere: (from: string, port: string, at: Position) => void;
  onSelectEdge: (id: string | undefined) => void;
  selectedEdge?: string | undefined;
  /** Something from the palette was dropped. */
  onDropItem: (item: string, at: Position) => void;
  onWriteNote: (id: string, text: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** What others may ask of the canvas. */
export interface CanvasHandle {
  /** Brings a step to the middle, unless it is in view. */
  show: (id: string) => void;
  /** Moves the picture no further than it takes to have a step in view. */
  reveal: (id: string) => void;
  focus: (id: string) => void;
  fit: () => void;
  zoom: (how: 'in' | 'out' | 'whole') => void;
  middle: () => Position;
}

export interface JourneyCanvasProps {
  document: JourneyDocument;
  manifests: readonly PluginManifest[];
  /** Published versions that its calls mean: with them every port of a call is shown, else those that lead somewhere. */
  journeys?: readonly CalledJourney[];
  selection: readonly string[];
  onSelect: (ids: string[]) => void;
  overlay?: (id: string) => StepOverlay | undefined;
  edgeOverlay?: (id: string) => EdgeOverlay | undefined;
  editing?: CanvasEditing;
  /** Floating bars. */
  children?: ReactNode;
  handle?: Ref<CanvasHandle>;
  map?: boolean;
  /** Whether the designers' notes are drawn; they are by default. */
  notes?: boolean;
}

/** A journey as a picture: the same in every mode, with that mode's overlay. */
export function JourneyCanvas(props: JourneyCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas(props: JourneyCanvasProps) {
  const { document, manifests, journeys = none, selection, onSelect, editing, children } = props;
  const words = useWords();
  const { t } = words;
  const wrapper = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<Record<string, Position>>({});
  const [pending, setPending] = useState<{ from: string; port: string }>();
  const [connecting, setConnecting] = useState(false);
  const [map, setMap] = useState(props.map ?? true);
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  useHandle(props.handle, wrapper);

  const editable = editing !== undefined;
  const notes = props.notes ?? true;
  const reading = useMemo(() => readingOf(document), [document]);
  const saved = useMemo(() => positionsOf(document), [document]);
  const positions = useMemo(() => ({ ...saved, ...dragged }), [saved, dragged]);
  const overlay = props.overlay ?? nothing;
  const edgeOverlay = props.edgeOverlay ?? nothing;
  const scene = useMemo(
    () => ({ document, manifests, journeys, reading, words, editable, notes }),
    [document, manifests, journeys, reading, words, editable, notes],
  );
  const base = useMemo(
    () => nodesOf({ ...scene, positions: saved }, overlay),
    [scene, saved, overlay],
  );
  const nodes = useMemo(
    () =>
      base.map((node) => {
        const place = dragged[node.id];
        const selected = selection.includes(node.id);
        return place || selected
          ? { ...node, selected, ...(place ? { position: place } : {}) }
          : node;
      }),
    [base, dragged, selection],
  );
  const edges = useMemo(
    () => edgesOf({ ...scene, positions }, edgeOverlay),
    [scene, positions, edgeOverlay],
  );
  const selectedEdge = editing?.selectedEdge;
  const shownEdges = useMemo(
    () => edges.map((edge) => (edge.id === selectedEdge ? { ...edge, selected: true } : edge)),
    [edges, selectedEdge],
  );

  const onNodesChange = (changes: NodeChange<CanvasNode>[]): void => {
    const moved: Record<string, Position> = {};
    const chosen = new Set(selection);
    let reselected = false;
    for (const change of changes) {
      if (change.type === 'position' && change.position) moved[change.id] = change.position;
      if (change.type !== 'select') continue;
      reselected = true;
      if (change.selected) chosen.add(change.id);
      else chosen.delete(change.id);
    }
    if (Object.keys(moved).length > 0) setDragged((before) => ({ ...before, ...moved }));
    if (reselected) onSelect([...chosen]);
  };
  const onEdgesChange = (changes: EdgeChange<CanvasEdge>[]): void => {
    for (const change of changes)
      if (change.type === 'select') editing?.onSelectEdge(change.selected ? change.id : undefined);
  };
  const settle = (): void => {
    if (Object.keys(dragged).length === 0) return;
    editing?.onMove(dragged);
    setDragged({});
  };
  const connect = ({ source, sourceHandle, target }: Connection): void => {
    if (sourceHandle !== null && target !== entryId)
      editing?.onConnect(source, sourceHandle, target);
  };
  const onConnectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    setConnecting(false);
    const { fromNode, fromHandle, toNode } = state;
    if (!editing || toNode || !fromNode || typeof fromHandle.id !== 'string') return;
    const point = 'changedTouches' in event ? event.changedTouches[0] : event;
    const start = pointOf(fromHandle, fromNode.internals.positionAbsolute);
    if (!point) return;
    const at = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
    if (Math.hypot(at.x - start.x, at.y - start.y) < 32) return;
    editing.onConnectNowhere(fromNode.id, fromHandle.id, { x: at.x - 104, y: at.y });
  };
  const lod = useCallback((_: unknown, { zoom }: { zoom: number }) => {
    wrapper.current?.setAttribute('data-lod', zoom < 0.4 ? 'low' : zoom > 0.6 ? 'high' : 'mid');
    wrapper.current?.toggleAttribute('data-far', zoom < 0.15);
  }, []);

  return (
    <NoteWriter.Provider value={editing?.onWriteNote ?? nothing}>
      <div
        ref={wrapper}
        className={`flow ${connecting || pending ? 'connecting' : ''}`}
        data-tool={editing?.tool ?? 'hand'}
        role="application"
        aria-label={t(editable ? 'canvas.nameEdit' : 'canvas.name')}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setPending(undefined);
          editing?.onKeyDown(event);
        }}
        onDragOver={(event) => {
          if (editing) event.preventDefault();
        }}
        onDrop={(event) => {
          const item = event.dataTransfer.getData('application/x-sojourn-step');
          if (!editing || item === '') return;
          event.preventDefault();
          const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
          editing.onDropItem(item, { x: at.x - 104, y: at.y - 28 });
        }}
      >
        <ReactFlow<CanvasNode, CanvasEdge>
          nodes={nodes}
          edges={shownEdges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          onNodeDragStop={settle}
          onSelectionDragStop={settle}
          onConnect={connect}
          onConnectStart={() => setConnecting(true)}
          onConnectEnd={onConnectEnd}
          onClickConnectStart={(_, { nodeId, handleId }) => {
            if (nodeId !== null && handleId !== null) setPending({ from: nodeId, port: handleId });
          }}
          onClickConnectEnd={() => setPending(undefined)}
          onNodeClick={(_, node) => {
            if (!pending || node.type !== 'step' || node.id === entryId) return;
            editing?.onConnect(pending.from, pending.port, node.id);
            setPending(undefined);
          }}
          onPaneClick={() => setPending(undefined)}
          onViewportChange={(viewport) => lod(undefined, viewport)}
          onInit={(instance) => lod(undefined, instance.getViewport())}
          nodesConnectable={editable}
          nodesDraggable={editable}
          edgesFocusable={false}
          edgesReconnectable={false}
          elementsSelectable
          disableKeyboardA11y
          deleteKeyCode={null}
          multiSelectionKeyCode={['Control', 'Meta', 'Shift']}
          selectionKeyCode={null}
          selectionOnDrag={editing?.tool === 'pointer'}
          selectionMode={SelectionMode.Partial}
          panOnDrag={editing?.tool === 'pointer' ? [1, 2] : true}
          panOnScroll={editing?.tool === 'pointer'}
          zoomOnDoubleClick={false}
          onlyRenderVisibleElements={nodes.length > 200}
          minZoom={0.1}
          maxZoom={2}
          fitView
          fitViewOptions={fitting}
          attributionPosition="bottom-center"
          snapToGrid={editable}
          snapGrid={[4, 4]}
          nodeDragThreshold={3}
          connectionRadius={16}
        >
          <Background gap={20} size={1.2} color="var(--dot)" />
          <ZoomBar map={map} onMap={setMap} />
          {map && nodes.length <= 500 ? (
            <MiniMap<CanvasNode>
              pannable
              zoomable
              ariaLabel={t('canvas.map')}
              style={{ width: 132, height: 104 }}
              maskColor="color-mix(in srgb, var(--canvas) 60%, transparent)"
              nodeBorderRadius={12}
              nodeClassName={(node) => miniClass(node)}
            />
          ) : null}
          {children}
        </ReactFlow>
      </div>
    </NoteWriter.Provider>
  );
}

function pointOf(
  handle: { x: number; y: number; width: number; height: number },
  node: Position,
): Position {
  return { x: node.x + handle.x + handle.width / 2, y: node.y + handle.y + handle.height / 2 };
}

function useHandle(
  ref: Ref<CanvasHandle> | undefined,
  wrapper: React.RefObject<HTMLDivElement | null>,
): void {
  const flow = useReactFlow();
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  useImperativeHandle(ref, (): CanvasHandle => {
    const show = (id: string): void => {
      const node = flow.getNode(id);
      if (!node) return;
      const { x, y } = node.position;
      const zoom = Math.max(flow.getZoom(), 0.5);
      const box = wrapper.current?.getBoundingClientRect();
      const at = flow.flowToScreenPosition({ x: x + 104, y: y + 28 });
      const seen =
        box &&
        at.x > box.left + 110 &&
        at.x < box.right - 110 &&
        at.y > box.top + 50 &&
        at.y < box.bottom - 60;
      if (seen !== true) void flow.setCenter(x + 104, y + 28, { zoom, duration: 200 });
    };
    const reveal = (id: string): void => {
      const node = flow.getNode(id);
      const view = wrapper.current?.getBoundingClientRect();
      if (!node || !view) return;
      const { x: left, y: top } = flow.flowToScreenPosition(node.position);
      const { x, y, zoom } = flow.getViewport();
      const card = { left, top, right: left + 208 * zoom, bottom: top + 56 * zoom };
      const by = shiftIntoView(card, view);
      if (by.x !== 0 || by.y !== 0)
        void flow.setViewport({ x: x + by.x, y: y + by.y, zoom }, { duration: 200 });
    };
    return {
      show,
      reveal,
      focus: (id) => {
        show(id);
        requestAnimationFrame(() => {
          if (!mounted.current) return;
          const card = wrapper.current?.querySelector(
            `.react-flow__node[data-id="${CSS.escape(id)}"]`,
          );
          if (card instanceof HTMLElement) card.focus({ preventScroll: true });
        });
      },
      fit: () => void flow.fitView({ duration: 200, ...fitting }),
      zoom: (how) => {
        if (how === 'in') void flow.zoomIn({ duration: 120 });
        else if (how === 'out') void flow.zoomOut({ duration: 120 });
        else void flow.zoomTo(1, { duration: 200 });
      },
      middle: () => {
        const box = wrapper.current?.getBoundingClientRect();
        if (!box) return { x: 0, y: 0 };
        return flow.screenToFlowPosition({
          x: box.left + box.width / 2,
          y: box.top + box.height / 2,
        });
      },
    };
  }, [flow, wrapper]);
}

function miniClass(node: CanvasNode): string {
  return node.type === 'step' ? `mini-${node.data.looks.category}` : 'mini-note';
}
