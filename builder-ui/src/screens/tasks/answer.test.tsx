// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Task } from '../../api/shapes.ts';
import en from '../../i18n/locales/en.json' with { type: 'json' };
import { AnswerForm } from './AnswerForm.tsx';

const sent: { path: string; body: unknown }[] = [];
let answers: [status: number, body: object][] = [];

beforeAll(async () => {
  // Mantine's text areas wait for the fonts; happy-dom has none.
  Object.defineProperty(document, 'fonts', { value: new EventTarget() });
  await i18next.use(initReactI18next).init({ lng: 'en', resources: { en: { translation: en } } });
});
beforeEach(() => {
  sent.length = 0;
  vi.stubGlobal('fetch', (path: string, { body }: { body: string }) => {
    sent.push({ path, body: JSON.parse(body) });
    const [status = 500, answer = {}] = answers.shift() ?? [];
    return Promise.resolve(new Response(JSON.stringify(answer), { status }));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

let count = 0;
const aTask = (): Task => ({
  ...{ id: `t-${(count += 1)}`, runId: 'r', step: 'call', visit: 1, subject: 'patient/ada' },
  ...{ queue: 'nurses', title: 'Call', priority: 'normal', status: 'claimed', history: [] },
  ...{ createdAt: '2027-01-05T08:00:00Z', dueAt: null, notBefore: null, assignee: 'me' },
  ...{ claimedAt: null, closedAt: null },
  form: {
    type: 'object',
    required: ['mood'],
    properties: { mood: { type: 'string', title: 'Mood' } },
  },
  outcomes: [
    { port: 'reached', label: 'Reached', backAfter: null, needsForm: true },
    { port: 'no-answer', label: 'No answer', backAfter: 'PT4H', needsForm: false },
  ],
});

function show(task: Task, mine = true) {
  const onDone = vi.fn();
  const page = (isMine: boolean) => (
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <AnswerForm task={task} mine={isMine} onDone={onDone} />
      </MantineProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(page(mine));
  return { onDone, changes: (isMine: boolean) => rerender(page(isMine)) };
}
const note = () => screen.getByLabelText<HTMLTextAreaElement>('Note');
const write = (text: string) => fireEvent.change(note(), { target: { value: text } });
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

describe('answering a task', () => {
  it('says of each outcome what it will do', () => {
    show(aTask());

    const hintOf = (name: string) => {
      const id = screen.getByRole('button', { name }).getAttribute('aria-describedby') ?? '';
      return document.getElementById(id)?.textContent;
    };
    expect(hintOf('Reached')).toBe('Ends the task');
    expect(hintOf('No answer')).toBe('Back on the list in 4 hours');
  });

  it('sends nothing while something is missing, and asks for nothing when nobody was reached', async () => {
    answers = [[200, {}]];
    const { onDone } = show(aTask());
    await screen.findByLabelText(/^Mood/, {}, { timeout: 10_000 }); // the form is loaded when needed
    write('It rang.');

    press('Reached');
    expect(await screen.findByText('Needed here.')).toBeDefined();
    expect(sent).toEqual([]);
    press('No answer');

    await vi.waitFor(() => expect(onDone).toHaveBeenCalledOnce());
    expect(sent).toMatchObject([{ body: { outcome: 'no-answer', values: {}, note: 'It rang.' } }]);
    expect(note().value).toBe('');
  });

  it.each([
    ['task-held', /Somebody else has the task/],
    ['task-over', /The task is over/],
    ['task-changed', /Look again/],
  ])('keeps what was typed when it is refused as %s, and says why', async (code, said) => {
    answers = [[409, { code, detail: 'in English, from the API' }]];
    const task = aTask();
    const { onDone, changes } = show(task);
    write('She wants to stop.');

    press('No answer');
    expect(await screen.findByText(said)).toBeDefined();
    changes(false);

    expect(note().value).toBe('She wants to stop.');
    expect(screen.getByText(/What you wrote stays here/)).toBeDefined();
    expect(screen.queryByRole('button', { name: 'No answer' })).toBeNull();
    expect(onDone).not.toHaveBeenCalled();
  });

  it('keeps what was typed while another task is looked at', () => {
    const task = aTask();
    show(task);
    write('Half a sentence');
    cleanup();

    show(aTask());
    expect(note().value).toBe('');
    cleanup();
    show(task);

    expect(note().value).toBe('Half a sentence');
  });
});
