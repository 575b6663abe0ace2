import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { entryId } from '../canvas/graph.ts';
import type { Looks } from '../document/kinds.ts';
import { looksOf } from '../document/kinds.ts';
import { readingOf, shownPorts, targetsOf } from '../document/reading.ts';
import { portLabel, summaryOf, titleOf } from '../document/summaries.ts';
import { useManifests } from '../api/queries.ts';
import { useWords } from '../i18n/use-words.ts';
import { Glyph } from '../ui/Glyph.tsx';
import { portAfter } from './actions.ts';
import { useEditorTools } from './actions-context.ts';
import { usePalette } from './palette-items.ts';
import { useDocument, useEditor, useEditorStore, type EditorDialog } from './store.ts';

interface Choice {
  id: string;
  label: string;
  detail: string;
  looks: Looks;
  choose: () => void;
}

/** The list that opens for `A` (what to add) and `C` (where to lead a port). */
export function PickDialog() {
  const editor = useEditorStore();
  const dialog = useEditor((state) => state.dialog);
  const close = (): void => editor.setState({ dialog: undefined });
  const open = dialog?.type === 'add' || dialog?.type === 'connect';
  return (
    <Modal
      opened={open}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size={420}
      yOffset={140}
      centered={false}
    >
      {dialog?.type === 'add' ? <AddList dialog={dialog} close={close} /> : null}
      {dialog?.type === 'connect' ? <ConnectList dialog={dialog} close={close} /> : null}
    </Modal>
  );
}

interface ListProps<Type extends EditorDialog['type']> {
  dialog: Extract<EditorDialog, { type: Type }>;
  close: () => void;
}

function AddList({ dialog, close }: ListProps<'add'>) {
  const words = useWords();
  const document = useDocument();
  const manifests = useManifests();
  const journeys = useEditor((state) => state.called);
  const [selected] = useEditor((state) => state.selection);
  const { actions, meet } = useEditorTools();
  const after =
    dialog.after ??
    (selected !== undefined && document.steps[selected] && !dialog.at
      ? portAfter(document, selected, manifests, journeys)
      : undefined);
  const step = after && document.steps[after.step];
  const title =
    after && step
      ? words.t('pick.addAfter', {
          step: titleOf(after.step, step, manifests, words),
          port: portLabel(step, after.port, words),
        })
      : words.t('pick.add');
  const choices = usePalette()
    .flatMap((group) => group.items)
    .filter((item) => item.unavailable === undefined)
    .map((item): Choice => ({
      ...item,
      choose: () => {
        const id = actions.add(item, {
          ...(after ? { after } : {}),
          ...(dialog.at ? { at: dialog.at } : {}),
        });
        close();
        meet(id);
      },
    }));
  return <ChoiceList title={title} choices={choices} />;
}

function ConnectList({ dialog, close }: ListProps<'connect'>) {
  const words = useWords();
  const document = useDocument();
  const manifests = useManifests();
  const journeys = useEditor((state) => state.called);
  const { actions } = useEditorTools();
  const [port, setPort] = useState(dialog.port);
  const step = document.steps[dialog.from];
  if (dialog.from !== entryId && !step) return null;
  const ports = step ? shownPorts(document, dialog.from, manifests, journeys) : [];
  const chosen = port ?? (step ? (ports.length === 1 ? ports[0]?.port : undefined) : 'start');
  if (step && chosen === undefined) {
    const targets = targetsOf(document, dialog.from);
    const choices = ports.map((one): Choice => {
      const target = targets.get(one.port);
      const to = target === undefined ? undefined : document.steps[target];
      return {
        id: one.port,
        label: portLabel(step, one.port, words),
        detail:
          target !== undefined && to
            ? words.t('pick.leadsTo', { step: titleOf(target, to, manifests, words) })
            : words.t('ports.leadsNowhere'),
        looks: looksOf(step, manifests),
        choose: () => setPort(one.port),
      };
    });
    return <ChoiceList key="ports" title={words.t('pick.port')} choices={choices} />;
  }
  const title = words.t('pick.connect', {
    port: step ? portLabel(step, chosen ?? '', words) : words.t('canvas.entry'),
  });
  const choices = readingOf(document).order.flatMap((id): Choice[] => {
    const target = document.steps[id];
    if (!target) return [];
    return [
      {
        id,
        label: titleOf(id, target, manifests, words),
        detail: summaryOf(id, document, manifests, words),
        looks: looksOf(target, manifests),
        choose: () => {
          actions.connect(dialog.from, chosen ?? '', id);
          close();
        },
      },
    ];
  });
  return <ChoiceList key="targets" title={title} choices={choices} />;
}

function ChoiceList({ title, choices }: { title: string; choices: readonly Choice[] }) {
  const { t } = useTranslation();
  const listId = useId();
  const [query, setQuery] = useState('');
  const [index, setIndex] = useState(0);
  const needle = query.trim().toLowerCase();
  const shown = choices.filter((choice) =>
    `${choice.label} ${choice.detail} ${choice.id}`.toLowerCase().includes(needle),
  );
  const current = Math.min(index, shown.length - 1);
  return (
    <>
      <div className="palette-input">
        <IconSearch size={16} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={shown[current] ? `${listId}-${current}` : undefined}
          aria-label={title}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setIndex(0);
          }}
          onKeyDown={(event) => {
            const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (move !== undefined) {
              event.preventDefault();
              setIndex((current + move + shown.length) % Math.max(1, shown.length));
            }
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
              event.preventDefault();
              shown[current]?.choose();
            }
          }}
        />
        <kbd>Esc</kbd>
      </div>
      <div className="palette-list" id={listId} role="listbox" aria-label={title}>
        <h3>{title}</h3>
        {shown.map((choice, at) => (
          <div
            key={choice.id}
            id={`${listId}-${at}`}
            role="option"
            aria-selected={at === current}
            className="option"
            ref={(element) => {
              if (at === current) element?.scrollIntoView({ block: 'nearest' });
            }}
            onPointerMove={() => setIndex(at)}
            onClick={choice.choose}
          >
            <Glyph looks={choice.looks} />
            <span className="cut">{choice.label}</span>
            <span className="mut sm cut">{choice.detail}</span>
          </div>
        ))}
        {shown.length === 0 ? <p className="state-view">{t('palette.nothing')}</p> : null}
      </div>
    </>
  );
}
