import { accepted, definePlugin, done } from '@sojourn/plugin-kit';
import type { JourneyDocument } from '@sojourn/schemas';
import type { ConnectionRecord } from '@sojourn/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';

/** What was posted, by connection, in order. */
const posted: { connection: string; key: string }[] = [];
const post = definePlugin({
  ...{ id: 'post', version: '1.0.0', apiVersion: 1, name: 'Post' },
  connections: { line: { schema: {} } },
  actions: {
    send: {
      ...{ title: 'Send', schemaVersion: 1, connection: 'line', outcomes: ['sent'] },
      ...{ settles: 'now', contact: false, config: {}, output: {} },
      perform({ idempotencyKey }, { connection }) {
        posted.push({ connection: connection.id, key: idempotencyKey });
        return Promise.resolve(done('sent', {}));
      },
    },
    order: {
      ...{ title: 'Order', schemaVersion: 1, connection: 'line', outcomes: ['delivered'] },
      ...{ settles: 'later', contact: false, config: {}, output: {} },
      perform: ({ callbackUrl = '' }) => Promise.resolve(accepted(callbackUrl)),
    },
  },
  callbacks: { verify: () => Promise.resolve(true), receive: () => Promise.resolve([]) },
});

let servers: Servers;
let rig: Rig;
beforeAll(async () => {
  servers = await startServers();
  rig = await createRig(servers, {
    plugins: [post],
    pace: { longWaitMs: 86_400_000, lingerMs: 10_000, untakenMs: 1_000 },
  });
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
});

const aLine = (id: string, change: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  ...{ id, plugin: 'post', type: 'line', name: id, settings: {}, limits: {}, default: false },
  ...{ createdAt: 0, updatedAt: 0, ...change },
});
const sending = (key: string, connection?: string, uses = 'post/send'): JourneyDocument => ({
  ...{ format: 1, key, name: key, subject: 'patient', entry: [{ on: 'manual' }], start: 'send' },
  steps: {
    send: { kind: 'action', uses, ...(connection === undefined ? {} : { connection }) },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [{ from: 'send', port: uses === 'post/send' ? 'sent' : 'delivered', to: 'done' }],
});

describe('the queue of a connection', () => {
  it('keeps the rate of its connection, and lets others pass', async () => {
    await rig.store.connections.insert(aLine('slow', { default: true, limits: { perSecond: 2 } }));
    await rig.store.connections.insert(aLine('fast'));
    const byDefault = await rig.publish(sending('by-default'));
    const byName = await rig.publish(sending('by-name', 'slow'));
    const other = await rig.publish(sending('other', 'fast'));

    const slow = await Promise.all(
      Array.from({ length: 14 }, (_, index) =>
        rig.start(index % 2 ? byDefault : byName, { key: `s${index}` }),
      ),
    );
    const fast = await Promise.all(
      Array.from({ length: 20 }, (_, index) => rig.start(other, { key: `f${index}` })),
    );
    for (const run of [...slow, ...fast]) await rig.until(run, ({ status }) => status === 'ended');

    const order = posted.map(({ connection }) => connection);
    expect(order.filter((connection) => connection === 'slow')).toHaveLength(14);
    expect(order.filter((connection) => connection === 'fast')).toHaveLength(20);
    expect(order.lastIndexOf('fast')).toBeLessThan(order.lastIndexOf('slow'));
    expect(new Set(posted.map(({ key }) => key)).size).toBe(34);
  });

  it('that nobody serves is an incident, and goes on once somebody does', async () => {
    const plan = await rig.publish(sending('nobody', 'coming'));
    const run = await rig.start(plan, { key: 'n1' });
    await rig.until(run, ({ incidents }) => incidents.length > 0);
    expect((await rig.store.runs.get(run))?.incidents).toMatchObject([
      { code: 'no-worker', detail: "no worker serves the queue 'plugin.post.coming'" },
    ]);

    await rig.store.connections.insert(aLine('coming'));
    await rig.command(run, { type: 'retry' });
    await rig.until(run, ({ status }) => status === 'ended');

    expect(posted.filter(({ connection }) => connection === 'coming')).toHaveLength(1);
  });

  it('that is served but slow keeps its effects waiting, and is no incident', async () => {
    await rig.store.connections.insert(aLine('snail', { limits: { perSecond: 0.4 } }));
    const plan = await rig.publish(sending('snails', 'snail'));
    const runs = await Promise.all(
      ['a', 'b', 'c'].map((key) => rig.start(plan, { key: `snail-${key}` })),
    );

    for (const run of runs) {
      await rig.until(run, ({ status }) => status === 'ended');
      const { items } = await rig.store.runs.trail(run, { limit: 20 });
      expect(items.map(({ what }) => what)).not.toContain('incident');
    }
  });

  it('hands a plugin that takes callbacks the address of its effect', async () => {
    const plan = await rig.publish(sending('ordering', 'fast', 'post/order'));
    const run = await rig.start(plan, { key: 'o1' });
    await rig.until(run, ({ positions }) => positions[0]?.waitingFor === 'callback');

    const effect = await rig.store.effects.byReference(
      ...(['fast', `http://localhost/callbacks/${run}/send#1`] as const),
    );
    expect(effect?.id).toBe(`${run}/send#1`);
  });
});
