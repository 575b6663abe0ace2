import {
  createRegistry,
  definePlugin,
  done,
  happened,
  type ProviderReport,
} from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { createMemoryStore, type ConnectionRecord, type Store } from '@sojourn/store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createListening, type Listening } from './listening.ts';
import type { Arrival } from './report-inbox.ts';

/** What the provider of the test says on its line; what it has been told was heard. */
let heard: string[];
let acknowledged: string[];
let lines: { host: string; say: (text: string) => void; breakOff: () => void }[];
let store: Store;
let now: number;
let opened: Listening[];
beforeEach(() => {
  [heard, acknowledged, lines, opened] = [[], [], [], []];
  now = 1_000_000;
  store = createMemoryStore();
});
afterEach(async () => {
  await Promise.all(opened.map((listening) => listening.close()));
});

const plugin = definePlugin({
  ...{ id: 'radio', version: '1.0.0', apiVersion: 1, name: 'Radio' },
  connections: {
    line: {
      schema: {},
      async *listen({ connection, signal }) {
        const waiting: string[] = [];
        let wake = (): void => undefined;
        const broken = new AbortController();
        lines.push({
          host: connection.settings['host'] as string,
          say(text) {
            waiting.push(text);
            wake();
          },
          breakOff() {
            broken.abort();
            wake();
          },
        });
        signal.addEventListener('abort', () => wake());
        for (;;) {
          const text = waiting.shift();
          if (text !== undefined) {
            yield happened('radio.heard', undefined, { text }, { eventId: text });
            acknowledged.push(text);
            continue;
          }
          if (signal.aborted) return;
          if (broken.signal.aborted) throw new Error('the line broke');
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    },
  },
  actions: {
    say: {
      ...{ title: 'Say', schemaVersion: 1, config: {}, output: {}, outcomes: ['said'] },
      ...{ settles: 'now', perform: () => Promise.resolve(done('said')) },
    },
  },
  events: { 'radio.heard': { schema: {} } },
});

const aConnection = (change: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  ...{ id: 'radio-1', plugin: 'radio', type: 'line', name: 'Radio', settings: { host: 'a' } },
  ...{ limits: {}, default: true, createdAt: 0, updatedAt: 0, ...change },
});

function aListening(arrive: () => Promise<Arrival> = () => Promise.resolve('stored')): Listening {
  const listening = createListening({
    store,
    registry: createRegistry([plugin]),
    pluginContext: (record, of, limit) =>
      createTestContext({
        plugin: of,
        settings: record?.settings ?? {},
        signal: typeof limit === 'number' ? AbortSignal.timeout(limit) : limit,
      }),
    inbox: {
      arrive: (report: ProviderReport) => {
        heard.push(report.eventId);
        return arrive();
      },
    } as never,
    log: { info: vi.fn(), warn: vi.fn(), error: vi.fn() },
    clock: () => now,
  });
  opened.push(listening);
  return listening;
}

describe('a line that a provider answers on', () => {
  it('is held by one process, and by another when that one is gone (L1)', async () => {
    await store.connections.insert(aConnection());
    const [one, other] = [aListening(), aListening()];
    await one.follow();
    await other.follow();
    expect([one.held(), other.held()]).toEqual([1, 0]);

    now += 10_000;
    await one.follow(); // renews
    now += 10_000;
    await other.follow();
    expect(other.held()).toBe(0);

    now += 5_001; // the first is silent for longer than its lease
    await other.follow();
    expect(other.held()).toBe(1);
    await one.follow();
    expect(one.held()).toBe(0);
  });

  it('is told that a report was heard when it is stored (L2)', async () => {
    await store.connections.insert(aConnection());
    let stored = (): void => undefined;
    const listening = aListening(
      () => new Promise((resolve) => (stored = () => resolve('stored'))),
    );
    await listening.follow();
    lines[0]?.say('one');
    await vi.waitFor(() => expect(heard).toEqual(['one']));
    expect(acknowledged).toEqual([]);

    stored();
    await vi.waitFor(() => expect(acknowledged).toEqual(['one']));
  });

  it('is begun again when it breaks (L3)', async () => {
    await store.connections.insert(aConnection());
    const listening = aListening();
    await listening.follow();
    lines[0]?.breakOff();
    await vi.waitFor(() => expect(lines).toHaveLength(2), 5_000);

    lines[1]?.say('again');
    await vi.waitFor(() => expect(heard).toEqual(['again']));
  });

  it('does not tell the provider that a report was heard that could not be stored (L2)', async () => {
    await store.connections.insert(aConnection());
    let fails = true;
    const listening = aListening(() =>
      fails ? Promise.reject(new Error('no database')) : Promise.resolve('stored'),
    );
    await listening.follow();
    lines[0]?.say('one');
    await vi.waitFor(() => expect(lines).toHaveLength(2), 5_000);
    expect(acknowledged).toEqual([]);
    fails = false;
  });

  it('that does not let go keeps no other from being followed (L5)', async () => {
    await store.connections.insert(aConnection());
    const listening = aListening(() => new Promise(() => undefined)); // the store never answers
    await listening.follow();
    lines[0]?.say('one');
    await vi.waitFor(() => expect(heard).toEqual(['one']));

    await store.connections.replace(aConnection({ settings: { host: 'b' } }));
    await listening.follow();

    expect(lines.map(({ host }) => host)).toEqual(['a', 'b']);
  });

  it('follows its connection (L4)', async () => {
    await store.connections.insert(aConnection());
    const listening = aListening();
    await listening.follow();
    await store.connections.replace(aConnection({ name: 'Another name' }));
    await listening.follow();
    expect(lines.map(({ host }) => host)).toEqual(['a']);

    await store.connections.replace(aConnection({ settings: { host: 'b' } }));
    await listening.follow();
    await listening.follow();
    expect(lines.map(({ host }) => host)).toEqual(['a', 'b']);

    await store.connections.remove('radio-1');
    await listening.follow();
    expect(listening.held()).toBe(0);
  });
});
