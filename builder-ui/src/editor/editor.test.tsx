// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import type { JourneyDocument, PluginManifest, Step } from '@sojourn/schemas';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { createRef, type ReactNode } from 'react';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '../i18n/locales/en.json' with { type: 'json' };
import { readDraft } from '../document/draft.ts';
import { addStep, connect } from '../document/edits.ts';
import { historyOf } from '../document/history.ts';
import { createActions } from './actions.ts';
import { EditorToolsContext } from './actions-context.ts';
import { Outline } from './Outline.tsx';
import { Palette } from './Palette.tsx';
import { Problems } from './Problems.tsx';
import { createEditor, EditorContext, useDocument, type Editor } from './store.ts';
import { GoalSettings } from '../inspector/ExitsAndGoals.tsx';
import { StepEditor } from '../inspector/StepEditor.tsx';
import { PortList } from '../inspector/PortList.tsx';

const email: PluginManifest = {
  id: 'email',
  version: '1.0.0',
  apiVersion: 1,
  name: 'E-mail',
  category: 'message',
  connections: { smtp: { schema: {} } },
  actions: {
    send: {
      title: 'Send an e-mail',
      schemaVersion: 1,
      connection: 'smtp',
      config: {},
      output: {},
      outcomes: ['sent'],
      settles: 'now',
    },
  },
};

const task: PluginManifest = {
  id: 'task',
  version: '1.0.0',
  apiVersion: 1,
  name: 'Task',
  category: 'people',
  actions: {
    assign: {
      title: 'Assign a task',
      schemaVersion: 1,
      config: {
        type: 'object',
        properties: {
          outcomes: {
            type: 'array',
            title: 'Outcomes',
            items: { type: 'object', properties: { port: { type: 'string', title: 'Port' } } },
          },
        },
      },
      output: {},
      outcomes: { from: '/outcomes', key: 'port', also: ['overdue'] },
      settles: 'later',
    },
  },
};

const ask = {
  key: 'ask',
  version: 2,
  planHash: 'ask-2',
  subjectType: 'person',
  inputs: { type: 'object', properties: { reason: { type: 'string', title: 'Reason' } } },
  outcomes: ['agreed', 'refused'],
  calls: [],
};

const draft = {
  journey: 'welcome',
  revision: 1,
  diagnostics: [],
  updatedAt: '2026-11-17T10:41:00Z',
  updatedBy: 'somebody',
  document: {
    name: 'Welcome',
    start: 'hello',
    steps: {
      hello: { kind: 'action', name: 'Hello', uses: 'email/send', with: {} },
      done: { kind: 'end', name: 'Done', outcome: 'completed' },
    },
    edges: [{ from: 'hello', port: 'sent', to: 'done' }],
  },
};

/** The draft with one more step, `it`. */
function withStep(step: Step): JourneyDocument {
  const { document } = draft;
  return readDraft({ ...document, steps: { ...document.steps, it: step } }, 'welcome');
}

/** A step's fields and ports, as the inspector shows them. */
function Inspected({ id }: { id: string }) {
  const step = useDocument().steps[id];
  return step ? (
    <>
      <StepEditor id={id} step={step} />
      <PortList id={id} />
    </>
  ) : null;
}

beforeAll(async () => {
  // Mantine's text areas wait for the fonts; happy-dom has none.
  Object.defineProperty(document, 'fonts', { value: new EventTarget() });
  await i18next.use(initReactI18next).init({ lng: 'en', resources: { en: { translation: en } } });
});
afterEach(cleanup);

describe('the editor', () => {
  let editor: Editor;
  beforeEach(() => {
    editor = createEditor('welcome', draft);
  });

  let upgrades: object[] = [];
  function show(children: ReactNode, connections: object[] = [{ id: 'c', plugin: 'email' }]): void {
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
    client.setQueryData(['plugins'], { items: [email, task] });
    client.setQueryData(
      ['journeys'],
      [
        { key: 'ask', name: 'Ask the doctor', latestVersion: 2 },
        { key: 'welcome', name: 'Welcome', latestVersion: 1 },
        { key: 'begun', name: 'Begun', latestVersion: null },
      ],
    );
    client.setQueryData(
      ['journey', 'ask', 'versions'],
      [2, 1].map((number) => ({ number, publishedAt: '2026-11-17T10:41:00Z' })),
    );
    client.setQueryData(['connections'], connections);
    client.setQueryData(['plugins', 'upgrades', 'welcome'], upgrades);
    const tools = {
      actions: createActions(editor, [email, task]),
      canvas: createRef<null>(),
      goTo: (id: string) => editor.getState().select([id]),
      meet: (id: string) => editor.getState().select([id]),
    };
    render(
      <QueryClientProvider client={client}>
        <MantineProvider env="test">
          <EditorContext value={editor}>
            <EditorToolsContext value={tools}>{children}</EditorToolsContext>
          </EditorContext>
        </MantineProvider>
      </QueryClientProvider>,
    );
  }

  it('adds a step from the palette after the selected one', () => {
    editor.getState().select(['hello']);
    show(<Palette search={createRef<HTMLInputElement>()} />);

    fireEvent.click(screen.getByRole('button', { name: 'Add Wait until' }));

    const { history, selection } = editor.getState();
    expect(selection).toEqual(['wait']);
    expect(history.present.edges).toContainEqual({ from: 'hello', port: 'sent', to: 'wait' });
    expect(history.present.edges).toContainEqual({ from: 'wait', port: 'due', to: 'done' });
  });

  it('brings a step up to date with its plugin when told to, and takes that back', async () => {
    upgrades = [{ step: 'hello', uses: 'email/send', from: 1, to: 2 }];
    const asked = vi.fn(() => Promise.resolve(Response.json({ config: { subject: 'New' } })));
    vi.stubGlobal('fetch', asked);
    show(<Inspected id="hello" />, [{ id: 'c', plugin: 'email', name: 'Mail' }]);
    upgrades = [];
    const config = (): unknown => editor.getState().history.present.steps['hello'];

    fireEvent.click(screen.getByRole('button', { name: 'Bring it up to date' }));

    await waitFor(() => expect(config()).toMatchObject({ with: { subject: 'New' } }));
    expect(screen.queryByRole('button', { name: 'Bring it up to date' })).toBeNull();
    expect(asked).toHaveBeenCalledWith(
      '/api/v1/plugins/email/actions/send/upgrade',
      expect.objectContaining({ body: JSON.stringify({ from: 1, config: {} }) }),
    );
    editor.getState().undo();
    expect(config()).toMatchObject({ with: {} });
    vi.unstubAllGlobals();
  });

  it('adds a parallel step with its join in one edit', () => {
    editor.getState().select(['hello']);
    show(<Palette search={createRef<HTMLInputElement>()} />);

    fireEvent.click(screen.getByRole('button', { name: 'Add Parallel' }));

    const { history, selection } = editor.getState();
    expect(selection).toEqual(['parallel']);
    expect(history.present.steps['join']).toEqual({ kind: 'join', of: 'parallel' });
    expect(history.present.edges).toContainEqual({ from: 'join', port: 'joined', to: 'done' });
    editor.getState().undo();
    expect(Object.keys(editor.getState().history.present.steps)).toEqual(['hello', 'done']);
  });

  it('offers every kind of step there is', () => {
    show(<Palette search={createRef<HTMLInputElement>()} />);
    const steps = (): string[] =>
      Object.values(editor.getState().history.present.steps).map(({ kind }) => kind);

    for (const item of screen.getAllByRole('button', { name: /^Add / })) fireEvent.click(item);

    const kinds = 'action wait branch split parallel join repeat set call end'.split(' ');
    expect(kinds.filter((kind) => !steps().includes(kind as 'wait'))).toEqual([]);
  });

  it('renames, adds and removes a branch, and its edge follows', () => {
    editor.getState().select(['hello']);
    show(<Palette search={createRef<HTMLInputElement>()} />);
    fireEvent.click(screen.getByRole('button', { name: 'Add Parallel' }));
    cleanup();
    show(<Inspected id="parallel" />);
    const edges = (): string[] =>
      editor
        .getState()
        .history.present.edges.filter(({ from }) => from === 'parallel')
        .map(({ port }) => port);

    const [first] = screen.getAllByRole('textbox', { name: 'Port' });
    fireEvent.change(first!, { target: { value: 'By mail' } });
    fireEvent.blur(first!);
    expect(edges()).toEqual(['by-mail', 'second']);
    fireEvent.click(screen.getByRole('button', { name: 'Add a branch' }));
    expect(editor.getState().history.present.steps['parallel']).toMatchObject({
      branches: ['by-mail', 'second', 'branch'],
    });
    fireEvent.click(screen.getAllByRole('button', { name: 'Remove' })[1]!);
    expect(edges()).toEqual(['by-mail']);
  });

  it('offers a parallel step that has no join its own', () => {
    editor
      .getState()
      .apply(
        (document) =>
          addStep(
            document,
            { kind: 'parallel', branches: ['one', 'two'] },
            { idBase: 'parallel', after: { step: 'hello', port: 'failed' } },
          ).document,
      );
    show(<Inspected id="parallel" />);

    fireEvent.click(screen.getByRole('button', { name: 'Add its join' }));

    expect(editor.getState().history.present.steps['join']).toEqual({
      kind: 'join',
      of: 'parallel',
    });
    expect(screen.queryByRole('button', { name: 'Add its join' })).toBeNull();
  });

  it('says how many ways a join needs', () => {
    editor.setState({ history: historyOf(withStep({ kind: 'join', of: 'both' })) });
    show(<Inspected id="it" />);
    const need = (): unknown => editor.getState().history.present.steps['it'];

    fireEvent.click(screen.getByRole('button', { name: 'Any' }));
    expect(need()).toMatchObject({ need: 'any' });
    fireEvent.click(screen.getByRole('button', { name: 'A number' }));
    expect(need()).toMatchObject({ need: 2 });
  });

  it('calls another published journey, never itself or a draft', async () => {
    editor.setState({ history: historyOf(withStep({ kind: 'call', journey: '' })) });
    show(<Inspected id="it" />);

    fireEvent.click(screen.getByRole('combobox', { name: 'Journey' }));
    expect(screen.getAllByRole('option', { hidden: true }).map((one) => one.textContent)).toEqual([
      'Ask the doctor',
    ]);
    fireEvent.click(screen.getByRole('option', { name: 'Ask the doctor', hidden: true }));
    act(() => editor.setState({ called: [ask] }));

    const reason = await screen.findByLabelText('Reason');
    fireEvent.change(reason, { target: { value: 'A rash' } });
    expect(editor.getState().history.present.steps['it']).toEqual({
      kind: 'call',
      journey: 'ask',
      with: { reason: 'A rash' },
    });
    expect(screen.getAllByRole('listitem').map((one) => one.textContent)).toEqual([
      'agreedleads nowhere',
      'refusedleads nowhere',
      'failednot connected: becomes an incident',
    ]);
  });

  it('pins a call to a version, or leaves it to the publication', () => {
    editor.setState({
      history: historyOf(withStep({ kind: 'call', journey: 'ask' })),
      called: [ask],
    });
    show(<Inspected id="it" />);

    fireEvent.click(screen.getByRole('combobox', { name: 'Version' }));
    fireEvent.click(screen.getByRole('option', { name: /^v1 · /, hidden: true }));
    expect(editor.getState().history.present.steps['it']).toMatchObject({ version: 1 });
    fireEvent.click(screen.getByRole('combobox', { name: 'Version' }));
    fireEvent.click(
      screen.getByRole('option', { name: 'Latest at publication (now v2)', hidden: true }),
    );

    expect(editor.getState().history.present.steps['it']).not.toHaveProperty('version');
  });

  it('changes the ways out of a task with its outcomes, and takes each change back by itself', async () => {
    const outcomes = (...ports: string[]) => ports.map((port) => ({ port }));
    const step = { kind: 'action', uses: 'task/assign', with: { outcomes: outcomes('done') } };
    editor.setState({ history: historyOf(withStep(step as Step)) });
    editor.getState().apply((document) => connect(document, 'it', 'done', 'done'));
    show(<Inspected id="it" />);
    const ports = (): (string | undefined)[] =>
      screen.getAllByRole('listitem').map((one) => one.querySelector('b')?.textContent);
    const edges = (): string[] =>
      editor
        .getState()
        .history.present.edges.flatMap(({ from, port }) => (from === 'it' ? [port] : []));

    const name = await screen.findByLabelText('Port');
    fireEvent.change(name, { target: { value: 'agreed' } });
    fireEvent.blur(name);
    fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    expect(ports()).toEqual(['agreed', 'outcome', 'overdue', 'failed', 'timeout']);
    expect(edges()).toEqual(['agreed']);

    act(() => editor.getState().undo());
    expect(ports()).toEqual(['agreed', 'overdue', 'failed', 'timeout']);
    act(() => editor.getState().undo());
    expect(ports()).toEqual(['done', 'overdue', 'failed', 'timeout']);
    expect(edges()).toEqual(['done']);
  });

  it('says why an action cannot be used, and does not add it', () => {
    show(<Palette search={createRef<HTMLInputElement>()} />, []);

    fireEvent.click(screen.getByRole('button', { name: 'E-mail, no connection' }));

    expect(Object.keys(editor.getState().history.present.steps)).toHaveLength(2);
  });

  it('reads the outline as a tree and disconnects by key', () => {
    show(<Outline overlay={() => undefined} bar={null} />);
    const rows = within(screen.getByRole('treegrid')).getAllByRole('row');
    expect(rows.map((row) => row.getAttribute('aria-level'))).toEqual(['1', '2', '2']);

    fireEvent.click(rows[1]!);
    fireEvent.keyDown(rows[1]!, { key: 'd' });

    expect(editor.getState().history.present.edges).toEqual([]);
  });

  it('moves a step within its branch by key, and keeps it in focus', () => {
    editor.getState().select(['hello']);
    editor
      .getState()
      .apply(
        (document) =>
          addStep(
            document,
            { kind: 'wait', for: [{ port: 'due', after: 'P1D' }] },
            { idBase: 'wait', after: { step: 'hello', port: 'sent' }, firstPort: 'due' },
          ).document,
      );
    show(<Outline overlay={() => undefined} bar={null} />);
    const row = (name: RegExp): HTMLElement => screen.getByRole('row', { name });

    fireEvent.click(row(/Hello/));
    fireEvent.keyDown(row(/Hello/), { key: 'ArrowDown', altKey: true });

    const { history, selection } = editor.getState();
    expect(history.present.start).toBe('wait');
    expect(selection).toEqual(['hello']);
    expect(row(/Hello/).tabIndex).toBe(0);
  });

  it('writes a goal of the journey', () => {
    const goal = (): unknown => editor.getState().history.present.goals?.[0];
    show(<GoalSettings />);

    fireEvent.click(screen.getByRole('button', { name: 'Add a goal' }));
    expect(goal()).toMatchObject({ id: 'goal' });
    fireEvent.change(screen.getByLabelText('Event'), { target: { value: 'order.paid' } });
    fireEvent.change(screen.getByRole('textbox', { name: 'Within, from the beginning' }), {
      target: { value: '30' },
    });
    fireEvent.click(screen.getByLabelText('End the run when reached'));
    expect(goal()).toEqual({ id: 'goal', event: 'order.paid', within: 'P30D', ends: true });

    fireEvent.click(screen.getByRole('button', { name: 'a condition' }));
    expect(goal()).toEqual({ id: 'goal', when: 'has(subject.status)', within: 'P30D', ends: true });
  });

  it('lists where each port leads, and what becomes of those that lead nowhere', () => {
    show(<PortList id="hello" />);

    const [sent, failed] = screen.getAllByRole('listitem');
    expect(sent?.textContent).toContain('Done');
    expect(failed?.textContent).toContain('becomes an incident');
  });

  it('mends a problem with its quick fix, which can be undone', () => {
    editor.setState({
      diagnostics: [
        {
          code: 'graph/unreachable',
          severity: 'error',
          pointer: '/steps/done',
          stepId: 'done',
          message: 'Nobody gets here.',
          fix: { title: 'Delete it', patch: [{ op: 'remove', path: '/steps/done' }] },
        },
      ],
    });
    show(<Problems />);
    expect(screen.getByText('1 error')).toBeDefined();

    fireEvent.click(screen.getByRole('button', { name: 'Delete it' }));
    expect(editor.getState().history.present.steps).not.toHaveProperty('done');
    editor.getState().undo();

    expect(editor.getState().history.present.steps).toHaveProperty('done');
  });
});
