import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds, type Kind } from './answers.ts';
import { root } from './places.ts';
import { scaffold } from './scaffold.ts';

// What is generated keeps the rules of this clone as it stands: whatever its name, and whoever runs the checks.

const templates = Object.keys(kinds) as Kind[];
const names = { now: "Dr Lin's very long name of a channel that nobody can say", later: 'Ride' };
const idOf = (template: Kind): string =>
  template === 'now' ? 'a-rather-long-id-for-a-channel-that-sends-notes' : template;

let folder: string;
beforeAll(async () => {
  await mkdir(join(root, 'test-results'), { recursive: true });
  folder = await mkdtemp(join(root, 'test-results', 'own-'));
  for (const template of templates) {
    const id = idOf(template);
    const name = { split: 'Ways', trigger: 'Forms', ...names }[template];
    await scaffold({ id, name, template, category: 'message' }, join(folder, id));
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What a tool has to say; empty when it is content. */
const said = async (tool: string, ...words: string[]): Promise<string> => {
  const path = join(root, 'node_modules', tool);
  return await promisify(execFile)(process.execPath, [path, ...words], { cwd: root }).then(
    () => '',
    (error: unknown) => {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return `${stdout}${stderr}` || 'it failed without a word';
    },
  );
};

describe('a generated plugin', () => {
  it('is formatted as ours are', async () => {
    const words = ['--check', '--ignore-path', join(folder, 'none'), folder];
    expect(await said('prettier/bin/prettier.cjs', ...words)).toBe('');
  });

  it('has nothing to say to the linter', async () => {
    const sources = templates.map((template) => join(folder, idOf(template), 'src'));
    expect(await said('eslint/bin/eslint.js', '--no-ignore', ...sources)).toBe('');
  });

  it.each(templates)('%s has no fault of types', async (template) => {
    expect(await said('typescript/bin/tsc', '-b', join(folder, idOf(template)))).toBe('');
  });
});
