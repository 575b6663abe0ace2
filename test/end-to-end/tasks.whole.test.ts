import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, refusals, signIn } from '../support/browser.ts';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

const journey = {
  ...{ format: 1, key: 'care-call', name: 'Care call', subject: 'patient', start: 'call' },
  entry: [{ on: 'manual' }],
  steps: {
    call: {
      ...{ kind: 'action', name: 'Call', uses: 'task/assign' },
      with: {
        ...{ queue: 'nurses', title: 'Call {{ subject.givenName }}', due: 'P1D' },
        priority: 'high',
        script:
          'Say **who you are**, {{ subject.givenName }} waits for it.\n\n1. Ask how the first dose went.\n2. Note what hurts.\n\n<b>No HTML</b>',
        form: {
          ...{ type: 'object', required: ['mood'], additionalProperties: false },
          properties: {
            mood: { enum: ['good', 'bad'], title: 'Mood' },
            pain: { type: 'integer', minimum: 0, maximum: 10, title: 'Pain, 0 to 10' },
          },
        },
        outcomes: [
          { port: 'reached', label: 'Reached' },
          { port: 'no-answer', label: 'No answer', again: ['PT4H', 'P1D', 'P3D'] },
        ],
      },
    },
    mood: {
      kind: 'branch',
      cases: [{ port: 'well', if: 'steps["call"].output.values.mood == "good"' }],
    },
    well: { kind: 'end', outcome: 'well' },
    unwell: { kind: 'end', outcome: 'unwell' },
    silent: { kind: 'end', outcome: 'silent' },
  },
  edges: [
    { from: 'call', port: 'reached', to: 'mood' },
    { from: 'call', port: 'no-answer', to: 'silent' },
    { from: 'call', port: 'overdue', to: 'silent' },
    { from: 'mood', port: 'well', to: 'well' },
    { from: 'mood', port: 'else', to: 'unwell' },
  ],
};

interface Task {
  id: string;
  runId: string;
  status: string;
}

let stack: StackUnderTest;
let browser: Browser;
let page: Page;
let faults: string[];

beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
  browser = await openBrowser();
  ({ page, faults } = await signIn(browser, stack, refusals));
  await stack.publish(journey);
});
afterAll(async () => {
  await browser.close();
  await stack.remove();
});

/** Lets somebody in; answers the task that their run waits for. */
async function aTask(givenName: string): Promise<Task> {
  const subject = `patient/${givenName.toLowerCase()}`;
  await stack.call('PUT', `/subjects/${subject}`, { givenName });
  const run = await stack.call<{ id: string }>('POST', '/journeys/care-call/runs', { subject });
  const { items } = await eventually(
    () => stack.call<{ items: Task[] }>('GET', '/tasks?queue=nurses'),
    (list) => list.items.some(({ runId }) => runId === run.id),
  );
  return items.find(({ runId }) => runId === run.id)!;
}
const taskNow = (task: Task) => stack.call<Record<string, unknown>>('GET', `/tasks/${task.id}`);
const button = (name: string | RegExp) => page.getByRole('button', { name });
const list = () => page.getByRole('region', { name: 'Worklist' });

describe('a nurse with a worklist', () => {
  let task: Task;

  it('sees a task arrive, opens it by keys and takes it with c', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('w');
    await page.getByText('Nothing waits to be taken.').waitFor();

    task = await aTask('Ada');
    await list().getByText('Call Ada').waitFor();
    await list()
      .getByRole('link', { name: /Call Ada/ })
      .focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Call Ada' }).waitFor();
    expect(new URL(page.url()).searchParams.get('task')).toBe(task.id);
    await page.locator('.markdown strong', { hasText: 'who you are' }).waitFor();
    await page.getByText('<b>No HTML</b>').waitFor();
    await page.keyboard.press('c');

    await button('Give it back').waitFor();
    expect(await taskNow(task)).toMatchObject({ status: 'claimed' });
    expect(await page.evaluate('document.activeElement.id')).toBe('task-title');
    await page.getByText('Back on the list in 4 hours').waitFor();
    await page.getByText('Ends the task').waitFor();
  });

  it('reaches nobody twice: each time it is back later, and says so', async () => {
    await page.getByLabel('Note', { exact: true }).fill('It rang.');
    await button('No answer').click();

    await page.getByRole('region', { name: 'Earlier' }).getByText('It rang.').waitFor();
    await button('Later').click();
    await list()
      .getByText(/back in/)
      .waitFor();
    await button('Take it').click();
    await page.getByText('Back on the list in 1 day').waitFor();
    await button('No answer').click();

    await button('Take it').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('task-title');
    expect(await taskNow(task)).toMatchObject({
      ...{ status: 'open', history: [{ outcome: 'no-answer', note: 'It rang.' }, {}] },
      outcomes: [{ backAfter: null }, { backAfter: 'P3D' }],
    });
  });

  it('hands it over, and it stands in the other queue', async () => {
    await button('Take it').click();
    await button('Hand over…').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To a person').fill('nobody');
    await dialog.getByLabel(/^Note for whoever/).fill('She asked about her cover.');
    await dialog.getByRole('button', { name: 'Hand over' }).click();
    await dialog.getByText('Nobody else with this id works here.').waitFor();
    await dialog.getByLabel('To a person').fill('');
    await dialog.getByRole('combobox', { name: 'To the queue' }).fill('benefits');
    await dialog.getByRole('button', { name: 'Hand over' }).click();

    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('From nurses to benefits').waitFor();
    await button('To take').click();
    await page.getByRole('combobox', { name: 'Queue' }).click();
    await page.getByRole('option', { name: 'benefits (1)' }).click();
    await list().getByText('Call Ada').waitFor();
    expect(page.url()).toContain('queue=benefits');
  });

  it('is told which fields are missing, fills them in, and the run goes on by the port', async () => {
    await button('Take it').click();
    await page.getByLabel('Note', { exact: true }).fill('All is well.');
    await button('Reached').click();
    await page.getByText('Needed here.').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('root_mood');
    await page.getByLabel(/^Mood/).click();
    await page.getByRole('option', { name: 'good' }).click();
    await page.getByText('Needed here.').waitFor({ state: 'hidden' });
    await page.getByLabel('Pain, 0 to 10').fill('2');
    await button('Reached').click();

    await page.getByRole('region', { name: 'How it ended' }).getByText('All is well.').waitFor();
    const run = await eventually(
      () => stack.call<{ outcome: string | null }>('GET', `/runs/${task.runId}`),
      ({ outcome }) => outcome !== null,
    );
    expect(run.outcome).toBe('well');
    const { items } = await stack.call<{ items: { what: string; because: object }[] }>(
      'GET',
      `/runs/${task.runId}/trail`,
    );
    expect(items.find(({ what }) => what === 'settled')?.because).toMatchObject({
      output: { attempts: 3, values: { mood: 'good', pain: 2 }, note: 'All is well.' },
    });
  });

  it('loses nothing that was typed when the run ends meanwhile', async () => {
    const other = await aTask('Ben');
    await page.goto(`${stack.url}/tasks?task=${other.id}`);
    await button('Take it').click();
    await page.getByLabel('Note', { exact: true }).fill('He wants to stop.');
    await stack.call('POST', `/runs/${other.runId}/commands`, { type: 'end', reason: 'he left' });

    await page.getByText('What you wrote stays here').waitFor();
    expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('He wants to stop.');
    await button('Throw it away').click();

    await page.getByLabel('Note', { exact: true }).waitFor({ state: 'hidden' });
  });

  it('reads it in simplified Chinese, on a phone too', async () => {
    const third = await aTask('Cyd');
    await page.evaluate("localStorage.setItem('sojourn.language', 'zh-Hans')");
    await page.goto(`${stack.url}/tasks`);
    await page.getByRole('heading', { name: '工作清单' }).waitFor();
    await page.getByText('Call Cyd').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByText('Call Cyd').click();
    await page.getByRole('button', { name: '认领', exact: true }).click();
    await page.getByText('4小时后回到清单').waitFor();
    await page.getByRole('link', { name: '工作清单' }).first().click();
    await page.getByRole('button', { name: '我的' }).click();
    await page.getByText('Call Cyd').waitFor();

    expect(await taskNow(third)).toMatchObject({ status: 'claimed' });
    expect(faults).toEqual([]);
  });
});
