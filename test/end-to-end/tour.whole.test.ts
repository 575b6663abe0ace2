import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteFaults, openBrowser } from '../support/browser.ts';
import { stackUnderTest, type StackUnderTest } from '../support/stack.ts';

let stack: StackUnderTest;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  stack = await stackUnderTest({ SOJOURN_DEMO: '1' });
  await stack.start();
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  page = await context.newPage();
  faults = noteFaults(page);
});
afterAll(async () => {
  await browser.close();
  await stack.remove();
});

describe('a newcomer in a browser', () => {
  it('signs in by the printed link, once', async () => {
    await page.goto(stack.signInLink());
    await page.getByRole('heading', { name: 'Journeys' }).waitFor();

    const other = await (await browser.newContext()).newPage();
    const again = await other.goto(stack.signInLink());
    expect(again?.status()).toBe(410);
    await other.close();
  });

  it('takes the tour to its second mail', async () => {
    await page.getByRole('button', { name: 'Take the tour' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').fill('visitor@visitors.example');
    await dialog.getByLabel('Your name').fill('Ada');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await page.waitForURL(/\/runs\/r-/);
    const runUrl = page.url();
    await page.getByText('A click, or a minute').first().waitFor();

    await page.goto(`${stack.url}/sandbox?to=visitor@visitors.example`);
    await page.getByText('Welcome to Sojourn').first().click();
    await page.waitForTimeout(1_200); // a click in the first second is taken for a scanner's
    const link = page.frameLocator('iframe').getByRole('link', { name: 'I am still watching' });
    const [target] = await Promise.all([context.waitForEvent('page'), link.click()]);
    await target.waitForLoadState();
    expect(target.url()).not.toContain('/t/');
    await target.close();

    await page.getByText('You clicked').first().waitFor({ timeout: 20_000 });

    await page.goto(runUrl);
    await page.getByText('The run ended: completed').first().waitFor();
    await page.getByText('email.clicked').first().waitFor();
  });

  it('sees the patients of the demo where the engine says they are', async () => {
    await page.goto(`${stack.url}/journeys/refill-adherence/live`);
    const counts = await stack.call<{ steps: Record<string, { here: number }> }>(
      'GET',
      '/journeys/refill-adherence/versions/1/counts',
    );
    const here = counts.steps['answer']?.here ?? 0;

    expect(here).toBeGreaterThan(0);
    await page.getByRole('button', { name: new RegExp(`Filled, or ten days.*${here}`) }).waitFor();
  });

  it('met no error on the way', () => {
    expect(faults).toEqual([]);
  });
});
