import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, signIn } from '../support/browser.ts';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

const document = {
  ...{ format: 1, key: 'refill', name: 'Refill', subject: 'patient', start: 'ask' },
  entry: [{ on: 'manual' }],
  steps: {
    ask: {
      ...{ kind: 'action', name: 'Ask by text', uses: 'sms/ask', purpose: 'support' },
      with: {
        text: 'Shall we deliver your refill? Reply 1 for yes, 2 for no.',
        answers: [
          { port: 'yes', words: ['yes'] },
          { port: 'no', words: ['no'] },
        ],
      },
    },
    deliver: {
      ...{ kind: 'action', name: 'Deliver', uses: 'pharmacy-delivery/order' },
      with: {
        medication: { text: 'Insulin glargine' },
        daysSupply: 28,
        quantity: 5,
        coldChain: true,
      },
    },
    enrol: {
      ...{ kind: 'action', name: 'Enrol', uses: 'insurance-enrollment/enroll' },
      with: { plan: 'GOLD-2026' },
    },
    helped: { kind: 'end', outcome: 'helped' },
    other: { kind: 'end', outcome: 'other' },
  },
  edges: [
    { from: 'ask', port: 'yes', to: 'deliver' },
    ...['no', 'other', 'silent'].map((port) => ({ from: 'ask', port, to: 'other' })),
    { from: 'deliver', port: 'delivered', to: 'enrol' },
    ...['refused', 'returned', 'excursion'].map((port) => ({ from: 'deliver', port, to: 'other' })),
    { from: 'enrol', port: 'enrolled', to: 'helped' },
    ...['declined', 'documents-missing'].map((port) => ({ from: 'enrol', port, to: 'other' })),
  ],
};
const ada = {
  ...{ givenName: 'Ada', familyName: 'Lin', phone: '+886912345678', birthDate: '1970-01-02' },
  ...{ memberId: 'M-1', email: 'ada@patients.example' },
  address: { line: 'Zhongshan Road 1', city: 'Tainan', postalCode: '700', country: 'TW' },
};

let stack: StackUnderTest;
let browser: Browser;
let page: Page;
let runId = '';
let faults: string[];

beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
  browser = await openBrowser();
  ({ page, faults } = await signIn(browser, stack));
  await stack.publish(document);
  await stack.call('PUT', '/subjects/patient/ada', ada);
  const run = await stack.call<{ id: string }>('POST', '/journeys/refill/runs', {
    subject: 'patient/ada',
  });
  runId = run.id;
});
afterAll(async () => {
  await browser.close();
  await stack.remove();
});

const panel = (name: string): Locator => page.getByRole('region', { name, exact: true });
const column = (name: string): Locator =>
  panel('Pharmacy').getByRole('region', { name, exact: true });

describe('the outside world', () => {
  it('shows what a person is asked, and answers for them on their phone', async () => {
    await page.goto(`${stack.url}/sandbox`);
    const phone = panel('Phone');
    await phone.getByText('Shall we deliver your refill?').waitFor();
    await phone.getByRole('group', { name: 'quick replies' }).getByText('2').waitFor();

    await phone.getByLabel('Answer', { exact: true }).fill('Yes');
    await phone.getByRole('button', { name: 'Send' }).click();

    await phone.getByText('Yes', { exact: true }).waitFor();
  });

  it('has the order packed, shipped and delivered on the board', async () => {
    const pack = column('New').getByRole('button', { name: 'Pack' });
    await pack.waitFor({ timeout: 60_000 });
    const before = await stack.call('GET', '/sandbox/deliveries');
    let reads = 0;
    await page.route(/\/sandbox\/deliveries(\?|$)/, (route) => {
      reads += 1;
      return reads === 1 ? route.fulfill({ json: before }) : route.continue(); // it was asked before, and answers late
    });
    await pack.press('Enter');
    const ship = column('Packing').getByRole('button', { name: 'Ship', exact: true });
    await ship.and(page.locator(':focus')).waitFor(); // a keyboard goes on where it was
    expect(reads).toBeGreaterThan(1);
    await page.unrouteAll();
    await page.keyboard.press('Enter');
    const moving = column('On its way');
    await moving.getByText('5.1 °C').waitFor();
    await moving.getByRole('button', { name: 'Hand over' }).click();

    await column('Delivered').getByText('Ada Lin').waitFor();
  });

  it('has the case approved in the queue', async () => {
    const insurer = panel('Insurer');
    await insurer.getByText('Enrolment · GOLD-2026').first().waitFor({ timeout: 60_000 });
    await insurer.getByRole('button', { name: 'Approve' }).click();

    await insurer.getByText('enrolled').first().waitFor();
  });

  it('leaves the run ended, as its page says', async () => {
    const run = await eventually(
      () => stack.call<{ status: string; outcome?: string }>('GET', `/runs/${runId}`),
      ({ status }) => status === 'ended',
    );
    await page.goto(`${stack.url}/runs/${runId}`);

    expect(run).toMatchObject({ outcome: 'helped' });
    await page.getByText('The run ended: helped').first().waitFor();
  });

  it('says in its place what cannot be done', async () => {
    await page.goto(`${stack.url}/sandbox?as=patient`);
    const phone = panel('Phone');
    await phone.getByRole('button', { name: 'Write from another number' }).click();
    await phone.getByLabel('Phone number').fill('12');
    await phone.getByLabel('Text message').fill('Hello');
    const before = faults.length;
    await phone.getByRole('button', { name: 'Send' }).click();

    await phone.getByRole('alert').getByText('one phone number with its country').waitFor();
    const meanwhile = faults.splice(before); // the browser itself tells of an answer that is no success
    expect(meanwhile.filter((fault) => !fault.includes('status of 422'))).toEqual([]);
  });

  it('answers by itself when it is switched to', async () => {
    await page.goto(`${stack.url}/sandbox`);
    await page.getByRole('switch', { name: 'Pharmacy answers by itself' }).click();
    await eventually(
      () => stack.call<{ player: { channels: string[] } }>('GET', '/sandbox'),
      ({ player }) => player.channels.includes('pharmacy-delivery'),
    );
    await page.getByRole('switch', { name: 'Pharmacy answers by itself', checked: true }).waitFor();
  });

  it('is behind plugins that say how they are, and who uses them', async () => {
    await page.goto(`${stack.url}/plugins?plugin=sms`);
    await page.getByRole('button', { name: 'Ask by text message' }).first().waitFor();
    await page.getByRole('tab', { name: 'Callbacks' }).click();
    await page.getByText('Yes', { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Used by' }).click();
    await page
      .getByRole('cell', { name: /Ask by text/ })
      .first()
      .waitFor();
    await page.getByRole('tab', { name: 'Connections' }).click();
    await page.getByRole('button', { name: 'Send me a test' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your mail address or phone number').fill('+886987654321');
    await dialog.getByRole('textbox', { name: /^Text/ }).fill('A test');
    await dialog.getByRole('button', { name: 'Send me this' }).click();
    await dialog.waitFor({ state: 'hidden' });

    await page.goto(`${stack.url}/sandbox?to=%2B886987654321`);
    await panel('Phone').getByText('A test').waitFor();
  });

  it('met no error on the way', () => {
    expect(faults).toEqual([]);
  });
});
