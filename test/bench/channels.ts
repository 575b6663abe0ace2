import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { signatureHeader, signBody } from '@sojourn/plugin-kit';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';
import { watchDisk, type FlushFigures } from './disk.ts';
import { quantile } from './figures.ts';

/** What channels keep to, on the embedded stack. */
export interface ChannelFigures {
  /** Sends through a connection that may send five a second, and through another meanwhile. */
  limited: { sends: number; perSecond: number; seconds: number; othersSeconds: number };
  /** Milliseconds until a callback is stored and answered. */
  callbacks: {
    perSecond: number;
    count: number;
    p50: number;
    p99: number;
    most: number;
    /** What the disk alone took meanwhile to keep a few bytes. */
    disk: FlushFigures;
  };
}

const sends = 100;
const perSecond = 5;
const callbacksPerSecond = 100;
const secret = 'the secret of the bench';

const journeyOver = (key: string, connection: string) => ({
  ...{ format: 1, key, name: key, subject: 'patient', start: 'writes' },
  entry: [{ on: 'event', event: `bench.${key}` }],
  steps: {
    writes: {
      ...{ kind: 'action', uses: 'email/send', connection, purpose: 'support' },
      with: { subject: key, body: 'Hello {{ subject.key }}.' },
    },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [{ from: 'writes', port: 'sent', to: 'done' }],
});

/** Sends through two connections, then takes callbacks for so many seconds. */
export async function benchChannels(
  callbackSeconds: number,
  say: (line: string) => void,
): Promise<ChannelFigures> {
  const stack = await stackUnderTest();
  await stack.start();
  try {
    const limited = await benchLimit(stack);
    say(`  ${sends} sends at ${perSecond} a second took ${limited.seconds.toFixed(1)} s`);
    return { limited, callbacks: await benchCallbacks(stack, callbackSeconds) };
  } finally {
    await stack.remove();
  }
}

async function benchLimit(stack: StackUnderTest): Promise<ChannelFigures['limited']> {
  const known = await stack.call<{ settings: { inbound?: object } }>(
    'GET',
    '/connections/default-email',
  );
  const { inbound: _inbound, ...sending } = known.settings; // the mailbox stays with its own connection
  await stack.call('POST', '/connections', {
    ...{ id: 'slow', plugin: 'email', type: 'smtp', name: 'Slow', settings: sending },
    limits: { perSecond },
  });
  await stack.call('PUT', '/connections/default-email', {
    ...{ plugin: 'email', type: 'smtp', name: 'Fast', settings: known.settings, default: true },
    limits: { perSecond: 1_000 },
  });
  for (const [key, connection] of [
    ['slow', 'slow'],
    ['fast', 'default-email'],
  ] as const) {
    await stack.publish(journeyOver(key, connection));
  }
  for (let index = 0; index < sends; index += 1)
    await stack.call('PUT', `/subjects/patient/p${index}`, { email: `p${index}@bench.example` });
  await delay(2_000); // until the workers have seen the limits

  const began = Date.now();
  for (const key of ['slow', 'fast']) {
    const events = Array.from({ length: sends }, (_, index) => ({
      ...{ specversion: '1.0', id: `${key}-${index}`, source: 'bench', type: `bench.${key}` },
      ...{ subject: `patient/p${index}`, data: {} },
    }));
    await stack.call('POST', '/events', events, {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });
  }
  const at = { slow: 0, fast: 0 };
  await eventually(
    async () => {
      for (const key of ['slow', 'fast'] as const)
        if (at[key] === 0 && (await endedOf(stack, key)) === sends) at[key] = Date.now();
      return at;
    },
    ({ slow, fast }) => slow > 0 && fast > 0,
    120_000,
  );
  return {
    ...{ sends, perSecond, seconds: (at.slow - began) / 1_000 },
    othersSeconds: (at.fast - began) / 1_000,
  };
}

async function endedOf(stack: StackUnderTest, key: string): Promise<number> {
  const { items } = await stack.call<{ items: { key: string; people: { ended: number } }[] }>(
    'GET',
    '/journeys',
  );
  return items.find((journey) => journey.key === key)?.people.ended ?? 0;
}

async function benchCallbacks(
  stack: StackUnderTest,
  seconds: number,
): Promise<ChannelFigures['callbacks']> {
  const { webhook } = await stack.call<{ webhook: string }>('POST', '/connections', {
    ...{ id: 'bench-pharmacy', plugin: 'pharmacy-delivery', type: 'fhir', name: 'Bench' },
    settings: { baseUrl: 'http://127.0.0.1:1/fhir', token: 'a-token', signingSecret: secret },
  });
  const took: number[] = [];
  const post = async (): Promise<void> => {
    const body = JSON.stringify({
      ...{ resourceType: 'Bundle', type: 'collection', identifier: { value: randomUUID() } },
      entry: [
        {
          resource: {
            ...{ resourceType: 'MedicationDispense', id: randomUUID(), status: 'completed' },
            authorizingPrescription: [{ reference: `MedicationRequest/${randomUUID()}` }],
            whenHandedOver: new Date().toISOString(),
            daysSupply: { value: 28 },
            quantity: { value: 2 },
          },
        },
      ],
    });
    const began = performance.now();
    const response = await fetch(webhook, {
      method: 'POST',
      headers: {
        'content-type': 'application/fhir+json',
        [signatureHeader]: signBody(body, secret, Date.now()),
      },
      body,
    });
    const text = await response.text();
    took.push(performance.now() - began);
    if (response.status !== 200)
      throw new Error(`a callback was answered ${response.status}: ${text}`);
  };
  const flushes = watchDisk(stack.home);
  const posting: Promise<void>[] = [];
  const began = performance.now();
  for (let index = 0; index < seconds * callbacksPerSecond; index += 1) {
    const dueMs = began + (index * 1_000) / callbacksPerSecond;
    if (dueMs > performance.now()) await delay(dueMs - performance.now());
    posting.push(post());
  }
  await Promise.all(posting);
  const disk = await flushes();
  const stored = await stack.call<{ items: unknown[] }>(
    'GET',
    '/reports?connection=bench-pharmacy&limit=200',
  );
  if (stored.items.length === 0) throw new Error('no callback was stored');
  took.sort((one, other) => one - other);
  return {
    ...{ perSecond: callbacksPerSecond, count: took.length },
    ...{ p50: quantile(took, 0.5), p99: quantile(took, 0.99), most: took.at(-1) ?? 0 },
    disk,
  };
}
