import { checkValue } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import type { ActionDefinition, JsonObject, PerformResult, PluginDefinition } from '../contract.ts';
import { createTestHost, type Task, type TestHost } from './host.ts';
import type { ActionExample } from './outside.ts';

/**
 * Describes the tests of an action that needs nobody outside: it has no connection. One that ends at once answers what comes of
 * what it is asked alone; one whose end the platform itself tells hands its work over, under a reference.
 */
export function describeAlone(
  plugin: PluginDefinition,
  name: string,
  { action, example }: { action: ActionDefinition; example: ActionExample },
): void {
  const reached: string[] = [];
  const host = createTestHost(plugin, { type: '', settings: {} }, (address, port) => {
    reached.push(`${address}:${port}`);
    return undefined;
  });
  const aTask = (key: string): Task => ({
    config: example.config,
    subject: example.subject ?? { type: 'patient', key: 'p1', attributes: {} },
    key: `run-contract/${name}#${key}`,
  });
  const answer = (key: string): Promise<PerformResult> => host.once(name, aTask(key));

  describe(`'${name}'`, () => {
    if (example.endsByPlatform === true) describeLater(action, answer, host);
    else
      it('ends by an outcome of its own, with an output that is right', async () => {
        const result = await answer('1');

        expect(result.type).toBe('done');
        if (result.type !== 'done') return;
        expect(checkValue(action.output, result.output)).toEqual([]);
        expect(outcomesOf(action, example.config)).toContain(result.outcome);
      });

    it('answers the same whenever it is asked the same', async () => {
      expect(await answer('same')).toEqual(await answer('same'));
    });

    it('takes the config of its example, and refuses a field that it does not know', () => {
      expect(checkValue(action.config, example.config)).toEqual([]);
      expect(checkValue(action.config, { ...example.config, 'no-such-field': 1 })).not.toEqual([]);
    });

    it('reaches nobody', async () => {
      await answer('alone');
      expect(reached).toEqual([]);
    });
  });
}

/** Describes the tests of an action whose end the platform tells. */
function describeLater(
  action: ActionDefinition,
  answer: (key: string) => Promise<PerformResult>,
  host: TestHost,
): void {
  it('is accepted under a reference of its own for each effect', async () => {
    const [first, second] = [await answer('1'), await answer('2')];

    for (const result of [first, second])
      expect(result).toEqual({ type: 'accepted', reference: expect.stringMatching(/./) as string });
    expect(first).not.toEqual(second);
  });

  if (!action.cancel) return;
  it('takes its work back once', async () => {
    const result = await answer('cancel');
    const reference = result.type === 'accepted' ? result.reference : '';

    expect(await action.cancel?.(reference, host.context())).toBe(true);
    expect(await action.cancel?.(reference, host.context())).toBe(false);
  });
}

/** How a step with this config may end. */
function outcomesOf({ outcomes }: ActionDefinition, config: JsonObject): unknown[] {
  if (Array.isArray(outcomes)) return outcomes;
  const list = outcomes.from
    .split('/')
    .slice(1)
    .reduce<unknown>((value, part) => (value as JsonObject | undefined)?.[part], config);
  const own = Array.isArray(list) ? (list as JsonObject[]).map((item) => item[outcomes.key]) : [];
  return [...own, ...(outcomes.also ?? [])];
}
