import {
  IconAlertTriangle,
  IconAlertTriangleFilled,
  IconChevronDown,
  IconChevronRight,
  IconCircleXFilled,
  IconCornerDownRight,
  IconPlus,
} from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useManifests } from '../api/queries.ts';
import type { StepOverlay } from '../canvas/graph.ts';
import { looksOf } from '../document/kinds.ts';
import { outlineOf, visibleRows, type OutlineRow } from '../document/outline.ts';
import { openPortText, portLabel, summaryOf, titleOf } from '../document/summaries.ts';
import { useWords } from '../i18n/use-words.ts';
import { announce } from '../ui/announce.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Glyph } from '../ui/Glyph.tsx';
import { portAfter } from './actions.ts';
import { useEditorTools } from './actions-context.ts';
import { useDocument, useEditor, useEditorStore } from './store.ts';

/** The same document as a tree that keys alone can edit. */
export function Outline({
  overlay,
  bar,
}: {
  overlay: (id: string) => StepOverlay | undefined;
  bar: ReactNode;
}) {
  const { t } = useWords();
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const journeys = useEditor((state) => state.called);
  const rows = useMemo(
    () => outlineOf(document, manifests, journeys),
    [document, manifests, journeys],
  );
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => visibleRows(rows, closed), [rows, closed]);
  const parents = rows.filter((row) => row.hasChildren).map((row) => row.id);
  return (
    <section className="outline" aria-label={t('outline.name')}>
      <header>
        {bar}
        <span className="mut sm num wide-part">
          {t('problems.steps', { count: Object.keys(document.steps).length })},{' '}
          {t('problems.edges', { count: document.edges.length })}
        </span>
        <Button
          className="end"
          icon={<IconPlus size={15} />}
          onClick={() => editor.setState({ dialog: { type: 'add' } })}
        >
          {t('pick.add')}
        </Button>
        <Button tone="quiet" onClick={() => setClosed(new Set())}>
          {t('outline.openAll')}
        </Button>
        <Button tone="quiet" onClick={() => setClosed(new Set(parents))}>
          {t('outline.closeAll')}
        </Button>
      </header>
      <Tree rows={shown} closed={closed} onClosed={setClosed} overlay={overlay} />
    </section>
  );
}

interface TreeProps {
  rows: readonly OutlineRow[];
  closed: ReadonlySet<string>;
  onClosed: (closed: ReadonlySet<string>) => void;
  overlay: (id: string) => StepOverlay | undefined;
}

function Tree({ rows, closed, onClosed, overlay }: TreeProps) {
  const { t } = useWords();
  const editor = useEditorStore();
  const tree = useRef<HTMLDivElement>(null);
  const selection = useEditor((state) => state.selection);
  const [focusedId, setFocused] = useState<string>();
  const focused = rows.find((row) => row.id === (focusedId ?? selection[0])) ?? rows[0];
  const onKeyDown = useRowKeys(rows, focused, closed, onClosed, (row) => {
    setFocused(row.id);
    if (row.type === 'step') editor.getState().select([row.step]);
  });
  useEffect(() => {
    const element = tree.current?.querySelector<HTMLElement>('[tabindex="0"]');
    if (tree.current?.contains(globalThis.document.activeElement)) element?.focus();
  }, [focused?.id]);
  return (
    <div
      ref={tree}
      role="treegrid"
      aria-label={t('outline.name')}
      className="tree"
      onKeyDown={onKeyDown}
    >
      {rows.map((row) => (
        <Row
          key={row.id}
          row={row}
          open={!closed.has(row.id)}
          focused={row === focused}
          selected={row.type === 'step' && selection.includes(row.step)}
          overlay={row.type === 'step' ? overlay(row.step) : undefined}
          onToggle={() => {
            const others = [...closed].filter((id) => id !== row.id);
            onClosed(new Set(closed.has(row.id) ? others : [...others, row.id]));
          }}
          onChoose={() => {
            setFocused(row.id);
            editor.getState().select([row.step]);
          }}
        />
      ))}
    </div>
  );
}

function useRowKeys(
  rows: readonly OutlineRow[],
  row: OutlineRow | undefined,
  closed: ReadonlySet<string>,
  onClosed: (closed: ReadonlySet<string>) => void,
  go: (row: OutlineRow) => void,
): (event: KeyboardEvent) => void {
  const { t } = useWords();
  const editor = useEditorStore();
  const manifests = useManifests();
  const { actions } = useEditorTools();
  return (event) => {
    if (!row || event.ctrlKey || event.metaKey) return;
    const index = rows.indexOf(row);
    const at = (to: number): void => {
      const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
      if (next) go(next);
    };
    const port = row.type === 'step' ? undefined : row.from;
    const moveInBranch = (by: -1 | 1): void => {
      if (row.type === 'step' && actions.moveInBranch(row.step, by)) go(row);
      else announce(t('outline.cannotMove'));
    };
    const keys: Record<string, () => void> = {
      ArrowDown: () => at(index + 1),
      ArrowUp: () => at(index - 1),
      Home: () => at(0),
      End: () => at(rows.length - 1),
      ArrowRight: () => {
        if (row.hasChildren && closed.has(row.id))
          onClosed(new Set([...closed].filter((id) => id !== row.id)));
        else at(index + 1);
      },
      ArrowLeft: () => {
        if (row.hasChildren && !closed.has(row.id)) return onClosed(new Set([...closed, row.id]));
        const parent = rows.find((other) => other.id === row.parent);
        if (parent) go(parent);
      },
      Enter: () => {
        const link = row.type === 'link' && rows.find((other) => other.id === row.step);
        if (link) return go(link);
        editor.getState().select([row.step]);
        editor.setState({ inspecting: true });
      },
      a: () => {
        const after =
          port ??
          portAfter(
            editor.getState().history.present,
            row.step,
            manifests,
            editor.getState().called,
          );
        editor.setState({ dialog: { type: 'add', ...(after ? { after } : {}) } });
      },
      c: () => {
        const from = port ?? { step: row.step };
        editor.setState({
          dialog: {
            type: 'connect',
            from: from.step,
            ...('port' in from ? { port: from.port } : {}),
          },
        });
      },
      d: () => {
        if (row.from) actions.disconnect(row.from.step, row.from.port);
      },
    };
    const inBranch: Record<string, () => void> = {
      ArrowUp: () => moveInBranch(-1),
      ArrowDown: () => moveInBranch(1),
    };
    const act = (event.altKey ? inBranch : keys)[
      event.key.length === 1 ? event.key.toLowerCase() : event.key
    ];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}

interface RowProps {
  row: OutlineRow;
  open: boolean;
  focused: boolean;
  selected: boolean;
  overlay: StepOverlay | undefined;
  onToggle: () => void;
  onChoose: () => void;
}

function Row({ row, open, focused, selected, overlay, onToggle, onChoose }: RowProps) {
  const words = useWords();
  const { t } = words;
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const step = document.steps[row.step];
  if (!step) return null;
  const from = row.from && document.steps[row.from.step];
  const port = row.from && from ? portLabel(from, row.from.port, words) : undefined;
  const title = titleOf(row.step, step, manifests, words);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const marker = overlay?.marker;
  return (
    <div
      role="row"
      aria-level={row.level}
      aria-expanded={row.hasChildren ? open : undefined}
      aria-selected={selected}
      tabIndex={focused ? 0 : -1}
      className={`tree-row ${row.type}`}
      style={{ '--level': row.level } as React.CSSProperties}
      onClick={onChoose}
      onFocus={(event) => {
        if (event.target === event.currentTarget && !focused) onChoose();
      }}
    >
      <div role="gridcell" className="row grow">
        {row.hasChildren ? (
          <button
            type="button"
            tabIndex={-1}
            className="btn quiet square small"
            aria-label={t(open ? 'outline.close' : 'outline.open', { step: title })}
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
          >
            <Chevron size={15} />
          </button>
        ) : (
          <span className="tree-gap" />
        )}
        {row.type === 'step' ? (
          <>
            {port === undefined || row.level === 1 ? null : <span className="tag">{port}</span>}
            <Glyph looks={looksOf(step, manifests)} />
            <b className="nw">{title}</b>
            <span className="mut cut">{summaryOf(row.step, document, manifests, words)}</span>
          </>
        ) : row.type === 'link' ? (
          <span className="row mut">
            <IconCornerDownRight size={14} aria-hidden />
            {port} → {title}
          </span>
        ) : (
          <span className={`row ${row.required === true ? 'st bad' : 'mut'}`}>
            {row.required === true ? (
              <IconCircleXFilled size={14} aria-hidden />
            ) : (
              <IconAlertTriangle size={14} aria-hidden />
            )}
            {port} →{' '}
            {openPortText(step, row.from?.port ?? '', row.required === true, manifests, words)}
            <IconButton
              className="small"
              label={t('pick.addAfter', { step: title, port: port ?? '' })}
              tabIndex={-1}
              onClick={(event) => {
                event.stopPropagation();
                if (row.from) editor.setState({ dialog: { type: 'add', after: row.from } });
              }}
            >
              <IconPlus size={14} />
            </IconButton>
          </span>
        )}
      </div>
      <div role="gridcell" className="row mut sm num">
        {marker?.tone === 'bad' ? (
          <IconCircleXFilled size={14} color="var(--bad)" aria-label={t('problems.error')} />
        ) : null}
        {marker?.tone === 'warn' ? (
          <IconAlertTriangleFilled
            size={14}
            color="var(--warn)"
            aria-label={t('problems.warning')}
          />
        ) : null}
        {row.number}
      </div>
    </div>
  );
}
