import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from './keys.ts';

let home: string;
let said: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sojourn-keys-'));
  said = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(home, { recursive: true, force: true });
});

const run = (words: string[], env: NodeJS.ProcessEnv = {}, answer?: string) =>
  keys(
    words,
    { SOJOURN_HOME: home, ...env },
    answer === undefined ? undefined : () => Promise.resolve(answer),
  );
async function aKey(): Promise<void> {
  await mkdir(join(home, 'secrets'));
  await writeFile(join(home, 'secrets', 'deployment.key'), 'the-key-of-this-home');
}
const secrets = () => readdir(join(home, 'secrets'));

describe('sojourn keys', () => {
  it.each([[['rotate']], [['renew', 'twice']], [['--all']]])(
    'says what there is for %j',
    async (words) => {
      expect(await run(words)).toBe(2);
      expect(said).toContain('sojourn keys [renew | exchange]');
    },
  );

  it.each([[[]], [['renew']], [['exchange', '--yes']]])(
    'says what is wrong where there is no deployment: %j',
    async (words) => {
      expect(await run(words)).toBe(1);
      expect(said).toMatch(/set SOJOURN_HOME to the home that Sojourn was started with/);
    },
  );

  it('exchanges a key when somebody says so, and not before', async () => {
    await aKey();

    expect(await run(['exchange'])).toBe(2);
    expect(said).toContain('add --yes');
    expect(await run(['exchange'], {}, '')).toBe(1);
    expect(said).toContain('Nothing was changed.');
    expect(await secrets()).toEqual(['deployment.key']);
  });

  it('makes no other key for a deployment that it cannot reach', async () => {
    await aKey();
    const env = { MONGODB_URI: 'no-address' };

    expect(await run(['exchange', '--yes'])).toBe(1);
    expect(await run(['exchange'], env, 'yes')).toBe(1);

    expect(said).toContain('MongoDB does not answer');
    expect(await secrets()).toEqual(['deployment.key']);
    expect(await readFile(join(home, 'secrets', 'deployment.key'), 'utf8')).toBe(
      'the-key-of-this-home',
    );
    expect(said).not.toContain('the-key-of-this-home');
  });

  it('leaves a key that the environment gives to the environment', async () => {
    expect(await run(['exchange', '--yes'], { SOJOURN_KEY: 'a-given-key' })).toBe(1);
    expect(said).toMatch(/SOJOURN_KEY set to a new one and SOJOURN_FORMER_KEY to the one before/);
    expect(said).not.toContain('a-given-key');
  });
});
