import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { checkValue } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  PluginError,
  type ActionDefinition,
  type Json,
  type JsonObject,
  type PluginDefinition,
  type ProviderMood,
} from '../contract.ts';
import { manifestOf } from '../define.ts';
import { describeAlone } from './describe-alone.ts';
import { describeCallbacks } from './describe-callbacks.ts';
import { describeEvent } from './describe-events.ts';
import { describeOptions } from './describe-options.ts';
import type { Accident, Ending, Task } from './host.ts';
import {
  openOutside,
  secretsOf,
  type ActionExample,
  type ContractTestOptions,
  type Outside,
} from './outside.ts';

/** Of so many performs the last may not cost more memory than the first: this much for each, the sandbox's own included. */
const manyPerforms = 1_000;
const atOnce = 50;
const mostBytesEach = 10_240;
/** As far into a conversation as lines are cut. */
const cuts = [0, 1, 2, 3, 4, 5, 6, 8];

/** Describes the tests that every plugin must pass, against its sandbox. Call it in a test file of vitest. */
export function describePlugin(plugin: PluginDefinition, options: ContractTestOptions): void {
  describe(`plugin '${plugin.id}' keeps the contract`, () => {
    describeManifest(plugin, options);
    if (plugin.connections || options.sandbox) describeConnected(plugin, options);
    else
      for (const [name, action, example] of examplesOf(plugin, options))
        describeAlone(plugin, name, { action, example });
  });
}

/** The actions with their examples; for one that has none a test that fails. */
function examplesOf(
  plugin: PluginDefinition,
  options: ContractTestOptions,
): [name: string, action: ActionDefinition, example: ActionExample][] {
  return Object.entries(plugin.actions).flatMap(([name, action]) => {
    const example = options.actions?.[name];
    if (example) return [[name, action, example]];
    it(`has an example of '${name}'`, () => {
      expect.fail(`give describePlugin an example of the action '${name}'`);
    });
    return [];
  });
}

/** Describes the tests of a plugin that speaks to somebody: against its sandbox, over a line that can be cut. */
function describeConnected(plugin: PluginDefinition, options: ContractTestOptions): void {
  let outside: Outside;
  beforeAll(async () => {
    outside = await openOutside(plugin, options);
  });
  afterAll(async () => {
    await outside.close();
  });

  for (const [name, action, example] of examplesOf(plugin, options)) {
    describeAction(name, action, example, () => outside);
    describeOptions(action, example, () => outside);
    if (plugin.callbacks && action.settles === 'later')
      describeCallbacks(plugin, name, { example, outside: () => outside });
  }
  for (const type of Object.keys(plugin.events ?? {})) {
    const example = options.events?.[type];
    if (example) describeEvent(plugin, type, { example, outside: () => outside });
    else if (Object.keys(plugin.actions).length === 0)
      it(`has an example of '${type}'`, () => {
        expect.fail(`give describePlugin an example of the event '${type}'`);
      });
  }
  it('tells no secret in a log, an error or an output', () => {
    const secrets = secretsOf(plugin, outside.settings);
    if (Object.keys(plugin.actions).length > 0) expect(outside.host.said).not.toEqual([]);
    for (const secret of secrets)
      expect(outside.host.said.filter((text) => text.includes(secret))).toEqual([]);
  });
}

function describeManifest(plugin: PluginDefinition, options: ContractTestOptions): void {
  it('has a manifest that is plain data, with a sample for every output', () => {
    const manifest = manifestOf(plugin);
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    for (const [name, action] of Object.entries(plugin.actions)) {
      expect(action.sample, `the sample of '${name}'`).toBeDefined();
      expect(checkValue(action.output, action.sample)).toEqual([]);
    }
  });

  it('migrates every config that an older version wrote, and changes none in place', async () => {
    for (const [name, { migrations = {}, config }] of Object.entries(plugin.actions))
      for (const [version, migrate] of Object.entries(migrations)) {
        const pair = options.migrations?.[name]?.[Number(version)];
        if (!pair) expect.fail(`give describePlugin a fixture of '${name}' for version ${version}`);
        expect(await migrate(frozen(pair.from))).toEqual(pair.to);
        if (Number(version) === plugin.actions[name]?.schemaVersion)
          expect(checkValue(config, pair.to)).toEqual([]);
      }
  });
}

function describeAction(
  name: string,
  action: ActionDefinition,
  example: ActionExample,
  outside: () => Outside,
): void {
  let count = 0;
  const aTask = (change: Partial<Task> = {}): Task => ({
    config: example.config,
    subject: example.subject ?? { type: 'patient', key: 'p1', attributes: {} },
    key: `run-contract/${name}#${(count += 1)}`,
    callbackUrl: outside().webhook.url,
    ...(example.purpose === undefined ? {} : { purpose: example.purpose }),
    ...change,
  });
  const effects = async (key: string): Promise<number> => {
    if (!example.effects)
      expect.fail(`give the example of '${name}' a function 'effects': its world can be looked at`);
    return await example.effects(outside().sandbox, key);
  };
  const isWell = (ending: Ending): boolean => ending.type === 'done' || ending.type === 'accepted';
  /** Whether what is said to have come of an effect is what the world has of it. */
  const expectTrue = async (ending: Ending, key: string): Promise<void> => {
    const seen = await effects(key);
    if (isWell(ending)) expect(seen).toBe(1);
    else if (ending.type === 'failed') expect(seen).toBe(0);
    else expect(seen).toBeLessThanOrEqual(1);
  };
  const settled = async (task: Task): Promise<unknown> =>
    await outside()
      .host.once(name, task)
      .then(
        (result) => result.type,
        (error: unknown) => error,
      );

  describe(`'${name}'`, () => {
    it('does what the example asks, once, with an outcome of its own', async () => {
      expect(checkValue(action.config, example.config)).toEqual([]);
      const task = aTask();
      const ending = await outside().host.run(name, task);

      expect(isWell(ending), JSON.stringify(ending)).toBe(true);
      if (ending.type === 'done') {
        expect(checkValue(action.output, ending.output)).toEqual([]);
        if (Array.isArray(action.outcomes)) expect(action.outcomes).toContain(ending.outcome);
      }
      if (ending.type === 'accepted') expect(action.settles).toBe('later');
      expect(await effects(task.key)).toBe(1);
    });

    it('has one effect under one key, however often it is asked for', async () => {
      const task = aTask();
      await outside().host.run(name, task);
      await outside().host.run(name, task);
      if (action.idempotency === 'native') await outside().host.once(name, task);
      expect(await effects(task.key)).toBe(1);
    });

    it.each<[string, Accident]>([
      ['is killed after it has sent', 'killed'],
      ['throws something of its own after it has sent', 'throws'],
    ])('has one effect when it %s, or a person is asked', async (_, accident) => {
      const task = aTask();
      const ending = await outside().host.run(name, task, (attempt) =>
        Promise.resolve(attempt === 1 ? accident : undefined),
      );
      expect(ending.type).not.toBe('failed');
      await expectTrue(ending, task.key);
    });

    it.each<[string, ProviderMood, string[]]>([
      ['has no time (429)', 'busy', ['rate-limited', 'retryable']],
      ['is broken (500)', 'broken', ['retryable', 'unknown-outcome']],
      ['does not know it (401)', 'unauthorised', ['auth']],
      ['does not want that (400)', 'refusing', ['permanent', 'config']],
    ])('says what it means when the provider %s', async (_, mood, kinds) => {
      const { sandbox, host } = outside();
      const task = aTask();
      sandbox.behave(mood);
      const error = await settled(task);
      sandbox.behave('well');

      expect(error).toBeInstanceOf(PluginError);
      expect(kinds).toContain((error as PluginError).kind);
      if (kinds.includes('retryable')) {
        const after = aTask();
        sandbox.behave(mood);
        const ending = await host.run(name, after, (attempt) => {
          if (attempt > 1) sandbox.behave('well');
          return Promise.resolve(undefined);
        });
        sandbox.behave('well');
        await expectTrue(ending, after.key);
      } else expect(await effects(task.key)).toBe(0);
    });

    it('lies about nothing wherever the line breaks', async () => {
      const { line, host } = outside();
      for (const breaksAfter of cuts) {
        const task = aTask();
        await line.become({ breaksAfter });
        const ending = await host.run(name, task, async (attempt) => {
          if (attempt > 1) await line.become('through');
          return undefined;
        });
        await line.become('through');
        await expectTrue(ending, task.key);
      }
    });

    it.each(Object.keys(nonsense))('lies about nothing when it is answered %s', async (which) => {
      const { line, host } = outside();
      const task = aTask();
      await line.become({ saysInstead: nonsense[which] ?? '' });
      const ending = await host.run(name, task, async (attempt) => {
        if (attempt > 1) await line.become('through');
        return undefined;
      });
      await line.become('through');
      await expectTrue(ending, task.key);
    });

    it('may be tried again when nobody answers the line', async () => {
      const { line } = outside();
      await line.become('closed');
      const task = aTask();
      const error = await settled(task);
      await line.become('through');

      expect(error).toBeInstanceOf(PluginError);
      expect(['retryable', 'unknown-outcome']).toContain((error as PluginError).kind);
      expect(await effects(task.key)).toBe(0);
    });

    it('lets go within a second when it is stopped, and at its deadline', async () => {
      const { line } = outside();
      await line.become('silent');
      const stop = new AbortController();
      const began = Date.now();
      setTimeout(() => stop.abort(), 100);
      const stopped = await settled(aTask({ signal: stop.signal }));
      const late = await settled(aTask({ withinMs: 300 }));
      const tookMs = Date.now() - began;
      await line.become('through');

      for (const error of [stopped, late]) expect(error).toBeInstanceOf(Error);
      expect(tookMs).toBeLessThan(2_400);
    });

    it('refuses a field that it does not know', () => {
      expect(checkValue(action.config, { ...example.config, 'no-such-field': 1 })).not.toEqual([]);
    });

    it('reaches nobody but its provider', async () => {
      const { host, settings, line } = outside();
      const before = line.opened();
      const context = host.context();
      context.connection.settings = elsewhere(settings);
      const task = aTask();
      const error = await action
        .perform(
          {
            ...{ config: task.config, subject: task.subject, idempotencyKey: task.key },
            ...{ attempt: 1, deadline: Date.now() + 10_000 },
            links: { click: (to) => to, open: () => '', unsubscribe: () => '' },
          },
          context,
        )
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );

      expect(error).toMatchObject({ code: 'egress-refused' });
      expect(line.opened()).toBe(before);
      expect(await effects(task.key)).toBe(0);
    });

    if (action.cancel) {
      it('can be asked to stop twice', async () => {
        const { host } = outside();
        const ending = await host.run(name, aTask());
        if (ending.type !== 'accepted') return;
        const first = await action.cancel?.(ending.reference, host.context());
        const second = await action.cancel?.(ending.reference, host.context());
        expect([typeof first, typeof second]).toEqual(['boolean', 'boolean']);
      });
    }

    it(`needs no more memory after ${manyPerforms} performs`, { timeout: 120_000 }, async () => {
      const { host } = outside();
      const perform = async (times: number): Promise<void> => {
        for (let done = 0; done < times; done += atOnce)
          await Promise.all(Array.from({ length: atOnce }, () => host.once(name, aTask())));
        host.said.splice(1_000);
      };
      await perform(manyPerforms / 5);
      const before = heapBytes();
      await perform(manyPerforms);
      expect((heapBytes() - before) / manyPerforms).toBeLessThan(mostBytesEach);
    });
  });
}

const answered200 = (type: string, body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;

/** What a provider, or whatever stands before it, may say of what it has done all the same. */
const nonsense: Record<string, string> = {
  'with a page of a proxy': answered200('text/html', '<html><body>Please log in</body></html>'),
  'with an object that says nothing': answered200('application/json', '{}'),
  'with null': answered200('application/json', 'null'),
  'with half an object': answered200('application/json', '{"id": "5f'),
  'in no protocol at all': '\u0000\u0001 what?\r\n',
};

function elsewhere(settings: JsonObject): JsonObject {
  const { smtp } = settings;
  return {
    ...settings,
    ...('host' in settings ? { host: 'elsewhere.example' } : {}),
    ...('baseUrl' in settings ? { baseUrl: 'https://elsewhere.example/' } : {}),
    ...(isObject(smtp) ? { smtp: elsewhere(smtp) } : {}),
  };
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part);
    Object.freeze(value);
  }
  return value;
}

/** The heap after a collection. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
