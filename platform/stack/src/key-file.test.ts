import { mkdtemp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyTextsOf } from './deployment.ts';
import { exchangeKeyFile, keyFile, keysInHome, nextKeyFile, settleNextKey } from './key-file.ts';
import { settingsOf } from './settings.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sojourn-key-'));
  await mkdir(join(home, 'secrets'));
  await writeFile(keyFile(home), 'before');
});
afterEach(() => rm(home, { recursive: true, force: true }));

const textsOf = (env: NodeJS.ProcessEnv = {}) =>
  keyTextsOf(settingsOf({ SOJOURN_HOME: home, ...env }));
const files = () => readdir(join(home, 'secrets'));

describe('the exchange of the key in a home', () => {
  it('has the next key on the disk before anything is wrapped by it, and no other afterwards (F1)', async () => {
    const during = await exchangeKeyFile(home, async () => ({
      texts: await textsOf(),
      mode: (await stat(nextKeyFile(home))).mode & 0o777,
    }));

    const { current } = await keysInHome(home);
    expect(current).toMatch(/^[0-9a-f]{64}$/);
    expect(during).toMatchObject({ texts: { current, former: ['before'] }, mode: 0o600 });
    expect(await files()).toEqual(['deployment.key']);
  });

  it('that is cut off leaves both, and goes on with the same one (F1, F2)', async () => {
    const killed = new Error('killed');
    await expect(exchangeKeyFile(home, () => Promise.reject(killed))).rejects.toBe(killed);
    const halfway = await keysInHome(home);
    expect(halfway.current).toBe('before');

    await exchangeKeyFile(home, () => Promise.resolve());

    expect(await keysInHome(home)).toEqual({ current: halfway.next });
  });

  it('is done one after the other: no key is lost between two (F2)', async () => {
    const wrapped: string[] = ['before'];
    const exchange = () =>
      exchangeKeyFile(home, async () => {
        const texts = await textsOf();
        expect(texts?.former).toContain(wrapped.at(-1));
        wrapped.push(texts?.current ?? '');
      });

    await Promise.all([exchange(), exchange(), exchange()]);

    expect(await keysInHome(home)).toEqual({ current: wrapped.at(-1) });
    expect(new Set(wrapped).size).toBe(4);
  });

  it('is finished by a start that opened with the next key, and by no other (F1)', async () => {
    await writeFile(nextKeyFile(home), 'next');

    await settleNextKey(home, 'before');
    expect(await keysInHome(home)).toEqual({ current: 'before', next: 'next' });
    await settleNextKey(home, 'next');
    expect(await keysInHome(home)).toEqual({ current: 'next' });
    await settleNextKey(home, 'next');
    expect(await readFile(keyFile(home), 'utf8')).toBe('next');
  });
});

describe('the key of a deployment', () => {
  it('is the one in the environment, else the one in the home', async () => {
    expect(await textsOf()).toEqual({ current: 'before', former: [], place: keyFile(home) });
    expect(await textsOf({ SOJOURN_FORMER_KEY: 'a' })).toMatchObject({ former: ['a'] });
    await writeFile(nextKeyFile(home), 'next');
    expect(await textsOf({ SOJOURN_FORMER_KEY: 'a' })).toMatchObject({
      ...{ current: 'next', former: ['before', 'a'], place: nextKeyFile(home), isNext: true },
    });
    expect(await textsOf({ SOJOURN_KEY: 'k', SOJOURN_FORMER_KEY: 'a' })).toEqual({
      ...{ current: 'k', former: ['a'], place: 'SOJOURN_KEY' },
    });
    await rm(join(home, 'secrets'), { recursive: true });
    expect(await textsOf()).toBeUndefined();
  });
});
