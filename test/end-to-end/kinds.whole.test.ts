import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, refusals, signIn } from '../support/browser.ts';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

let stack: StackUnderTest;
let browser: Browser;
let page: Page;
let faults: string[];

/** A journey that asks somebody else, and is called by the one that is drawn. */
const asking = {
  format: 1,
  key: 'ask',
  name: 'Ask the doctor',
  subject: 'person',
  inputs: {
    type: 'object',
    additionalProperties: false,
    required: ['reason'],
    properties: { reason: { type: 'string', minLength: 1, title: 'Reason' } },
  },
  entry: [{ on: 'manual' }],
  start: 'urgent',
  steps: {
    urgent: { kind: 'branch', cases: [{ port: 'yes', if: "entry.reason == 'fever'" }] },
    agreed: { kind: 'end', outcome: 'agreed' },
    refused: { kind: 'end', outcome: 'refused' },
  },
  edges: [
    { from: 'urgent', port: 'yes', to: 'agreed' },
    { from: 'urgent', port: 'else', to: 'refused' },
  ],
};

beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
  await stack.publish(asking);
  browser = await openBrowser();
  ({ page, faults } = await signIn(browser, stack, refusals));
});
afterAll(async () => {
  await browser.close();
  await stack.remove();
});

const card = (id: string): Locator => page.locator(`.react-flow__node[data-id="${id}"]`);
const inspector = (): Locator => page.getByRole('complementary', { name: 'Inspector' });
const problem = (code: string): Locator => page.getByText(code).first();

/** What ways a card has, in their order. */
async function portsOf(id: string): Promise<(string | null)[]> {
  const handles = await card(id).locator('.react-flow__handle.source').all();
  return await Promise.all(handles.map((handle) => handle.getAttribute('data-handleid')));
}

/** Leads a port to a step with the list that opens beside it. */
async function lead(from: string, port: string, to: string): Promise<void> {
  await card(from).click();
  await inspector()
    .getByRole('button', { name: `Connect ${port}` })
    .click();
  await page.getByRole('option', { name: to }).first().click();
}

/** Adds a step behind a port: the key on its card, then its name. */
async function addAfter(from: string, port: string, item: string): Promise<void> {
  await card(from).click();
  await inspector()
    .getByRole('button', { name: `Disconnect ${port}` })
    .click();
  await card(from).press('a');
  await page.getByRole('combobox').fill(item);
  await page.keyboard.press('Enter');
}

describe('a designer who draws every kind of way', () => {
  it('begins with nothing', async () => {
    await page.getByRole('button', { name: 'New journey' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Two ways');
    await dialog.getByRole('button', { name: 'New journey' }).click();
    await page.waitForURL(/\/journeys\/two-ways/);
    await card('@entry').waitFor();
  });

  it('is given a parallel step with its join in one gesture, which undo takes back whole', async () => {
    await page.getByRole('button', { name: 'Add Parallel' }).click();
    await card('join').waitFor();
    expect(await portsOf('parallel')).toEqual(['first', 'second']);

    await page.getByRole('button', { name: 'Undo' }).click();
    await card('parallel').waitFor({ state: 'detached' });
    expect(await card('join').count()).toBe(0);

    await page.getByRole('button', { name: 'Redo' }).click();
    await card('join').waitFor();
  });

  it('begins there, ends behind the join, and names the branches', async () => {
    await card('parallel').click();
    await inspector().getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Begin the journey here' }).click();
    await lead('join', 'joined', 'End');
    await card('parallel').click();
    const [first, second] = await inspector().getByRole('textbox', { name: 'Port' }).all();
    await first?.fill('By nurse');
    await first?.press('Enter');
    await second?.fill('By doctor');
    await second?.press('Enter');

    await page.getByText('none: this can be published').waitFor();
    expect(await portsOf('parallel')).toEqual(['by-nurse', 'by-doctor']);
  });

  it('puts a task on a branch, whose outcomes are its ways out as they are written', async () => {
    await addAfter('parallel', 'by nurse', 'Task');
    await card('task').waitFor();
    await inspector().getByRole('textbox', { name: 'Queue' }).fill('nurses');
    await inspector().getByRole('textbox', { name: 'Title' }).fill('Call them');
    expect(await portsOf('task')).toEqual(['done', 'overdue', 'failed']);
    await lead('task', 'done', 'Join');

    await inspector().getByRole('textbox', { name: 'Port' }).fill('Reached');
    await inspector().getByRole('textbox', { name: 'Port' }).press('Enter');
    await inspector().getByRole('button', { name: 'Add', exact: true }).click();
    const second = inspector().getByRole('textbox', { name: 'Port' }).nth(1);
    await second.fill('not reached');
    await second.press('Enter');
    expect(await portsOf('task')).toEqual(['reached', 'not-reached', 'overdue', 'failed']);

    await inspector().getByRole('heading').click();
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(await portsOf('task')).toEqual(['reached', 'overdue', 'failed']);
    await page.keyboard.press('Control+Shift+Z');
    await page.keyboard.press('Control+Shift+Z');
    expect(await portsOf('task')).toEqual(['reached', 'not-reached', 'overdue', 'failed']);

    await lead('task', 'not reached', 'Join');
    await lead('task', 'overdue', 'Join');
    await page.getByText('none: this can be published').waitFor();
  });

  it('calls another journey, and is told what is wrong with the call while it is drawn', async () => {
    await addAfter('parallel', 'by doctor', 'Sub-journey');
    await card('call').waitFor();
    await problem('schema/invalid').waitFor();

    await inspector().getByRole('combobox', { name: 'Journey' }).click();
    expect(await page.getByRole('option').allTextContents()).toEqual(['Ask the doctor']);
    await page.getByRole('option', { name: 'Ask the doctor' }).click();
    await page.getByText('required property "reason"').first().waitFor();
    expect(await portsOf('call')).toEqual(['agreed', 'refused', 'failed']);

    await inspector().getByRole('textbox', { name: 'Reason' }).fill('fever');
    await lead('call', 'agreed', 'Join');
    await lead('call', 'refused', 'Join');
    await page.getByText('none: this can be published').waitFor();
  });

  it('is told of a version that is not there, as the API says it', async () => {
    await inspector().getByRole('tab', { name: 'JSON' }).click();
    const json = inspector().getByRole('textbox', { name: 'JSON' });
    const whole = await json.inputValue();
    await json.fill(whole.replace('"journey": "ask"', '"journey": "ask", "version": 7'));
    await inspector().getByRole('button', { name: 'Apply' }).click();
    await problem('call/unknown-journey').waitFor();
    await page.getByText(/^Saved \d/).waitFor();
    const draft = await stack.call<{ diagnostics: { code: string; message: string }[] }>(
      'GET',
      '/journeys/two-ways/draft',
    );
    for (const { message } of draft.diagnostics) await page.getByText(message).first().waitFor();
    expect(draft.diagnostics.map(({ code }) => code)).toContain('call/unknown-journey');

    await inspector().getByRole('heading').click();
    await page.keyboard.press('Control+z');
    await page.getByText('none: this can be published').waitFor();
  });

  it('publishes it, and somebody goes down both ways and comes together again', async () => {
    await page.getByRole('button', { name: 'Publish v1' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Publish/ })
      .click();
    await page.getByText('Version 1 is published').first().waitFor();

    await stack.call('PUT', '/subjects/person/ada', { givenName: 'Ada' });
    const run = await stack.call<{ id: string }>('POST', '/journeys/two-ways/runs', {
      subject: 'person/ada',
      data: {},
    });
    const { items } = await eventually(
      () => stack.call<{ items: { id: string }[] }>('GET', '/tasks?queue=nurses'),
      (page) => page.items.length === 1,
    );
    await stack.call('POST', `/tasks/${items[0]?.id}/outcome`, { outcome: 'not-reached' });

    await eventually(
      () => stack.call<{ status: string }>('GET', `/runs/${run.id}`),
      ({ status }) => status === 'ended',
    );
    await page.goto(`${stack.url}/runs/${run.id}`);
    await page.getByText('The run ended: completed').first().waitFor({ timeout: 60_000 });
    const called = await stack.call<{ items: { journey: string; outcome: string }[] }>(
      'GET',
      '/runs?journey=ask',
    );
    expect(called.items).toMatchObject([{ journey: 'ask', outcome: 'agreed' }]);
  });

  it('met no error on the way', () => {
    expect(faults).toEqual([]);
  });
});
