import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesKept, rowsKept } from '../support/kept.ts';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

// What opens a provider's door stands sealed in its connection, and nowhere else: through every channel, when it is right and when the
// provider does not take it.

const wrong = {
  email: 'zmark-mail-password',
  sms: 'zmarksms',
  'pharmacy-delivery': 'zmark-pharmacy-token',
  'insurance-enrollment': 'zmark-insurer-token',
  signing: 'zmark-signing-secret',
};
type Channel = Exclude<keyof typeof wrong, 'signing'>;
const channels = Object.keys(wrong).filter((key): key is Channel => key !== 'signing');

const config: Record<Channel, object> = {
  email: { subject: 'Hello', body: 'Hello.' },
  sms: { text: 'Hello.' },
  'pharmacy-delivery': { medication: { text: 'Pen' }, daysSupply: 28, quantity: 1 },
  'insurance-enrollment': { plan: 'GOLD-2026' },
};
const actions: Record<Channel, [uses: string, port: string]> = {
  email: ['email/send', 'sent'],
  sms: ['sms/send', 'delivered'],
  'pharmacy-delivery': ['pharmacy-delivery/order', 'delivered'],
  'insurance-enrollment': ['insurance-enrollment/enroll', 'enrolled'],
};

/** One action of a channel, over a connection; whatever its other ports, they lead to the end. */
function journeyOver(key: string, channel: Channel, connection?: string): object {
  const [uses, port] = actions[channel];
  const others = {
    ...{ email: [], sms: ['undelivered'] },
    'pharmacy-delivery': ['refused', 'returned', 'excursion'],
    'insurance-enrollment': ['declined', 'documents-missing'],
  }[channel];
  return {
    ...{ format: 1, key, name: key, subject: 'patient', entry: [{ on: 'manual' }], start: 'ask' },
    steps: {
      ask: {
        ...{ kind: 'action', uses, with: config[channel] },
        ...(channel === 'email' || channel === 'sms' ? { purpose: 'support' } : {}),
        ...(connection === undefined ? {} : { connection }),
      },
      done: { kind: 'end', outcome: 'completed' },
    },
    edges: [port, ...others].map((name) => ({ from: 'ask', port: name, to: 'done' })),
  };
}

interface Connection {
  id: string;
  settings: Record<string, unknown>;
  webhook: string | null;
}
interface Run {
  id: string;
  status: string;
  incidents: { code: string }[];
}

let stack: StackUnderTest;
const secrets: string[] = Object.values(wrong);
beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
  for (const place of ['pharmacy-delivery', 'insurance-enrollment']) {
    const folder = join(stack.home, 'sandbox', place);
    const [file = ''] = await readdir(folder);
    const [opened = ''] = (await readFile(join(folder, file), 'utf8')).split('\n');
    const { token, signingSecret } = JSON.parse(opened) as Record<string, string>;
    secrets.push(token ?? '', signingSecret ?? '');
  }
  await stack.call('PUT', '/subjects/patient/ada', {
    ...{ givenName: 'Ada', familyName: 'Lin', email: 'ada@patients.example' },
    ...{ phone: '+886912345678', memberId: 'M1', birthDate: '1980-01-01' },
    address: { line: '1 Road', city: 'Tainan' },
  });
});
afterAll(() => stack.remove());

/** The settings of the stand-in's own connection, with secrets that are none. */
async function wrongConnection(channel: Channel): Promise<Connection> {
  const known = await stack.call<Connection>('GET', `/connections/default-${channel}`);
  const { inbound: _inbound, ...settings } = known.settings;
  const given = {
    email: { username: 'clinic', password: wrong.email },
    sms: { password: wrong.sms },
    'pharmacy-delivery': { token: wrong['pharmacy-delivery'], signingSecret: wrong.signing },
    'insurance-enrollment': { token: wrong['insurance-enrollment'], signingSecret: wrong.signing },
  }[channel];
  const type = { email: 'smtp', sms: 'smpp' }[channel as string] ?? 'fhir';
  return await stack.call<Connection>('POST', '/connections', {
    ...{ id: `wrong-${channel}`, plugin: channel, type, name: `Wrong ${channel}` },
    settings: { ...settings, ...given },
  });
}

async function letIn(document: object): Promise<Run> {
  await stack.publish(document);
  const { key } = document as { key: string };
  return await stack.call<Run>('POST', `/journeys/${key}/runs`, {
    subject: 'patient/ada',
  });
}
const until = (run: Run, isSo: (run: Run) => boolean): Promise<Run> =>
  eventually(() => stack.call<Run>('GET', `/runs/${run.id}`), isSo, 60_000);

/** Everything that the API answers to whoever may ask everything. */
async function answered(runs: readonly Run[]): Promise<string> {
  const paths = [
    ...['/connections', '/plugins', '/runs', '/incidents', '/reports', '/audit', '/status'],
    ...['/tasks', '/subjects/patient/ada', '/journeys', '/sandbox'],
    ...runs.flatMap(({ id }) => [`/runs/${id}`, `/runs/${id}/trail`]),
  ];
  const texts: string[] = [];
  for (const path of paths) texts.push(JSON.stringify(await stack.call('GET', path)));
  return texts.join('\n');
}

describe('the secrets of every channel', () => {
  it('stand in no answer, no row, no history and no log, right or wrong', async () => {
    const runs: Run[] = [];
    await stack.call('PUT', '/sandbox/player', {
      channels: ['sms', 'pharmacy-delivery', 'insurance-enrollment'],
      ...{ paceSeconds: 0, failureRate: 0, silence: 0, seed: 'open' },
    });
    for (const channel of channels) {
      const right = await letIn(journeyOver(`right-${channel}`, channel));
      runs.push(await until(right, ({ status }) => status === 'ended'));

      const { webhook } = await wrongConnection(channel);
      await stack.call('POST', `/connections/wrong-${channel}/check`).catch(() => undefined); // it says that it is down
      const other = await letIn(journeyOver(`wrong-${channel}`, channel, `wrong-${channel}`));
      const { status, incidents, ...run } = await until(
        other,
        (item) => item.incidents.length > 0 || item.status === 'ended',
      );
      if (channel !== 'email') expect(incidents, channel).toHaveLength(1); // the mail sandbox takes everybody
      runs.push({ ...run, status, incidents });
      if (webhook !== null) {
        const forged = await fetch(webhook, { method: 'POST', body: '{"resourceType":"Bundle"}' });
        expect(forged.status).toBe(401);
        expect(await forged.text()).not.toContain(wrong.signing);
      }
    }
    expect(runs).toHaveLength(2 * channels.length);

    const shown = await answered(runs);
    const rows = await rowsKept(stack.home);
    await stack.stop();
    const left = await filesKept(stack.home);
    expect([...left.keys()].some((place) => place.startsWith('temporal'))).toBe(true);
    expect([...left.keys()].some((place) => place.startsWith('logs'))).toBe(true);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(7);
      expect(shown.includes(secret), `${secret} in an answer`).toBe(false);
      expect(
        rows.some(({ bytes }) => bytes.includes(secret)),
        `${secret} in a row`,
      ).toBe(false);
      for (const [place, bytes] of left)
        expect(bytes.includes(secret), `${secret} in ${place}`).toBe(false);
    }
    // The look itself finds what is there.
    expect(rows.some(({ bytes }) => bytes.includes('wrong-sms'))).toBe(true);
    expect(left.get('logs/sojourn.log')?.length).toBeGreaterThan(0);
  }, 300_000);
});
