import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { sha256Of } from './digest.ts';
import { ProvisionError } from './errors.ts';
import { checksumIn, provision, type ProvisionReport } from './provision.ts';

let directory: string;
let reports: ProvisionReport[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sojourn-provision-'));
  reports = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const inCache = () => join(directory, 'cache', 'mongod-6.0.5-linux-x64');

const options = () => ({
  cacheDirectory: join(directory, 'cache'),
  report: (report: ProvisionReport) => reports.push(report),
  offline: true,
  platform: 'linux-x64',
  env: { PATH: join(directory, 'bin') },
});

async function inPath(version: string): Promise<void> {
  await mkdir(join(directory, 'bin'), { recursive: true });
  await writeFile(join(directory, 'bin', 'mongod'), `#!/bin/sh\necho db version v${version}\n`);
  await chmod(join(directory, 'bin', 'mongod'), 0o755);
}

async function cached(content: string): Promise<void> {
  await mkdir(join(directory, 'cache'), { recursive: true });
  await writeFile(inCache(), content);
  await writeFile(`${inCache()}.sha256`, await sha256Of(inCache()));
}

describe('provisioning', () => {
  it('takes what the cache holds', async () => {
    await cached('a binary');

    expect(await provision('mongod', options())).toEqual({ path: inCache(), version: '6.0.5' });
    expect(reports.map(({ step }) => step)).toEqual(['cache', 'ready']);
  });

  it('does not run a cached binary that was altered (C1)', async () => {
    await cached('a binary');
    await writeFile(inCache(), 'another');

    await expect(provision('mongod', options())).rejects.toThrow(/SHA-256/);
  });

  it('takes a binary in PATH whose version it knows', async () => {
    await inPath('7.0.14');

    const found = await provision('mongod', options());

    expect(found).toEqual({ path: join(directory, 'bin', 'mongod'), version: '7.0.14' });
  });

  it('says what was tried, why it failed, and what helps', async () => {
    await inPath('3.2.1');

    const error = await provision('mongod', options()).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ProvisionError);
    const { message, attempts } = error as ProvisionError;
    expect(attempts.map(({ source }) => source)).toEqual([
      `the cache ${join(directory, 'cache')}`,
      "'mongod' in PATH",
      'the network',
    ]);
    expect(message).toMatch(/3\.2\.1/);
    expect(message).toMatch(/MONGODB_URI/);
  });
});

describe('a list of checksums', () => {
  const digest = (digit: string) => digit.repeat(64);

  it('is read by file name', () => {
    const text = `${digest('a')}  other.tgz\n${digest('b')} *wanted.tgz\n`;

    expect(checksumIn(text, 'wanted.tgz')).toBe(digest('b'));
    expect(checksumIn(text, 'missing.tgz')).toBeUndefined();
  });

  it('may be a lone checksum', () => {
    expect(checksumIn(`${digest('c')}\n`, 'wanted.tgz')).toBe(digest('c'));
  });
});
