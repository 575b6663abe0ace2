import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { StackUnderTest } from './stack.ts';

/**
 * A browser: the one named by SOJOURN_TEST_BROWSER, else one that playwright has downloaded, else the one that comes with an
 * npm package (Linux, x86-64), else Chrome where it is installed.
 */
export async function openBrowser(): Promise<Browser> {
  const named = process.env['SOJOURN_TEST_BROWSER'];
  if (named !== undefined && named !== '')
    return await chromium.launch({ executablePath: named, args: ['--no-sandbox'] });
  if (existsSync(chromium.executablePath()))
    return await chromium.launch({ args: ['--no-sandbox'] });
  if (process.platform === 'linux' && process.arch === 'x64') {
    return await chromium.launch({
      executablePath: await sparticuz.executablePath(),
      args: sparticuz.args,
    });
  }
  return await chromium.launch({ channel: 'chrome' });
}

/**
 * Opens a page, and signs in by the link that the start printed. Answers the page, and what goes wrong in it from then on. What is
 * `expected` on the console is no fault.
 */
export async function signIn(
  browser: Browser,
  stack: Pick<StackUnderTest, 'signInLink'>,
  expected?: RegExp,
): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  page.setDefaultTimeout(15_000);
  const faults = noteFaults(page, expected);
  await page.goto(stack.signInLink());
  await page.getByRole('heading', { name: 'Journeys' }).waitFor();
  return { page, faults };
}

/** Notes what goes wrong in a page from now on. */
export function noteFaults(page: Page, expected?: RegExp): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`.trim();
    if (message.type() === 'error' && expected?.test(text) !== true) faults.push(text);
  });
  return faults;
}

/** What the browser itself says of an answer that refuses something: what the page makes of it is looked at instead. */
export const refusals = /status of 4(04|09|12|22) .*\/api\//;
