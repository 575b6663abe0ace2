// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import type { PluginManifest } from '@sojourn/schemas';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { createRef, type ReactNode } from 'react';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '../i18n/locales/en.json' with { type: 'json' };
import { addStep } from '../document/edits.ts';
import { createActions } from './actions.ts';
import { EditorToolsContext } from './actions-context.ts';
import { Outline } from './Outline.tsx';
import { Palette } from './Palette.tsx';
import { Problems } from './Problems.tsx';
import { createEditor, EditorContext, type Editor } from './store.ts';
import { GoalSettings } from '../inspector/ExitsAndGoals.tsx';
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

  function show(children: ReactNode, connections: object[] = [{ id: 'c', plugin: 'email' }]): void {
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
    client.setQueryData(['plugins'], [email]);
    client.setQueryData(['connections'], connections);
    const tools = {
      actions: createActions(editor, [email]),
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
