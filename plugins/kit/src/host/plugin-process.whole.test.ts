import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  PluginError,
  type JsonObject,
  type PerformRequest,
  type PluginDefinition,
} from '../contract.ts';
import { createTestContext } from '../testing/context.ts';
import { foreignPlugin } from './foreign-plugin.ts';
import { createLinks } from './links.ts';
import { startPluginProcess, type PluginProcess } from './plugin-process.ts';

const path = fileURLToPath(new URL('./test-data/odd-plugin.ts', import.meta.url));
const heard: string[] = [];
const log = {
  info: (message: string, values?: JsonObject) =>
    void heard.push(JSON.stringify([message, values])),
  warn: (message: string, values?: JsonObject) =>
    void heard.push(JSON.stringify([message, values])),
};
const open: string[] = [];

let process_: PluginProcess;
let plugin: PluginDefinition;
beforeAll(async () => {
  vi.stubEnv('SOJOURN_KEY', 'the key of the deployment');
  process_ = await startPluginProcess({ path, log });
  plugin = foreignPlugin(process_, () => open);
});
afterEach(() => open.splice(0));
afterAll(async () => {
  vi.unstubAllEnvs();
  await process_.close(0);
});

const context = (signal?: AbortSignal) =>
  createTestContext({
    ...{ plugin: 'odd', type: 'line', settings: { token: 'hush-hush' } },
    ...(signal ? { signal } : {}),
  });
const grant = {
  ...{ baseUrl: 'https://sojourn.example', key: 'ab'.repeat(32), runId: 'r', effect: 's#1' },
  ...{ plugin: 'odd', channel: 'odd', purpose: 'support' },
};
const request = (config: JsonObject): PerformRequest => ({
  config,
  subject: { type: 'patient', key: 'p1', attributes: {} },
  ...{ idempotencyKey: 'r/s#1', attempt: 1, deadline: Date.now() + 10_000 },
  links: createLinks(grant),
});
const act = (how: string, more: JsonObject = {}, signal?: AbortSignal) =>
  plugin.actions['act']!.perform(request({ how, ...more }), context(signal));
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a plugin in a process of its own', () => {
  it('acts like any other, with its connection, its log and what it throws', async () => {
    expect(plugin).toMatchObject({ id: 'odd', events: { 'odd.heard': {} } });
    expect(await act('plainly')).toEqual({
      ...{ type: 'done', outcome: 'done' },
      output: { performed: 1, connection: 'test' },
    });
    expect(heard.at(-1)).toBe('["acted",{"performed":1}]');
    expect(await act('later')).toEqual({ type: 'accepted', reference: 'ref of r/s#1' });
    expect(await plugin.connections?.['line']?.check?.(context())).toMatchObject({ status: 'ok' });
    expect(await plugin.actions['act']?.reconcile?.('r/s#1', context(), { a: 1 })).toMatchObject({
      output: { key: 'r/s#1', connection: 'test', written: { a: 1 } },
    });
    const known = await failureOf(act('known'));
    expect(known).toBeInstanceOf(PluginError);
    expect(known).toMatchObject({ code: 'busy', kind: 'rate-limited', retryAfterMs: 7 });
  });

  it('finds choices for a form', async () => {
    const { options = {} } = plugin.actions['act']!;
    expect(Object.keys(options)).toEqual(['places']);
    expect(await options['places']?.({ search: 'x', config: {} }, context())).toEqual({
      items: [{ value: 'x', label: 'Place x' }],
    });
  });

  it('keeps earlier schema versions', async () => {
    const { earlier } = plugin.actions['act']!;
    expect(earlier?.[1]?.schemaVersion).toBe(1);
    expect(await earlier?.[1]?.perform(request({}), context())).toMatchObject({
      output: { version: 1 },
    });
  });

  it('says nothing of what it threw of its own: that may hold a secret', async () => {
    const error = await failureOf(act('own error'));
    expect(error).toMatchObject({ name: 'TypeError', message: 'the plugin threw TypeError' });
    expect(error).not.toBeInstanceOf(PluginError);
  });

  it('holds no key and nothing of our environment (F1)', async () => {
    const result = await act('environment');
    const { env, cwd } = (result as unknown as { output: { env: string[]; cwd: string } }).output;
    const needed = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_ENV', 'PATH', 'TZ'];
    expect(env.filter((name) => !needed.includes(name))).toEqual([]);
    expect(cwd).toMatch(/test-data$/);
  });

  it('makes the links of its message, and of no other (K1)', async () => {
    const { output } = (await act('links')) as { output: JsonObject };
    const own = createLinks(grant);
    expect(output).toEqual({ click: own.click('https://example.org'), out: own.unsubscribe() });
  });

  it('reaches nothing on this machine but what is open to it', async () => {
    const server = createServer((_, response) => response.end('here'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;

    expect(await failureOf(act('fetch', { url }))).toMatchObject({ code: 'egress-refused' });
    open.push(`127.0.0.1:${port}`);
    expect(await act('fetch', { url })).toMatchObject({ output: { status: 200 } });
    server.close();
  });

  it('lets go when it is stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const began = Date.now();
    expect(await failureOf(act('wait', {}, stop.signal))).toMatchObject({ name: 'AbortError' });
    expect(Date.now() - began).toBeLessThan(1_000);
  });

  it.each(['crash', 'hang'])(
    'is begun again after a %s, whose outcome nobody knows (F2)',
    async (how) => {
      const before = process_.pid();
      const error = await failureOf(
        how === 'crash'
          ? act('crash')
          : process_.call({
              ...{ call: { of: 'action', action: 'act', name: 'perform' }, withinMs: 100 },
              ...{
                args: [{ ...request({ how }), links: {} }],
                context: { connection: context().connection, open },
              },
            }),
      );
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(PluginError);

      expect(await act('plainly')).toMatchObject({ output: { performed: 1 } });
      expect(process_.pid()).not.toBe(before);
    },
  );

  it('cannot answer more than a megabyte (F3)', async () => {
    expect(await failureOf(act('large'))).toMatchObject({ code: 'output-too-large' });
  });

  it('takes callbacks, bytes and all', async () => {
    const raw = { method: 'POST', headers: {}, query: {}, body: new Uint8Array([7, 0, 255]) };
    expect(await plugin.callbacks?.verify(raw, context().connection)).toBe(true);
    expect(await plugin.callbacks?.receive(raw, context())).toMatchObject([{ data: { size: 3 } }]);
  });

  it('is asked for the next report of a line when the one before is stored', async () => {
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const report of plugin.connections!['line']!.listen!(context(stop.signal))) {
      seen.push((report as { data: JsonObject }).data['index']);
      if (seen.length === 3) stop.abort();
    }
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('a plugin that cannot be begun again', () => {
  it('was asked nothing: it may be tried again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sojourn-plugin-'));
    const file = join(directory, 'plugin.ts');
    const kit = fileURLToPath(new URL('../index.ts', import.meta.url));
    await writeFile(
      file,
      `import { definePlugin, done } from '${kit}';
       export const plugin = definePlugin({ id: 'gone', version: '1.0.0', apiVersion: 1, name: 'Gone',
         actions: { act: { title: 'Act', schemaVersion: 1, config: {}, output: {}, outcomes: ['done'],
           settles: 'now', perform: () => Promise.resolve(done('done')) } } });`,
    );
    const gone = await startPluginProcess({ path: file, log });
    await rm(directory, { recursive: true });
    process.kill(gone.pid() ?? 0, 'SIGKILL');
    const act = foreignPlugin(gone, () => []).actions['act'];
    await vi.waitFor(async () => {
      const error = await failureOf(
        act?.perform(request({}), context()) ?? Promise.resolve(undefined),
      );
      expect(error).toMatchObject({ code: 'plugin-unavailable', kind: 'retryable' });
    }, 10_000);
    await gone.close(0);
  });
});

describe('a module that is no plugin', () => {
  it.each([
    ['is broken', 'export const = 1;', /./],
    ['exports none', 'export const a = 1;', /exports no plugin/],
    ['throws', 'throw new Error("no such key")', /no such key/],
    ['ends at once', 'process.exit(0)', /ended before it was loaded/],
  ])('%s: it says so', async (_, text, words) => {
    const directory = await mkdtemp(join(tmpdir(), 'sojourn-plugin-'));
    const file = join(directory, 'plugin.ts');
    await writeFile(file, text);

    const error = await failureOf(startPluginProcess({ path: file, log }));

    expect(error).toMatchObject({ name: 'PluginLoadError' });
    expect((error as Error).message).toMatch(words);
    await rm(directory, { recursive: true });
  });
});
