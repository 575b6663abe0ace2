import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aDeployment,
  enrol,
  linksOf,
  publish,
  settleMessage,
  type Deployment,
} from '../test-support/deployment.ts';

let deployment: Deployment;
let run: string;
let links: ReturnType<typeof linksOf>;
beforeEach(async () => {
  deployment = await aDeployment();
  await publish(deployment);
  run = await enrol(deployment);
  links = linksOf(deployment, run, 'support');
  await settleMessage(deployment, run);
  deployment.now.at += 60_000;
});
afterEach(async () => {
  await deployment.close();
});

const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(url, { method, headers, redirect: 'manual' });
const happened = async () => {
  const page = await deployment.store.intake.eventsOf(
    { type: 'patient', key: 'p-1' },
    { limit: 50 },
  );
  return page.items.map(({ type }) => type).sort();
};
const consents = () => deployment.store.subjects.consents('patient', 'p-1');

describe('a link in a message', () => {
  it('leads to its target, and counts once (T1)', async () => {
    const link = links.click('https://example.org/a?b=%2F#c');

    const first = await get(link);
    await get(link);

    expect([first.status, first.headers.get('location')]).toEqual([
      303,
      'https://example.org/a?b=%2F#c',
    ]);
    expect(await happened()).toEqual(['email.clicked']);
    const page = await deployment.store.intake.eventsOf(
      { type: 'patient', key: 'p-1' },
      { limit: 1 },
    );
    expect(page.items[0]?.data).toEqual({
      messageId: '<m@example>',
      url: 'https://example.org/a?b=%2F#c',
    });
  });

  it('leads a machine on without counting it (T2)', async () => {
    const link = links.click('https://example.org/a');

    const statuses = [
      await get(link, {}, 'HEAD'),
      await get(link, { purpose: 'prefetch' }),
      await get(link, { 'sec-purpose': 'prefetch;prerender' }),
    ].map(({ status }) => status);

    expect(statuses).toEqual([303, 303, 303]);
    expect(await happened()).toEqual([]);
  });

  it('does not count within a second of the acceptance (T2)', async () => {
    deployment.now.at -= 59_500;

    await get(links.click('https://example.org/a'));
    expect(await happened()).toEqual([]);

    deployment.now.at += 5_000;
    await get(links.click('https://example.org/a'));
    expect(await happened()).toEqual(['email.clicked']);
  });

  it('counts at most three of a burst (T2)', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await get(links.click(`https://example.org/${name}`));

    expect(await happened()).toEqual(Array(3).fill('email.clicked'));
  });

  it('is answered with a page when it is none of ours', async () => {
    const forged = await get(`${deployment.url}/t/e30.AAAA`);
    const wrongKind = await get(links.unsubscribe().replace('/u/', '/t/'));

    expect([forged.status, wrongKind.status]).toEqual([404, 404]);
    expect(await forged.text()).toContain('This link does not work');
  });

  it('shows a pixel that any mail program may load', async () => {
    const response = await get(links.open());

    expect(response.headers.get('content-type')).toBe('image/gif');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(await happened()).toEqual(['email.opened']);
  });
});

describe('unsubscribing', () => {
  it('does not happen by looking (G2)', async () => {
    const response = await get(links.unsubscribe(), {
      'accept-language': 'zh-TW,zh;q=0.9,en;q=0.8',
    });

    expect(response.status).toBe(200);
    expect(await response.text()).toContain('取消訂閱');
    expect(await consents()).toEqual([]);
    expect(await happened()).toEqual([]);
  });

  it('happens by the button or by the mail program, once (T3)', async () => {
    const post = () =>
      fetch(links.unsubscribe(), {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'https://mail.example',
        },
        body: 'List-Unsubscribe=One-Click',
      });

    const first = await post();
    deployment.now.at += 60_000;
    const second = await post();

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await consents()).toEqual([
      expect.objectContaining({
        purpose: 'support',
        channel: 'email',
        state: 'withdrawn',
        source: 'unsubscribed',
      }),
    ]);
    expect(await happened()).toEqual(['consent.withdrawn', 'email.unsubscribed']);
  });

  it('is told again when the telling was cut off (T3)', async () => {
    const { intake } = deployment.store;
    const acceptEvent = intake.acceptEvent.bind(intake);
    intake.acceptEvent = () => Promise.reject(new Error('killed'));
    const cut = await get(links.unsubscribe(), {}, 'POST');
    intake.acceptEvent = acceptEvent;

    const again = await get(links.unsubscribe(), {}, 'POST');

    expect([cut.status, again.status]).toEqual([500, 200]);
    expect(await happened()).toEqual(['consent.withdrawn', 'email.unsubscribed']);
  });

  it('does not happen by a link that is none of ours', async () => {
    expect((await get(`${deployment.url}/u/e30.AAAA`, {}, 'POST')).status).toBe(404);
    expect((await get(links.open().replace('/t/', '/u/'), {}, 'POST')).status).toBe(404);
    expect(await consents()).toEqual([]);
  });
});
