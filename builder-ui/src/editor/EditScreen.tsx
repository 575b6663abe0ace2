import './editor.css';
import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconHandStop,
  IconLayoutDistributeVertical,
  IconListTree,
  IconNote,
  IconPlus,
  IconPointer,
  IconSitemap,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Panel } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useCalled } from '../api/called.ts';
import {
  connectionsQuery,
  draftQuery,
  useConnections,
  useManifests,
  useMe,
} from '../api/queries.ts';
import type { Draft } from '../api/shapes.ts';
import { useLive } from '../api/stream.ts';
import { JourneyCanvas, type CanvasHandle } from '../canvas/JourneyCanvas.tsx';
import type { StepOverlay } from '../canvas/graph.ts';
import { writeNote } from '../document/edits.ts';
import { createChecker } from '../document/checker.ts';
import { titleOf, summaryOf } from '../document/summaries.ts';
import { useWords } from '../i18n/use-words.ts';
import { Inspector } from '../inspector/Inspector.tsx';
import { ModeTabs } from '../screens/ModeTabs.tsx';
import { useOffer, type Command } from '../shell/commands.ts';
import { TopBarActions, TopBarMiddle } from '../shell/TopBar.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { Loaded, Skeleton } from '../ui/StateView.tsx';
import { createActions } from './actions.ts';
import { EditorToolsContext, useEditorTools, type EditorTools } from './actions-context.ts';
import { autosave, saveThroughApi } from './autosave.ts';
import { ConflictDialog } from './ConflictDialog.tsx';
import { Outline } from './Outline.tsx';
import { Palette } from './Palette.tsx';
import { usePalette } from './palette-items.ts';
import { PickDialog } from './PickDialog.tsx';
import { Problems } from './Problems.tsx';
import { PublishDialog } from './PublishDialog.tsx';
import { createEditor, EditorContext, useDocument, useEditor, useEditorStore } from './store.ts';
import { EditTopBar } from './TopBarParts.tsx';
import { useCanvasKeys } from './use-editor-keys.ts';
import { useEditorShortcuts } from './use-editor-shortcuts.ts';

const route = getRouteApi('/journeys/$key');

// The first picture is fitted into the room it really has.
const atOnce = { getInitialValueInEffect: false };
const pluginTopics = ['plugins']; // a plugin whose code changed looks as it is now

/** Draws, configures, checks and publishes one journey. */
export function EditScreen() {
  const { key } = route.useParams();
  const draft = useQuery(draftQuery(key));
  const plugins = useManifests();
  useLive(pluginTopics);
  return (
    <>
      <TopBarMiddle>
        <ModeTabs journey={key} mode="edit" />
      </TopBarMiddle>
      <Loaded query={draft} skeleton={<Skeleton rows={10} height={56} />}>
        {(data) => <Editing key={key} journey={key} draft={data} manifests={plugins} />}
      </Loaded>
    </>
  );
}

function Editing(props: {
  journey: string;
  draft: Draft;
  manifests: ReturnType<typeof useManifests>;
}) {
  const { journey, manifests } = props;
  const [editor] = useState(() => createEditor(journey, props.draft));
  const canvas = useRef<CanvasHandle>(null);
  const flush = useRef<() => Promise<void>>(() => Promise.resolve());
  useEffect(() => {
    const saving = autosave(editor, saveThroughApi(journey));
    flush.current = saving.flush;
    return saving.close;
  }, [editor, journey]);
  const tools = useMemo((): EditorTools => {
    const choose = (id: string): void => {
      editor.getState().select(id === '' ? [] : [id]);
      editor.setState({ inspecting: true });
    };
    return {
      actions: createActions(editor, manifests),
      canvas,
      goTo: (id) => {
        choose(id);
        requestAnimationFrame(() => canvas.current?.show(id));
      },
      meet: (id) => {
        choose(id);
        requestAnimationFrame(() => canvas.current?.reveal(id));
      },
    };
  }, [editor, manifests]);
  return (
    <EditorContext value={editor}>
      <EditorToolsContext value={tools}>
        <Checking />
        <TopBarActions>
          <EditTopBar />
        </TopBarActions>
        <Work />
        <PickDialog />
        <PublishDialog flush={() => flush.current()} />
        <ConflictDialog />
      </EditorToolsContext>
    </EditorContext>
  );
}

/** Checks the document 300 ms after an edit, and keeps what its calls mean. */
function Checking() {
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const connections = useConnections();
  const { isPending } = useQuery(connectionsQuery);
  const { journeys, isPending: isCalling } = useCalled(document);
  const timeZone = useMe().data?.deployment.timeZone ?? 'UTC';
  const [checker, setChecker] = useState<ReturnType<typeof createChecker>>();
  useEffect(() => {
    const made = createChecker((diagnostics) =>
      editor.setState({ diagnostics, checkedAt: Date.now() }),
    );
    setChecker(made);
    return made.close;
  }, [editor]);
  useEffect(() => {
    if (!isCalling) editor.setState({ called: journeys ?? [] });
  }, [editor, journeys, isCalling]);
  useEffect(() => {
    // Before they are known, every step would seem to lack its connection, and every call its journey.
    if (manifests.length === 0 || isPending || isCalling) return undefined;
    const timer = setTimeout(() => {
      checker?.check(document, {
        manifests,
        connections: connections.map(({ id, plugin, type, default: byDefault }) => ({
          id,
          plugin,
          type,
          default: byDefault,
        })),
        ...(journeys === undefined ? {} : { journeys }),
        now: Date.now(),
        timeZone,
      });
    }, 300);
    return () => clearTimeout(timer);
  }, [checker, document, manifests, connections, isPending, journeys, isCalling, timeZone]);
  return null;
}

function Work() {
  const { t, text } = useWords();
  const name = text(useDocument().name);
  const search = useRef<HTMLInputElement>(null);
  const { view, step } = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useMediaQuery('(max-width: 1100px)', undefined, atOnce);
  const phone = useMediaQuery('(max-width: 700px)', undefined, atOnce);
  const outline = view === 'outline';
  const { goTo } = useEditorTools();
  const setView = useCallback(
    (next: 'canvas' | 'outline'): void =>
      void navigate({
        search: (before) => {
          const { view: _view, ...rest } = before;
          return next === 'outline' ? { ...rest, view: 'outline' } : rest;
        },
        replace: true,
      }),
    [navigate],
  );
  const [opened] = useState(step);
  useEffect(() => {
    if (opened !== undefined) goTo(opened);
  }, [opened, goTo]);
  useEditorShortcuts({
    toggleView: () => setView(outline ? 'canvas' : 'outline'),
    search,
  });
  useOfferedCommands();
  const overlay = useProblemOverlay();
  const bar = (
    <Segments
      label={t('edit.view')}
      value={outline ? 'outline' : 'canvas'}
      options={[
        {
          value: 'canvas',
          label: (
            <>
              <IconSitemap size={14} aria-hidden />
              {t('edit.canvas')}
            </>
          ),
        },
        {
          value: 'outline',
          label: (
            <>
              <IconListTree size={14} aria-hidden />
              {t('edit.outline')}
            </>
          ),
        },
      ]}
      onChange={setView}
    />
  );
  return (
    <div className="work">
      <h1 className="unseen">{name}</h1>
      {narrow || outline ? null : <Palette search={search} />}
      <div className="work-middle">
        {outline ? (
          <Outline overlay={overlay} bar={bar} />
        ) : (
          <EditCanvas overlay={overlay} bar={bar} narrow={narrow} />
        )}
      </div>
      <InspectorPlace narrow={narrow} phone={phone} />
      <Problems />
    </div>
  );
}

function InspectorPlace({ narrow, phone }: { narrow: boolean; phone: boolean }) {
  const { t } = useWords();
  const editor = useEditorStore();
  const open = useEditor((state) => state.inspecting && state.selection.length > 0);
  const close = (): void => editor.setState({ inspecting: false });
  if (!narrow)
    return (
      <aside className="inspector" aria-label={t('inspector.name')}>
        <Inspector />
      </aside>
    );
  return (
    <Drawer
      opened={open}
      onClose={close}
      position={phone ? 'bottom' : 'right'}
      size={phone ? '80%' : 360}
      padding={0}
      title={<span style={{ paddingLeft: 16 }}>{t('inspector.name')}</span>}
    >
      <div className="inspector in-drawer">
        <Inspector />
      </div>
    </Drawer>
  );
}

/** Markers for the steps that have problems. */
function useProblemOverlay(): (id: string) => StepOverlay | undefined {
  const diagnostics = useEditor((state) => state.diagnostics);
  return useMemo(() => {
    const byStep = new Map<string, StepOverlay>();
    for (const { stepId, severity } of diagnostics ?? []) {
      if (stepId === undefined || byStep.get(stepId)?.marker?.tone === 'bad') continue;
      byStep.set(stepId, {
        marker:
          severity === 'error' ? { tone: 'bad', icon: 'error' } : { tone: 'warn', icon: 'warning' },
      });
    }
    return (id: string) => byStep.get(id);
  }, [diagnostics]);
}

function EditCanvas(props: {
  overlay: (id: string) => StepOverlay | undefined;
  bar: React.ReactNode;
  narrow: boolean;
}) {
  const { t } = useWords();
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const journeys = useEditor((state) => state.called);
  const palette = usePalette();
  const selection = useEditor((state) => state.selection);
  const selectedEdge = useEditor((state) => state.selectedEdge);
  const tool = useEditor((state) => state.tool);
  const { actions, canvas, meet } = useEditorTools();
  const onKeyDown = useCanvasKeys();
  const onSelect = useCallback(
    (ids: string[]) => {
      editor.getState().select(ids);
      if (ids.length > 0) editor.setState({ inspecting: true });
    },
    [editor],
  );
  return (
    <JourneyCanvas
      handle={canvas}
      document={document}
      manifests={manifests}
      journeys={journeys}
      selection={selection}
      onSelect={onSelect}
      overlay={props.overlay}
      map={!props.narrow}
      editing={{
        tool,
        selectedEdge,
        onMove: actions.move,
        onConnect: actions.connect,
        onConnectNowhere: (step, port, at) =>
          editor.setState({ dialog: { type: 'add', after: { step, port }, at } }),
        onSelectEdge: editor.getState().selectEdge,
        onDropItem: (id, at) => {
          const item = palette.flatMap((group) => group.items).find((one) => one.id === id);
          if (item) meet(actions.add(item, { at }));
        },
        onWriteNote: (id, text) =>
          editor.getState().apply((current) => writeNote(current, id, text), `note:${id}`),
        onKeyDown,
      }}
    >
      <Panel position="top-left">
        <div className="float">{props.bar}</div>
      </Panel>
      <Panel position="top-right">
        <div className="float">
          {props.narrow ? (
            <IconButton
              label={t('pick.add')}
              shortcut="A"
              onClick={() => editor.setState({ dialog: { type: 'add' } })}
            >
              <IconPlus size={16} />
            </IconButton>
          ) : null}
          <IconButton
            label={t('edit.pointer')}
            className={tool === 'pointer' ? 'on' : ''}
            aria-pressed={tool === 'pointer'}
            onClick={() => editor.setState({ tool: 'pointer' })}
          >
            <IconPointer size={16} />
          </IconButton>
          <IconButton
            label={t('edit.hand')}
            className={tool === 'hand' ? 'on' : ''}
            aria-pressed={tool === 'hand'}
            onClick={() => editor.setState({ tool: 'hand' })}
          >
            <IconHandStop size={16} />
          </IconButton>
          <span className="sep" />
          <IconButton
            label={t('edit.note')}
            shortcut="N"
            onClick={() => {
              const middle = canvas.current?.middle();
              if (middle) actions.note(middle);
            }}
          >
            <IconNote size={16} />
          </IconButton>
          <IconButton label={t('edit.tidy')} shortcut="L" onClick={actions.tidy}>
            <IconLayoutDistributeVertical size={16} />
          </IconButton>
        </div>
      </Panel>
    </JourneyCanvas>
  );
}

/** Steps of this journey and the editor's verbs, for the command palette. */
function useOfferedCommands(): void {
  const words = useWords();
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const { actions, goTo } = useEditorTools();
  const commands = useMemo((): Command[] => {
    const { t } = words;
    const verbs: Command[] = [
      {
        id: 'publish',
        group: 'do',
        label: t('publish.title'),
        keys: 'Ctrl Enter',
        run: () => editor.setState({ dialog: { type: 'publish' } }),
      },
      { id: 'tidy', group: 'do', label: t('edit.tidy'), keys: 'L', run: actions.tidy },
    ];
    const steps = Object.entries(document.steps).map(([id, step]): Command => ({
      id: `step-${id}`,
      group: 'steps',
      label: titleOf(id, step, manifests, words),
      detail: summaryOf(id, document, manifests, words),
      run: () => goTo(id),
    }));
    return [...verbs, ...steps];
  }, [words, editor, document, manifests, actions, goTo]);
  useOffer('editor', commands);
}
