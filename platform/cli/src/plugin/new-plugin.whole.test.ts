import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { compile } from '@sojourn/engine';
import { manifestOf, type PluginDefinition } from '@sojourn/plugin-kit';
import { foreignPlugin, startPluginProcess } from '@sojourn/plugin-kit/host';
import { shippedRegistry } from '@sojourn/stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../main.ts';
import { testFile } from '../simulation/test-journeys.ts';
import { categories, type Kind } from './answers.ts';
import { pluginCommand } from './new-plugin.ts';
import { ownPlugins, root } from './places.ts';
import { scaffold } from './scaffold.ts';

const templates: Kind[] = ['now', 'later', 'split', 'trigger'];
const quiet = { info: () => undefined, warn: () => undefined };

/** A folder inside this clone, so that the kit is found; it goes again. */
const aFolder = async (): Promise<string> => {
  await mkdir(join(root, 'test-results'), { recursive: true });
  return await mkdtemp(join(root, 'test-results', 'own-'));
};

describe('a plugin from a template', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await aFolder();
    for (const template of templates)
      await scaffold(
        { id: `my-${template}`, name: "Dr Lin's 信使", template, category: 'data' },
        join(folder, `my-${template}`),
      );
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const loaded = async (template: Kind): Promise<PluginDefinition> => {
    const home = join(folder, `my-${template}`);
    const { sojourn } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
      sojourn: { plugin: string };
    };
    const process = await startPluginProcess({ path: join(home, sojourn.plugin), log: quiet });
    await process.close(0);
    return foreignPlugin(process, () => []);
  };

  it.each<[Kind, object]>([
    ['now', { actions: { send: { settles: 'now', contact: true, outcomes: ['sent'] } } }],
    ['later', { actions: { request: { settles: 'later', outcomes: ['done', 'declined'] } } }],
    ['split', { actions: { choose: { settles: 'now', outcomes: { from: '/ways' } } } }],
    ['trigger', { actions: {}, events: { 'my-trigger.received': { config: { type: 'object' } } } }],
  ])('%s is loaded in a process of its own, and publishes its journey', async (template, says) => {
    const plugin = await loaded(template);
    const manifest = manifestOf(plugin);
    const journey = JSON.parse(
      await readFile(join(folder, `my-${template}`, 'journey.json'), 'utf8'),
    ) as unknown;

    expect(manifest).toMatchObject({ id: `my-${template}`, category: 'data', ...says });
    expect(manifest.name).toMatchObject({ en: "Dr Lin's 信使", 'zh-Hant': "Dr Lin's 信使" });
    expect(plugin.callbacks !== undefined).toBe(template === 'later' || template === 'trigger');
    const manifests = [...shippedRegistry().manifests(), manifest];
    const now = Date.parse('2026-11-28T00:00:00Z');
    expect(compile(journey, { manifests, timeZone: 'UTC', now }).diagnostics).toEqual([]);
    expect(JSON.stringify(journey)).toContain(
      template === 'trigger' ? 'my-trigger.received' : `my-${template}/`,
    );
  });

  it.each(templates)(
    '%s has a journey whose tests hold, and reach everything',
    async (template) => {
      const path = join(folder, `my-${template}`, 'journey.tests.json');
      const { tests, coverage } = await testFile(path);

      expect(tests.flatMap(({ faults }) => faults)).toEqual([]);
      expect([...coverage.steps.missing, ...coverage.ports.missing]).toEqual([]);
    },
  );

  it.each(templates)('%s has no placeholder left', async (template) => {
    for (const name of await readdir(join(folder, `my-${template}`), { recursive: true })) {
      const text = await readFile(join(folder, `my-${template}`, name), 'utf8').catch(() => '');
      expect(text, name).not.toMatch(/__[A-Z]+__/);
    }
  });

  it(
    'passes the contract tests and its own, which see what is broken',
    { timeout: 120_000 },
    async () => {
      await broken(
        'my-split',
        'dice',
        'plugin.ts',
        '{ way, value }',
        '{ way, value: `${Math.random()}` }',
      );
      await broken(
        'my-split',
        'chatty',
        'plugin.ts',
        'perform({ config })',
        'perform({ config }, { fetch }) {\n    void fetch("http://127.0.0.1:9").catch(() => 0);\n  //',
      );
      await broken('my-split', 'stray', 'choose.ts', '?? other', "?? 'nowhere'");
      await broken(
        'my-trigger',
        'gullible',
        'callback.ts',
        'isSigned(request',
        'true || isSigned(request',
      );
      await broken(
        'my-trigger',
        'forgetful',
        'callback.ts',
        '{ eventId })',
        '{ eventId: `${Math.random()}` })',
      );
      await broken('my-trigger', 'careless', 'callback.ts', '.length === 0', '.length >= 0');
      const results = await vitestIn(folder);

      const of = (name: string) => results.filter(({ file }) => file.startsWith(`${name}/`));
      const failed = (name: string) =>
        of(name)
          .filter(({ status }) => status === 'failed')
          .map(({ title }) => title);
      for (const template of templates) {
        expect(failed(`my-${template}`)).toEqual([]);
        expect(of(`my-${template}`).length).toBeGreaterThan(6);
      }
      expect(of('my-later').length).toBeGreaterThan(24);
      expect(failed('dice')).toEqual(['answers the same whenever it is asked the same']);
      expect(failed('chatty')).toEqual(['reaches nobody']);
      expect(failed('stray')).toContain('sends "Taichung" by other (C1)');
      expect(failed('gullible')).toEqual([
        'is forged when a byte, a header or a secret is another, or its time is over',
        'is refused when it is garbled, and nothing is thrown',
      ]);
      expect(failed('forgetful')).toContain('is the same event when it is told again');
      expect(failed('careless')).toContain('is refused when it is garbled, and nothing is thrown');
    },
  );

  /** A copy of a plugin with something of it replaced. */
  const broken = async (from: string, to: string, file: string, old: string, by: string) => {
    await cp(join(folder, from), join(folder, to), { recursive: true });
    const path = join(folder, to, 'src', file);
    const text = await readFile(path, 'utf8');
    expect(text).toContain(old);
    await writeFile(path, text.replace(old, by));
  };
});

interface Result {
  file: string;
  title: string;
  status: string;
}

/** Runs every test in a folder, as `npx vitest run` does in this clone; answers each with how it ended. */
async function vitestIn(folder: string): Promise<Result[]> {
  const config = join(folder, 'vitest.config.mjs');
  const conditions = "conditions: ['@sojourn/source', 'node']";
  await writeFile(
    config,
    `export default { resolve: { ${conditions} }, ssr: { resolve: { ${conditions} } }, test: { isolate: false } };\n`,
  );
  const output = join(folder, 'results.json');
  const words = ['run', '--root', folder, '--config', config, '--reporter=json'];
  const { PATH = '' } = process.env;
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), ...words, `--outputFile=${output}`],
    { cwd: root, stdio: 'ignore', env: { PATH, TZ: 'UTC' } },
  );
  await new Promise((resolve) => child.on('close', resolve));
  const { testResults } = JSON.parse(await readFile(output, 'utf8')) as {
    testResults: { name: string; assertionResults: { title: string; status: string }[] }[];
  };
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ title, status }) => ({ file: relative(folder, name), title, status })),
  );
}

describe('sojourn plugin new', () => {
  let folder: string;
  let out: string;
  let err: string;
  beforeEach(async () => {
    folder = await aFolder();
    [out, err] = ['', ''];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  const make = (...words: string[]): Promise<number> =>
    main(['plugin', 'new', '--in', folder, ...words]);
  /** Somebody who answers with these words, and hears the questions. */
  const aPerson = (answers: string[]) => {
    const heard: string[] = [];
    const ask = (question: string, usual: string): Promise<string> => {
      heard.push(`${question} [${usual}]`);
      return Promise.resolve(answers.shift() ?? '');
    };
    return { heard, ask };
  };
  const manifestText = async (id: string): Promise<string> =>
    await readFile(join(folder, id, 'src/plugin.ts'), 'utf8');

  it('takes what is usual for what is not said, and says in a few lines how to go on', async () => {
    expect(await make('--name', 'Post card')).toBe(0);

    expect(await readdir(folder)).toEqual(['post-card']);
    expect(await manifestText('post-card')).toContain("category: 'message'");
    expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(8);
    for (const words of [
      `npx vitest run ${relative(root, folder)}/post-card`,
      'npm start',
      "under 'Contact'",
    ])
      expect(out).toContain(words);
  });

  it('names the headings that the palette has', async () => {
    const path = join(root, 'builder-ui/src/i18n/locales/en.json');
    const texts = JSON.parse(await readFile(path, 'utf8')) as { categories: object };
    const headings = new Set(Object.values(categories).map(({ heading }) => heading));
    for (const heading of headings) expect(Object.values(texts.categories)).toContain(heading);
  });

  it('is told by flags', async () => {
    const flags = ['--id', 'ride', '--template', 'later', '--category', 'people'];
    expect(await make(...flags)).toBe(0);

    const text = await manifestText('ride');
    expect(text).toContain("en: 'Ride'");
    expect(text).toContain("icon: 'user-check',\n  category: 'people'");
    expect(await readdir(join(folder, 'ride', 'src'))).toEqual([
      ...['callback.ts', 'client.ts', 'contract.test.ts', 'plugin.test.ts', 'plugin.ts'],
      ...['sandbox.ts', 'schemas.ts', 'server.ts'],
    ]);
  });

  it('asks four questions, each with an answer that is usual', async () => {
    const { heard, ask } = aPerson(['Ward round', '', 'split', '']);
    expect(await pluginCommand(['new', '--in', folder], ask)).toBe(0);

    expect(heard.map((question) => question.split('\n').at(-1))).toEqual([
      'What is it called, as people see it? [My channel]',
      'Its id? [ward-round]',
      ' [now]',
      'Its place in the palette? message, people, supply, flow, decide, data [decide]',
    ]);
    expect(await readdir(folder)).toEqual(['ward-round']);
  });

  it('asks again, and says why, until an answer can be used', async () => {
    const { heard, ask } = aPerson([
      '<b>',
      'Card',
      'sms',
      'Card',
      'card',
      'soon',
      'now',
      'message',
    ]);
    expect(await pluginCommand(['new', '--in', folder], ask)).toBe(0);

    expect(heard[1]).toContain("'<b>' is no name");
    expect(heard[3]).toContain("The id 'sms' is taken: a plugin that comes with Sojourn has it");
    expect(heard[4]).toContain("'Card' is no id");
    expect(heard[6]).toContain("'soon' is no template");
    expect(await readdir(folder)).toEqual(['card']);
  });

  it.each<[string, string[], string]>([
    ['no terminal and no flags', [], 'There is no terminal to ask at: give --id and --name'],
    ['an id of a plugin in the registry', ['--id', 'email'], "The id 'email' is taken"],
    ['an id of another shipped plugin', ['--id', 'pharmacy-delivery'], 'comes with Sojourn'],
    ['what is no id', ['--id', '../up'], "'../up' is no id: use up to 64 lower-case letters"],
    ['an id that begins with a digit', ['--id', '7up'], "'7up' is no id"],
    ['an id that is too long', ['--id', 'a'.repeat(65)], 'is no id'],
    ['a name of which no id can be made', ['--name', '信使'], "'' is no id"],
    ['a name that is none', ['--id', 'card', '--name', "a'; rm"], 'is no name'],
    [
      'a template that is none',
      ['--id', 'card', '--template', 'soon'],
      'use now, later, split, trigger',
    ],
    ['a category that is none', ['--id', 'card', '--category', 'toString'], 'use message, people'],
    ['a flag that is none', ['--id', 'card', '--colour', 'red'], '--colour'],
    [
      'a folder outside of this clone',
      ['--id', 'card', '--in', '/tmp'],
      'lies outside of this clone',
    ],
  ])('refuses %s, and writes nothing', async (_, words, text) => {
    expect(await make(...words)).toBe(1);

    expect(err).toContain(text);
    expect(await readdir(folder)).toEqual([]);
  });

  it('writes over nothing', async () => {
    await mkdir(join(folder, 'card'));
    await writeFile(join(folder, 'card', 'mine.txt'), 'mine');

    expect(await make('--id', 'card')).toBe(1);
    await expect(
      scaffold(
        { id: 'card', name: 'Card', template: 'now', category: 'data' },
        join(folder, 'card'),
      ),
    ).rejects.toThrow('is there already: nothing was written');

    expect(err).toContain('is there, and stays as it is');
    expect(await readdir(join(folder, 'card'))).toEqual(['mine.txt']);
  });

  it('shows what it takes', async () => {
    expect(await main(['plugin', 'new', '--help'])).toBe(0);
    expect(await main(['plugin', 'old'])).toBe(2);
    expect(out).toContain('--template WORD');
  });

  it('writes to own-plugins when no folder is named', () => {
    expect(ownPlugins).toBe(join(root, 'own-plugins/'));
  });
});

describe('sojourn test', () => {
  it('says which own plugin cannot be loaded, and why', async () => {
    const folder = await aFolder();
    const id = 'torn';
    await scaffold({ id, name: 'Torn', template: 'split', category: 'data' }, join(folder, id));
    await writeFile(join(folder, id, 'src/plugin.ts'), 'export const nothing = 1;');
    const tested = testFile(join(folder, id, 'journey.tests.json'));

    await expect(tested).rejects.toThrow(/torn.*plugin\.ts: the module exports no plugin/);
    await rm(folder, { recursive: true, force: true });
  });
});
