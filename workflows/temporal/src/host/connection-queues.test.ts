import { createRegistry, definePlugin, done } from '@sojourn/plugin-kit';
import type { ConnectionRecord } from '@sojourn/store';
import { describe, expect, it } from 'vitest';
import { queuesOf } from './connection-queues.ts';

const plugin = (id: string, perSecond?: number) =>
  definePlugin({
    ...{ id, version: '1.0.0', apiVersion: 1, name: id },
    connections: {
      line: { schema: {}, ...(perSecond === undefined ? {} : { limits: { perSecond } }) },
    },
    actions: {
      say: {
        ...{ title: 'Say', schemaVersion: 1, config: {}, output: {}, outcomes: ['said'] },
        ...{ settles: 'now', perform: () => Promise.resolve(done('said')) },
      },
    },
  });
const registry = createRegistry([plugin('sms', 20), plugin('task')]);
const aConnection = (id: string, change: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  ...{ id, plugin: 'sms', type: 'line', name: id, settings: {}, limits: {}, default: false },
  ...{ createdAt: 0, updatedAt: 0, ...change },
});

describe('the queues of connections', () => {
  it('are one for each, and one for the default of each plugin', () => {
    const connections = [
      aConnection('one', { default: true, limits: { perSecond: 5 } }),
      aConnection('two'),
    ];

    expect(queuesOf(registry, connections)).toEqual([
      { name: 'plugin.sms.default', perSecond: 5 },
      { name: 'plugin.sms.one', perSecond: 5 },
      { name: 'plugin.sms.two', perSecond: 20 },
      { name: 'plugin.task.default' },
    ]);
  });

  it('are those of some plugins where only those are served', () => {
    expect(queuesOf(registry, [aConnection('two')], (id) => id === 'sms')).toEqual([
      { name: 'plugin.sms.default' },
      { name: 'plugin.sms.two', perSecond: 20 },
    ]);
  });
});
