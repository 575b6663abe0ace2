import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, refusals, signIn } from '../support/browser.ts';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

const document = {
  ...{ format: 1, key: 'greeting', name: 'Greeting', subject: 'patient', start: 'hello' },
  entry: [{ on: 'manual' }],
  steps: {
    hello: {
      ...{ kind: 'action', name: 'Greet', uses: 'email/send', purpose: 'support' },
      with: { subject: 'Hello', body: 'Hello {{ subject.key }}.' },
    },
    done: { kind: 'end', outcome: 'completed' },
    unheard: { kind: 'end', outcome: 'unheard' },
  },
  edges: [
    { from: 'hello', port: 'sent', to: 'done' },
    { from: 'hello', port: 'suppressed', to: 'unheard' },
  ],
};

let stack: StackUnderTest;
let browser: Browser;
let page: Page;
let faults: string[];

beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
  browser = await openBrowser();
  ({ page, faults } = await signIn(browser, stack, refusals));
  await stack.publish(document);
  for (const key of ['ada', 'ben', 'cyd', 'dee']) {
    // The sandbox's server refuses such an address for good.
    await stack.call('PUT', `/subjects/patient/${key}`, { email: `refuse+${key}@old.example` });
    await stack.call('POST', '/journeys/greeting/runs', { subject: `patient/${key}` });
  }
  await eventually(
    () => stack.call<{ items: unknown[] }>('GET', '/incidents'),
    ({ items }) => items.length === 4,
  );
});
afterAll(async () => {
  await browser.close();
  await stack.remove();
});

const runOf = async (key: string) => {
  const { items } = await stack.call<{ items: { id: string; status: string; outcome?: string }[] }>(
    'GET',
    `/runs?subject=patient/${key}`,
  );
  return items[0] ?? { id: '', status: 'none' };
};
const endOf = (key: string) =>
  eventually(
    () => runOf(key),
    ({ status }) => status === 'ended',
  );

describe('an operator with incidents', () => {
  it('reads a list page by page, is told when one cannot be read, and tries again', async () => {
    let isAway = true;
    await page.route(/\/api\/v1\/runs(\?|$)/, async (route) => {
      const url = new URL(route.request().url());
      if (isAway && url.searchParams.has('cursor')) return route.fulfill({ status: 409, body: '' });
      url.searchParams.set('limit', '3');
      return route.continue({ url: url.href });
    });
    await page.goto(`${stack.url}/runs`);
    const rows = page.getByRole('main').locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(3);

    await page.getByRole('button', { name: 'Show more' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'That did not work.' });
    await alert.waitFor();
    expect(await rows.count()).toBe(3);

    isAway = false;
    await alert.getByRole('button', { name: 'Retry' }).click();
    await expect.poll(() => rows.count()).toBe(4);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    await page.unrouteAll();
  });

  it('changes what is sent to one person, and it is sent there', async () => {
    const { id } = await runOf('ada');
    await page.goto(`${stack.url}/runs/${id}`);
    await page.getByRole('button', { name: 'Retry' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('switch', { name: 'Change what is sent' }).click();
    await dialog.getByLabel(/^To/).fill('ada@new.example');
    await dialog.getByLabel(/^Reason/).fill('She told us her new address');
    await dialog.getByRole('button', { name: 'Retry' }).click();

    expect(await endOf('ada')).toMatchObject({ outcome: 'completed' });
    const { items } = await stack.call<{ items: unknown[] }>(
      'GET',
      '/sandbox/mail?to=ada@new.example',
    );
    expect(items).toHaveLength(1);
  });

  it('leaves the step of another by the port that fits', async () => {
    const { id } = await runOf('ben');
    await page.goto(`${stack.url}/runs/${id}`);
    await page.getByRole('button', { name: 'Skip…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Go on by/).click();
    await page.getByRole('option', { name: /suppressed/i }).click();
    await dialog.getByLabel(/^Reason/).fill('He has no address');
    await dialog.getByRole('button', { name: 'Skip' }).click();

    expect(await endOf('ben')).toMatchObject({ outcome: 'unheard' });
  });

  it('ends all that are left of a kind at once', async () => {
    await page.goto(`${stack.url}/incidents`);
    await page.getByRole('button', { name: 'Resolve 2' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('End', { exact: true }).first().click();
    await dialog.getByText('Ends the runs of 2 people at once.').waitFor();
    await dialog.getByLabel(/^Reason/).fill('The campaign is over');
    await dialog.getByRole('button', { name: 'End' }).click();

    await page.getByText('No incidents.').waitFor({ timeout: 20_000 });
    expect(await endOf('cyd')).toMatchObject({ outcome: 'ended-by-operator' });
    expect(await endOf('dee')).toMatchObject({ outcome: 'ended-by-operator' });
    expect(faults).toEqual([]);
  });
});
