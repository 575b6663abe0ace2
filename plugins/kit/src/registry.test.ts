import { describe, expect, it } from 'vitest';
import type { ActionDefinition, PluginDefinition } from './contract.ts';
import { done } from './contract.ts';
import { createRegistry } from './registry.ts';

const action = (schemaVersion: number, more: Partial<ActionDefinition> = {}): ActionDefinition => ({
  ...{ title: `Version ${schemaVersion}`, schemaVersion, config: {}, output: {} },
  ...{ outcomes: ['done'], settles: 'now', perform: () => Promise.resolve(done('done')), ...more },
});
const aPlugin = (id: string, more: Partial<PluginDefinition> = {}): PluginDefinition => ({
  ...{ id, version: '1.0.0', apiVersion: 1, name: id, actions: { act: action(1) }, ...more },
});

describe('the plugins of a deployment', () => {
  it('have ids of their own', () => {
    expect(() => createRegistry([aPlugin('a'), aPlugin('a')])).toThrow(/two plugins/);
  });

  it('come, change and go while it runs, and whoever watches is told', () => {
    const registry = createRegistry([aPlugin('a')]);
    let told = 0;
    const stop = registry.watch(() => (told += 1));
    const ids = () => registry.manifests().map(({ id, version }) => `${id} ${version}`);

    registry.put(aPlugin('b'));
    registry.put(aPlugin('b', { version: '2.0.0' }));
    expect(ids()).toEqual(['a 1.0.0', 'b 2.0.0']);
    registry.remove('b');
    registry.remove('none');
    expect(ids()).toEqual(['a 1.0.0']);
    expect(told).toBe(3);

    stop();
    registry.remove('a');
    expect(told).toBe(3);
  });

  it('keep the versions of an action that runs may need', () => {
    const current = action(2, { earlier: { 1: action(1) } });
    const registry = createRegistry([aPlugin('a', { actions: { act: current } })]);

    expect(registry.action('a', 'act')?.title).toBe('Version 2');
    expect(registry.action('a', 'act', 2)?.title).toBe('Version 2');
    expect(registry.action('a', 'act', 1)?.title).toBe('Version 1');
    expect(registry.action('a', 'act', 3)).toBeUndefined();
    expect(registry.action('a', 'none', 1)).toBeUndefined();
    expect(registry.action('a', 'toString')).toBeUndefined();
  });
});
