import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServedQueue } from './connection-queues.ts';
import { serveQueues, type QueueWorker, type QueueWorkers } from './queue-workers.ts';

let queues: ServedQueue[];
let begun: { name: string; perSecond: number | undefined; fail: () => void; isRunning: boolean }[];
let running: QueueWorkers;
const warned: string[] = [];

const begin = (queue: ServedQueue): Promise<QueueWorker> => {
  let settle = (): void => undefined;
  let fail = (): void => undefined;
  const ran = new Promise<void>((resolve, reject) => {
    settle = resolve;
    fail = () => reject(new Error('it failed'));
  });
  const own = { name: queue.name, perSecond: queue.perSecond, fail, isRunning: true };
  begun.push(own);
  return Promise.resolve({
    run: () => ran,
    shutdown() {
      own.isRunning = false;
      settle();
    },
    getState: () => (own.isRunning ? 'RUNNING' : 'STOPPED'),
  });
};
const names = () => begun.filter(({ isRunning }) => isRunning).map(({ name }) => name);

beforeEach(async () => {
  begun = [];
  queues = [{ name: 'a' }, { name: 'b', perSecond: 5 }];
  running = await serveQueues({
    ...{ desired: () => Promise.resolve(queues), begin, everyMs: 100_000 },
    log: { warn: (_, message) => void warned.push(message) },
  });
});
afterEach(() => running.stop());

describe('workers of queues', () => {
  it('serve what stands, and what comes; what goes they leave (Q1)', async () => {
    expect(names()).toEqual(['a', 'b']);

    queues = [{ name: 'b', perSecond: 5 }, { name: 'c' }];
    await running.follow();

    expect(names()).toEqual(['b', 'c']);
    expect(begun).toHaveLength(3);
  });

  it('are begun again under another limit, the others left alone (Q1)', async () => {
    queues = [{ name: 'a' }, { name: 'b', perSecond: 9 }];
    await running.follow();

    expect(begun.map(({ name, perSecond }) => [name, perSecond])).toEqual([
      ['a', undefined],
      ['b', 5],
      ['b', 9],
    ]);
  });

  it('are begun again when they fail (Q2)', async () => {
    begun[0]?.fail();
    await vi.waitFor(() => expect(warned).not.toEqual([]));
    await running.follow();

    expect(begun.map(({ name }) => name)).toEqual(['a', 'b', 'a']);
  });

  it('all end when they are stopped, and none begins any more', async () => {
    await running.stop();
    await running.follow();

    expect(names()).toEqual([]);
  });
});
