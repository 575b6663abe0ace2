import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createRegistry,
  definePlugin,
  done,
  type LiveRegistry,
  type PluginDefinition,
  type RunningSandbox,
} from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  startOwnPlugins,
  type OwnPlugin,
  type OwnPlugins,
  type OwnPluginsOptions,
} from './own-plugins.ts';

// Within the repository, so that the kit is found.
const here = fileURLToPath(new URL('.', import.meta.url));

let folder: string;
let registry: LiveRegistry;
let plugins: OwnPlugins | undefined;
let changes: OwnPlugin[][];
beforeEach(async () => {
  folder = await mkdtemp(join(here, '.own-plugins-'));
  changes = [];
  registry = createRegistry([
    definePlugin({
      ...{ id: 'ours', version: '1.0.0', apiVersion: 1, name: 'Ours' },
      actions: {
        act: {
          ...{ title: 'Act', schemaVersion: 1, config: {}, output: {}, outcomes: ['done'] },
          ...{ settles: 'now', perform: () => Promise.resolve(done('done')) },
        },
      },
    }),
  ]);
});
afterEach(async () => {
  await plugins?.close();
  await rm(folder, { recursive: true, force: true });
});

const source = (id: string, word: string): string => `
  import { definePlugin, done } from '@sojourn/plugin-kit';
  export const plugin = definePlugin({
    id: '${id}', version: '1.0.0', apiVersion: 1, name: '${id}',
    actions: { say: { title: 'Say', schemaVersion: 1, config: {}, output: {}, outcomes: ['said'],
      settles: 'now', perform: () => Promise.resolve(done('said', { word: '${word}' })) } },
  });`;

async function write(name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(
    join(path, 'package.json'),
    JSON.stringify({ type: 'module', sojourn: { plugin: './plugin.ts' } }),
  );
  // As editors do it: another file takes the place.
  await writeFile(join(path, 'plugin.ts.new'), text);
  await rename(join(path, 'plugin.ts.new'), join(path, 'plugin.ts'));
}

async function begin(
  refusal: (plugin: PluginDefinition) => Promise<string | undefined> = () =>
    Promise.resolve(undefined),
  world?: OwnPluginsOptions['world'],
): Promise<OwnPlugins> {
  plugins = await startOwnPlugins({
    ...{ folders: [folder], registry, open: () => [], refusal },
    onChange: (list) => void changes.push(list),
    ...(world ? { world } : {}),
    log: { info: () => undefined, warn: () => undefined },
  });
  return plugins;
}

const within = { timeout: 15_000, interval: 50 };
async function wordOf(id: string): Promise<unknown> {
  const result = await registry.action(id, 'say')?.perform(
    {
      ...{ config: {}, subject: { type: 'patient', key: 'p', attributes: {} } },
      ...{ idempotencyKey: 'r/s#1', attempt: 1, deadline: Date.now() + 1_000 },
      links: { click: String, open: String, unsubscribe: String },
    },
    createTestContext({ plugin: id }),
  );
  return result?.type === 'done' ? result.output['word'] : undefined;
}

describe('plugins of one’s own', () => {
  it('are there when Sojourn begins, and when a folder comes later (O1)', async () => {
    await write('one', source('one', 'hello'));
    await mkdir(join(folder, 'no-plugin'));
    const own = await begin();
    expect(await wordOf('one')).toBe('hello');

    await write('two', source('two', 'good day'));
    await vi.waitFor(async () => expect(await wordOf('two')).toBe('good day'), within);
    expect(own.list()).toMatchObject([
      { id: 'one', status: 'ready' },
      { id: 'two', status: 'ready' },
    ]);
  });

  it('run their new code soon after it was saved, and the old while the new is broken (O2)', async () => {
    await write('one', source('one', 'hello'));
    const own = await begin();

    await write('one', `${source('one', 'broken')} broken(`);
    await vi.waitFor(() => expect(own.list()).toMatchObject([{ status: 'broken' }]), within);
    expect(own.list()[0]?.detail).toBeTruthy();
    expect(await wordOf('one')).toBe('hello');

    await write('one', source('one', 'good day'));
    await vi.waitFor(async () => expect(await wordOf('one')).toBe('good day'), within);
    expect(own.list()).toMatchObject([{ id: 'one', status: 'ready' }]);
    expect(own.list()[0]).not.toHaveProperty('detail');
    expect(changes.flat().map(({ status }) => status)).toContain('broken');
  });

  it('finish in the old code what they began there (O3)', async () => {
    const slow = source('one', 'old').replace(
      'Promise.resolve(',
      'new Promise((resolve) => setTimeout(resolve, 1500)).then(() => ',
    );
    await write('one', slow);
    await begin();
    const running = wordOf('one');

    await write('one', source('one', 'new'));
    await vi.waitFor(async () => expect(await wordOf('one')).toBe('new'), within);
    expect(await running).toBe('old');
  });

  it('cannot take the id of another, nor drop what runs need (O4)', async () => {
    await write('thief', source('ours', 'mine'));
    await write('dropper', source('dropper', 'gone'));
    const own = await begin(({ id }) =>
      Promise.resolve(id === 'dropper' ? '7 open runs need it' : undefined),
    );

    expect(own.list()).toMatchObject([
      { status: 'broken', detail: '7 open runs need it' },
      { status: 'broken', detail: "there is a plugin 'ours' already: choose another id" },
    ]);
    expect(registry.action('ours', 'act')).toBeDefined();
    expect(registry.plugin('dropper')).toBeUndefined();
  });

  it('bring their outside world along, of the same code, as long as they are there (O5)', async () => {
    const withSandbox = (state: string): string =>
      source('one', 'hello').replace(
        'actions:',
        `sandbox: { start: async ({ directory }) => ({
          connection: { type: 'line', settings: { directory } },
          items: async () => [{ id: 'i1', to: 'ada', state: '${state}' }], item: async () => undefined,
          act: async () => [], behave() {}, watch: () => () => {}, close: async () => {} }) }, actions:`,
      );
    const world = new Map<string, RunningSandbox>();
    const stateOf = async (): Promise<unknown> =>
      (await world.get('one')?.items({ limit: 1 }))?.[0]?.state;
    await write('one', withSandbox('new'));
    const own = await begin(undefined, {
      async add({ id }, start) {
        await world.get(id)?.close();
        world.set(id, await start({ directory: folder, port: 0 }));
      },
      async remove(id) {
        await world.get(id)?.close();
        world.delete(id);
      },
    });
    expect(world.get('one')?.connection).toEqual({ type: 'line', settings: { directory: folder } });
    expect(await stateOf()).toBe('new');

    await write('one', withSandbox('changed'));
    await vi.waitFor(async () => expect(await stateOf()).toBe('changed'), within);
    await write('one', withSandbox('x').replace('async ({ directory }) =>', '() => no.such ||'));
    await vi.waitFor(
      () =>
        expect(own.list()).toMatchObject([
          { status: 'ready', detail: 'its sandbox does not start: no is not defined' },
        ]),
      within,
    );
    expect(await wordOf('one')).toBe('hello');

    await rm(join(folder, 'one'), { recursive: true });
    await vi.waitFor(() => expect([...world.keys()]).toEqual([]), within);
  });

  it('go with their folder, or with their id', async () => {
    await write('one', source('one', 'hello'));
    await begin();
    await write('one', source('renamed', 'hello'));
    await vi.waitFor(async () => expect(await wordOf('renamed')).toBe('hello'), within);
    expect(registry.plugin('one')).toBeUndefined();

    await rm(join(folder, 'one'), { recursive: true });
    await vi.waitFor(() => expect(registry.plugin('renamed')).toBeUndefined(), within);
  });
});
