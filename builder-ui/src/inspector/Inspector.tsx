import { Menu, MultiSelect, Textarea, TextInput } from '@mantine/core';
import { IconCopy, IconDots, IconFlag, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useManifests } from '../api/queries.ts';
import { entryId } from '../canvas/graph.ts';
import { useEditorTools } from '../editor/actions-context.ts';
import { useDocument, useEditor, useEditorStore } from '../editor/store.ts';
import { nameStep, noteAbout, startAt, writeNote } from '../document/edits.ts';
import { looksOf } from '../document/kinds.ts';
import { edgeId } from '../document/reading.ts';
import { kindText, portLabel, titleOf } from '../document/summaries.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Glyph } from '../ui/Glyph.tsx';
import { Tabs } from '../ui/Segments.tsx';
import { JourneySettings } from './JourneySettings.tsx';
import { JsonTab } from './JsonTab.tsx';
import { PortList } from './PortList.tsx';
import { StepEditor } from './StepEditor.tsx';

/** What is selected, to be configured; the journey itself when nothing is. */
export function Inspector() {
  const document = useDocument();
  const selection = useEditor((state) => state.selection);
  const selectedEdge = useEditor((state) => state.selectedEdge);
  const [only] = selection;
  if (selection.length > 1) return <ManyPanel ids={selection} />;
  if (selectedEdge !== undefined && selectedEdge !== entryId)
    return <EdgePanel id={selectedEdge} />;
  if (only !== undefined && document.steps[only]) return <StepPanel key={only} id={only} />;
  if (only !== undefined && document.notes?.some((note) => note.id === only))
    return <NotePanel id={only} />;
  return <JourneySettings />;
}

function StepPanel({ id }: { id: string }) {
  const words = useWords();
  const { t } = words;
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const { actions } = useEditorTools();
  const [tab, setTab] = useState<'configure' | 'json'>('configure');
  const step = document.steps[id];
  if (!step) return null;
  const isStart = document.start === id;
  return (
    <>
      <header>
        <Glyph looks={looksOf(step, manifests)} size={16} />
        <div className="grow">
          <h2 className="cut">{titleOf(id, step, manifests, words)}</h2>
          <div className="xs mut cut">
            {kindText(step, words)}
            {step.kind === 'action' ? ` · ${step.uses}` : ''}
          </div>
        </div>
        <span className="tag line mono cut" title={id}>
          {id}
        </span>
        <Menu>
          <Menu.Target>
            <IconButton label={t('inspector.more')}>
              <IconDots size={16} />
            </IconButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconCopy size={15} />} onClick={actions.duplicate}>
              {t('keys.duplicate')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconFlag size={15} />}
              disabled={isStart}
              onClick={() => editor.getState().apply((current) => startAt(current, id))}
            >
              {t('inspector.startHere')}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={15} />}
              onClick={() => actions.remove([id])}
            >
              {t('inspector.remove')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <Tabs
        label={t('inspector.name')}
        value={tab}
        tabs={[
          { value: 'configure', label: t('inspector.configure') },
          { value: 'json', label: 'JSON' },
        ]}
        onChange={setTab}
      />
      <div className="body" role="tabpanel">
        {tab === 'json' ? (
          <JsonTab id={id} step={step} />
        ) : (
          <>
            <TextInput
              label={t('inspector.stepName')}
              placeholder={titleOf(id, { ...step, name: '' }, manifests, words)}
              value={words.text(step.name)}
              onChange={(event) => {
                const name = event.currentTarget.value;
                editor
                  .getState()
                  .apply((current) => nameStep(current, id, name, words.language), `name:${id}`);
              }}
            />
            <StepEditor id={id} step={step} />
            <PortList id={id} />
          </>
        )}
      </div>
    </>
  );
}

function ManyPanel({ ids }: { ids: readonly string[] }) {
  const { t } = useWords();
  const { actions } = useEditorTools();
  return (
    <>
      <header>
        <h2>{t('inspector.many', { count: ids.length })}</h2>
      </header>
      <div className="body">
        <Button icon={<IconCopy size={15} />} onClick={actions.duplicate}>
          {t('keys.duplicate')}
        </Button>
        <Button tone="danger" icon={<IconTrash size={15} />} onClick={() => actions.remove()}>
          {t('inspector.remove')}
        </Button>
      </div>
    </>
  );
}

function NotePanel({ id }: { id: string }) {
  const words = useWords();
  const { t } = words;
  const editor = useEditorStore();
  const manifests = useManifests();
  const { notes, steps } = useDocument();
  const note = notes?.find((one) => one.id === id);
  const { actions } = useEditorTools();
  return (
    <>
      <header>
        <h2 className="grow">{t('canvas.note')}</h2>
      </header>
      <div className="body">
        <Textarea
          label={t('inspector.noteText')}
          autosize
          minRows={4}
          value={note?.text ?? ''}
          onChange={(event) => {
            const text = event.currentTarget.value;
            editor.getState().apply((current) => writeNote(current, id, text), `note:${id}`);
          }}
        />
        <MultiSelect
          label={t('inspector.noteSteps')}
          searchable
          data={Object.entries(steps).map(([key, step]) => ({
            value: key,
            label: `${titleOf(key, step, manifests, words)} · ${key}`,
          }))}
          value={(note?.steps ?? []).filter((key) => steps[key])}
          onChange={(about) => editor.getState().apply((current) => noteAbout(current, id, about))}
        />
        <Button tone="danger" icon={<IconTrash size={15} />} onClick={() => actions.remove([id])}>
          {t('inspector.remove')}
        </Button>
      </div>
    </>
  );
}

function EdgePanel({ id }: { id: string }) {
  const words = useWords();
  const { t } = words;
  const document = useDocument();
  const manifests = useManifests();
  const { actions, goTo } = useEditorTools();
  const edge = document.edges.find((one) => edgeId(one) === id);
  const from = edge && document.steps[edge.from];
  const to = edge && document.steps[edge.to];
  if (!edge || !from || !to) return null;
  return (
    <>
      <header>
        <h2>{t('inspector.edge')}</h2>
      </header>
      <div className="body">
        <dl className="kv">
          <dt>{t('inspector.from')}</dt>
          <dd>
            <button type="button" className="link" onClick={() => goTo(edge.from)}>
              {titleOf(edge.from, from, manifests, words)}
            </button>
          </dd>
          <dt>{t('inspector.port')}</dt>
          <dd>{portLabel(from, edge.port, words)}</dd>
          <dt>{t('inspector.to')}</dt>
          <dd>
            <button type="button" className="link" onClick={() => goTo(edge.to)}>
              {titleOf(edge.to, to, manifests, words)}
            </button>
          </dd>
        </dl>
        <Button tone="danger" onClick={() => actions.disconnect(edge.from, edge.port)}>
          {t('inspector.disconnect')}
        </Button>
      </div>
    </>
  );
}
