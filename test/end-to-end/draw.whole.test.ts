import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, refusals, signIn } from '../support/browser.ts';
import { stackUnderTest, type StackUnderTest } from '../support/stack.ts';

let stack: StackUnderTest;
let browser: Browser;
let page: Page;
let faults: string[];

beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
  browser = await openBrowser();
  ({ page, faults } = await signIn(browser, stack, refusals));
});
afterAll(async () => {
  await browser.close();
  await stack.remove();
});

const step = (name: string): Locator =>
  page.locator('.react-flow__node', { hasText: new RegExp(`^${name}`) });

/** Draws an edge as a hand does: press on a port, move, let go over the target's entrance. */
async function drag(port: Locator, target: Locator): Promise<void> {
  const from = await port.boundingBox();
  const to = await target.boundingBox();
  if (!from || !to) throw new Error('nothing to drag from or to');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2 - 30, { steps: 8 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 4 });
  await page.mouse.up();
}

describe('a designer with a mouse', () => {
  it('begins a journey with nothing', async () => {
    await page.getByRole('button', { name: 'New journey' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Drawn by hand');
    await dialog.getByRole('button', { name: 'New journey' }).click();
    await page.waitForURL(/\/journeys\/drawn-by-hand/);
    await step('Beginning').waitFor();
  });

  it('puts an e-mail on the canvas, and is told what is missing', async () => {
    await page
      .getByRole('button', { name: 'Add E-mail' })
      .dragTo(page.locator('.react-flow__pane'), { targetPosition: { x: 300, y: 450 } });
    await step('Send an e-mail').waitFor();

    await page.getByText('graph/unreachable').waitFor();
    await page.getByText('policy/purpose-missing').waitFor();
    await page.getByText('plugin/config-invalid').first().waitFor();
  });

  it('leads the ways by drawing them, fills in the form and mends the rest', async () => {
    await page.getByRole('textbox', { name: 'Subject' }).fill('Good day {{ subject.givenName }}');
    await page
      .getByRole('textbox', { name: 'Body' })
      .fill('A **line** from a journey drawn by hand.');
    await page.getByRole('button', { name: "Set the purpose to 'support'" }).click();
    await drag(
      step('Beginning').locator('.react-flow__handle.source'),
      step('Send an e-mail').locator('.react-flow__handle.target'),
    );
    await drag(
      step('Send an e-mail').locator('.react-flow__handle[data-handleid="sent"]'),
      step('End').locator('.react-flow__handle.target'),
    );

    await page.getByText('none: this can be published').waitFor();
  });

  it('can take the last edit back, and do it again', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('graph/port-unconnected').first().waitFor();

    await page.getByRole('button', { name: 'Redo' }).click();
    await page.getByText('none: this can be published').waitFor();
  });

  it('finds the draft as it was after leaving the page', async () => {
    await page.getByText(/^Saved \d/).waitFor();
    await page.reload();

    await step('Send an e-mail').click();
    expect(await page.getByRole('textbox', { name: 'Subject' }).inputValue()).toBe(
      'Good day {{ subject.givenName }}',
    );
  });

  it('publishes it, lets somebody in, and sees the run', async () => {
    await page.getByRole('button', { name: 'Publish v1' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Publish/ })
      .click();
    await page.getByText('Version 1 is published').first().waitFor();

    await stack.call('PUT', '/subjects/person/ada', {
      email: 'ada@patients.example',
      givenName: 'Ada',
    });
    const run = await stack.call<{ id: string }>('POST', '/journeys/drawn-by-hand/runs', {
      subject: 'person/ada',
      data: {},
    });
    await page.goto(`${stack.url}/runs/${run.id}`);
    await page.getByText('The run ended: completed').first().waitFor();

    await page.goto(`${stack.url}/sandbox?to=ada@patients.example`);
    await page.getByText('Good day Ada').first().waitFor();
  });

  it('met no error on the way', () => {
    expect(faults).toEqual([]);
  });
});
