import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkValue,
  type JsonObject,
  type PerformRequest,
  type ProviderReport,
  type RunningSandbox,
} from '@sojourn/plugin-kit';
import { createTestContext, openWebhook, type Webhook } from '@sojourn/plugin-kit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pharmacyDelivery } from './plugin.ts';

const { order } = pharmacyDelivery.actions;
const { callbacks } = pharmacyDelivery;
const now = Date.parse('2026-11-28T08:00:00Z');

let directory: string;
let pharmacy: RunningSandbox;
let webhook: Webhook;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pharmacy-'));
  webhook = await openWebhook();
  await opens();
});
afterEach(async () => {
  await pharmacy.close();
  await webhook.close();
  await rm(directory, { recursive: true });
});

async function opens(): Promise<void> {
  pharmacy = await pharmacyDelivery.sandbox.start({ directory });
  pharmacy.callBack?.(webhook.url);
}

const context = (settings: JsonObject = {}) =>
  createTestContext({
    ...{ plugin: 'pharmacy-delivery', type: 'fhir', clock: () => now },
    settings: { ...pharmacy.connection.settings, ...settings },
  });

const address = { line: '1 Harbour Road', city: 'Taipei' };
function aRequest(config: JsonObject = {}, attributes: JsonObject = {}): PerformRequest {
  const whole = { medication: { text: 'Pen 40 mg' }, daysSupply: 28, quantity: 2, ...config };
  expect(checkValue(order.config, whole)).toEqual([]);
  return {
    config: whole,
    subject: { type: 'patient', key: 'p1', attributes: { address, ...attributes } },
    ...{ idempotencyKey: 'run/order#1', attempt: 1, deadline: now + 10_000 },
    links: { click: (to) => to, open: () => '', unsubscribe: () => '' },
  };
}

/** Orders, and answers the pharmacy's id. */
async function orders(config: JsonObject = {}, attributes: JsonObject = {}): Promise<string> {
  const result = await order.perform(aRequest(config, attributes), context());
  if (result.type !== 'accepted') throw new Error('it was not accepted');
  return result.reference;
}
const failure = async (config: JsonObject, attributes: JsonObject = {}): Promise<unknown> =>
  await order.perform(aRequest(config, attributes), context()).then(
    () => undefined,
    (error: unknown) => error,
  );
async function plays(id: string, ...moves: (string | ({ type: string } & JsonObject))[]) {
  for (const move of moves)
    await pharmacy.act(id, typeof move === 'string' ? { type: move } : move);
}

/** What the pharmacy has reported, once so many callbacks came. */
async function reported(count: number): Promise<ProviderReport[]> {
  const requests = await webhook.hears(0, (came) => Promise.resolve(came.length >= count));
  expect(requests).toHaveLength(count);
  const found: ProviderReport[] = [];
  for (const request of requests) {
    expect(await callbacks.verify(request, context().connection)).toBe(true);
    const answer = await callbacks.receive(request, context());
    if (!Array.isArray(answer)) throw new Error(answer.reason);
    found.push(...answer);
  }
  for (const report of found)
    if (report.type === 'settled') expect(checkValue(order.output, report.output)).toEqual([]);
  return found;
}

describe('an order', () => {
  it('is written as its README says, templates and all', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, sample = ''] = /```json\n(.*?)```/s.exec(readme) ?? [];
    const step = JSON.parse(sample) as { uses: string; with: JsonObject };

    expect(step.uses).toBe('pharmacy-delivery/order');
    expect(checkValue(order.config, step.with)).toEqual([]);
  });

  it('reaches the pharmacy with everything that it asks for, under a name that tells nothing', async () => {
    const id = await orders(
      {
        ...{ refills: 3, coldChain: true, signature: true, note: 'Ring twice' },
        deliveryWindow: { from: '2026-11-30T08:00:00+08:00', to: '2026-11-30T12:00:00+08:00' },
      },
      { givenName: 'Ada', familyName: 'Lin' },
    );
    const item = await pharmacy.item(id);

    expect(item).toMatchObject({
      ...{ to: 'Ada Lin', subject: 'patient/p1', medication: 'Pen 40 mg', state: 'received' },
      ...{ quantity: 2, daysSupply: 28, isCold: true },
    });
    expect(item?.['key']).toMatch(/^[0-9a-f]{40}$/);
  });

  it('is one, however often it is sent, and can be found by its key', async () => {
    expect(await order.reconcile?.('run/order#1', context(), {})).toEqual({ type: 'not-found' });
    const first = await orders();
    const second = await orders();

    expect(second).toBe(first);
    expect(await pharmacy.items({ limit: 10 })).toHaveLength(1);
    expect(await order.reconcile?.('run/order#1', context(), {})).toEqual({
      ...{ type: 'accepted', reference: first },
    });
  });

  it('is refused when it is too soon, and nothing is sent; with a reason it is sent', async () => {
    const lastFill = { date: '2026-11-08', daysSupply: 28 }; // until the 6th of December: 8 days

    expect(await failure({ lastFill })).toMatchObject({
      ...{ code: 'refill-too-soon', kind: 'permanent' },
    });
    expect(await pharmacy.items({ limit: 10 })).toEqual([]);
    await orders({ lastFill, override: 'Lost on a train' });
    expect(await pharmacy.items({ limit: 10 })).toHaveLength(1);
  });

  it('counts days where the person lives, or where the step says', async () => {
    const lastFill = { date: '2026-11-08', daysSupply: 28 };
    const east = { timeZone: 'Pacific/Kiritimati' }; // there it is the 28th at 22:00
    expect(
      await failure({ lastFill, earlyDays: 8 }, { timeZone: 'Pacific/Honolulu' }),
    ).toMatchObject(
      { code: 'refill-too-soon' }, // there it is still the 27th
    );
    expect(await failure({ lastFill, earlyDays: 8, ...east })).toBeUndefined();
  });

  it('needs an address: of the step, or of the person, in parts or as one text', async () => {
    expect(await failure({}, { address: null })).toMatchObject({ code: 'address-missing' });
    expect(await failure({}, { address: '1 Harbour Road, Taipei' })).toBeUndefined();
    expect(await failure({ address }, { address: null })).toBeUndefined();
  });

  it.each([
    ['2026-11-30T12:00:00Z', '2026-11-30T08:00:00Z'],
    ['tomorrow', '2026-11-30T08:00:00Z'],
  ])('is not sent with a window from %s to %s', async (from, to) => {
    expect(await failure({ deliveryWindow: { from, to } })).toMatchObject({ kind: 'config' });
  });

  it("fails with the pharmacy's own code, and is told nothing of the person", async () => {
    pharmacy.behave('refusing');
    const error = await failure({}, { givenName: 'Ada' });

    expect(error).toMatchObject({ code: 'not-wanted', kind: 'permanent' });
    expect(String(error)).not.toMatch(/Ada|Harbour|p1/);
    pharmacy.behave('busy');
    expect(await failure({})).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1_000 });
  });
});

describe('a delivery', () => {
  it('ends as delivered, with news on the way and the fill that refills wait for', async () => {
    const id = await orders({ coldChain: true });
    await plays(id, 'pack', 'ship', 'deliver');

    expect(await reported(4)).toMatchObject([
      { eventType: 'delivery.shipped', reference: id, subject: { type: 'patient', key: 'p1' } },
      { eventType: 'prescription.filled', data: { daysSupply: 28, quantity: 2, orderId: id } },
      {
        ...{ type: 'settled', reference: id, outcome: 'delivered' },
        output: { temperature: { min: 4.6, max: 5.1 }, shipments: [{ status: 'completed' }] },
      },
    ]);
  });

  it('in two parts ends with the second', async () => {
    const id = await orders();
    await plays(id, 'pack', 'split', 'deliver');
    expect((await pharmacy.item(id))?.state).toBe('part-delivered');
    await plays(id, 'ship', 'deliver');

    const reports = await reported(6);
    expect(reports.map((report) => ('eventType' in report ? report.eventType : 'end'))).toEqual([
      ...['delivery.shipped', 'delivery.shipped', 'prescription.filled', 'end'],
    ]);
    expect(reports.at(-1)).toMatchObject({ output: { shipments: [{ part: 1 }, { part: 2 }] } });
  });

  it.each([
    ['refuse', 'refused'],
    ['return', 'returned'],
  ])('that they %s ends as %s, with the reason', async (type, outcome) => {
    const id = await orders();
    await plays(id, 'pack', 'ship', { type, reason: 'Box was open' });

    expect((await reported(2)).at(-1)).toMatchObject({
      ...{ outcome, output: { reason: 'Box was open', shipments: [{ status: 'abandoned' }] } },
    });
  });

  it('is late, and comes all the same', async () => {
    const id = await orders();
    await plays(id, 'pack', 'ship', { type: 'delay', reason: 'Storm' }, 'deliver');
    expect(await reported(5)).toMatchObject([
      { eventType: 'delivery.shipped' },
      { eventType: 'delivery.delayed', data: { reason: 'Storm' } },
      { eventType: 'prescription.filled' },
      { outcome: 'delivered' },
    ]);
  });

  it('that gets warm for too long goes into quarantine, and is replaced where that was asked for', async () => {
    const id = await orders({ coldChain: true, replaceOnExcursion: true });
    await plays(id, 'pack', 'ship', 'warm');
    const [, end, replaced] = await reported(3);

    expect(end).toMatchObject({
      outcome: 'excursion',
      output: { quarantine: true, isReplaced: true, temperature: { max: 14.5 } },
    });
    expect(replaced).toMatchObject({ eventType: 'delivery.replaced', reference: id });
    const [replacement] = await pharmacy.items({ limit: 1 });
    await plays(replacement!.id, 'deliver');
    const more = (await reported(6)).slice(3);
    expect(more).toMatchObject([{ eventType: 'prescription.filled', reference: id }]);
  });

  it('that gets warm for half an hour arrives', async () => {
    const id = await orders({ coldChain: true });
    await plays(id, 'pack', 'ship', { type: 'warm', minutes: 30 }, 'deliver');
    expect((await reported(5)).at(-1)).toMatchObject({
      ...{ outcome: 'delivered', output: { temperature: { max: 14.5 } } },
    });
  });

  it('can be stopped until it has left', async () => {
    const id = await orders();
    await plays(id, 'pack');
    expect(await order.cancel?.(id, context())).toBe(true);
    expect((await pharmacy.item(id))?.state).toBe('cancelled');
    expect(await order.cancel?.('no-such-order', context())).toBe(false);
  });
});

describe('the pharmacy', () => {
  it('says what can be done, and why something cannot', async () => {
    const id = await orders();
    const moves = async () => (await pharmacy.item(id))?.moves?.map(({ type }) => type);

    expect(await moves()).toEqual(['pack', 'refuse']);
    await expect(pharmacy.act(id, { type: 'ship' })).rejects.toThrow(
      `'ship' cannot be done with '${id}', which is received: pack, refuse can be`,
    );
    await plays(id, 'pack');
    expect(await moves()).toEqual(['ship', 'split', 'refuse']);
    await plays(id, 'ship');
    expect(await moves()).toEqual(['deliver', 'delay', 'refuse', 'return']); // not cold: nothing to warm
    await expect(pharmacy.act(id, { type: 'delay', reason: 7 })).rejects.toThrow('/reason');
    await plays(id, 'deliver');
    expect(await moves()).toEqual([]);
    await expect(pharmacy.act('o9', { type: 'pack' })).rejects.toThrow("'o9'");
  });

  it('keeps orders and what it has not told over a restart, and tells it until it is heard', async () => {
    const id = await orders();
    await pharmacy.close();
    pharmacy = await pharmacyDelivery.sandbox.start({ directory }); // with no address to call
    await plays(id, 'pack', 'ship');
    await pharmacy.close();
    await opens();

    expect(await reported(1)).toMatchObject([{ eventType: 'delivery.shipped', reference: id }]);
    await pharmacy.close();
    await opens();
    await plays(id, 'deliver');
    expect(await reported(4)).toHaveLength(3); // the first is not told again
  });

  it('is known by who has its token, and says that it speaks FHIR R4', async () => {
    const { fhir } = pharmacyDelivery.connections;
    expect(await fhir.check?.(context())).toMatchObject({ status: 'ok' });
    await expect(fhir.check?.(context({ token: 'tok-other' }))).rejects.toMatchObject({
      kind: 'auth',
    });
  });
});
