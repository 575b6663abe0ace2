import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { StackError } from './errors.ts';
import { homePathOf, openHome } from './home.ts';
import { tryLock } from './lock.ts';
import { freePort, isPortFree, requireFreePort } from './ports.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sojourn-home-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const home = () => join(directory, 'home');
const refusal = (promise: Promise<unknown>): Promise<StackError> =>
  promise.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: unknown) => error as StackError,
  );

describe('a home', () => {
  it('is where the setting says, else in the home directory of the user', () => {
    expect(homePathOf({ SOJOURN_HOME: '/data/sojourn' })).toBe('/data/sojourn');
    expect(homePathOf({})).toMatch(/\/\.sojourn$/);
  });

  it('is made for its owner alone', async () => {
    const opened = await openHome(home());

    expect((await stat(home())).mode & 0o777).toBe(0o700);
    expect(JSON.parse(await readFile(join(home(), 'home.json'), 'utf8'))).toMatchObject({
      formatVersion: 1,
    });
    await opened.release();
  });

  it('is open to one process at a time (H1)', async () => {
    const opened = await openHome(home());

    const refused = await refusal(openHome(home()));
    expect(refused.code).toBe('home-locked');
    expect(refused.message).toMatch(`process ${process.pid} `);

    await opened.release();
    await (await openHome(home())).release();
  });

  it('is taken over from a process that is dead, and from one whose id was given anew (L2)', async () => {
    await (await openHome(home())).release();

    await writeFile(join(home(), 'lock'), JSON.stringify({ pid: 2 ** 22 + 1 }));
    await (await openHome(home())).release();
    await writeFile(join(home(), 'lock'), JSON.stringify({ pid: process.pid, began: 'long ago' }));
    await (await openHome(home())).release();
  });

  it('remembers ports, and takes another when one is taken', async () => {
    const opened = await openHome(home());
    const port = await opened.portFor('mongo');
    expect(await opened.portFor('mongo')).toBe(port);

    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const other = await opened.portFor('mongo');
    server.close();

    expect(other).not.toBe(port);
    expect(opened.record().ports).toEqual({ mongo: other });
    await opened.release();
  });

  it('keeps a secret from start to start, readable by its owner alone', async () => {
    const first = await openHome(home());
    const secret = await first.secret('password');
    await first.release();

    const second = await openHome(home());
    expect(await second.secret('password')).toBe(secret);
    expect((await stat(join(second.secrets, 'password'))).mode & 0o777).toBe(0o600);
    await second.release();
  });

  it('refuses a server of another series than wrote its data (H3)', async () => {
    const opened = await openHome(home());
    await opened.useServer('mongod', '6.0.5');

    await opened.useServer('mongod', '6.0.9');
    const refused = await refusal(opened.useServer('mongod', '7.0.1'));

    expect(refused.code).toBe('home-incompatible');
    expect(refused.message).toMatch(/6\.0\.9.*7\.0\.1.*SOJOURN_HOME/s);
    expect(opened.record().mongodVersion).toBe('6.0.9');
    await opened.release();
  });

  it('refuses a format it does not know, and gives the home back (H3)', async () => {
    await (await openHome(home())).release();
    await writeFile(join(home(), 'home.json'), '{"formatVersion":2}');

    expect((await refusal(openHome(home()))).message).toMatch(/format 2/);
    expect(await tryLock(join(home(), 'lock'))).toHaveProperty('release');
  });

  it('refuses a directory it cannot make', async () => {
    await writeFile(join(directory, 'file'), '');

    expect((await refusal(openHome(join(directory, 'file', 'home')))).code).toBe('home-unusable');
  });

  it('makes what is missing above it too, for its owner alone', async () => {
    const deep = join(directory, 'a', 'b');

    await (await openHome(deep)).release();

    expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o700);
  });

  it.skipIf(process.platform !== 'linux')(
    'refuses, rather than try for ever, where the system lets nobody make a directory',
    async () => {
      const refused = await refusal(openHome('/proc/sojourn'));

      expect(refused.code).toBe('home-unusable');
      expect(refused.message).toContain('SOJOURN_HOME');
    },
    5_000,
  );

  it.skipIf(process.getuid?.() === 0)('refuses a directory it cannot write to', async () => {
    await chmod(directory, 0o500);

    expect((await refusal(openHome(home()))).code).toBe('home-unusable');
  });

  it('refuses a disk that is nearly full', async () => {
    const refused = await refusal(openHome(home(), { leastFreeBytes: Number.MAX_SAFE_INTEGER }));

    expect(refused.code).toBe('disk-full');
  });
});

describe('a lock', () => {
  it.each(['{"pid":4194305}', 'not a lock', ''])(
    'is held by one of many who ask at once, over %j (L2, L3)',
    async (left) => {
      const path = join(directory, 'lock');
      await writeFile(path, left);

      const attempts = await Promise.all(Array.from({ length: 50 }, () => tryLock(path)));

      expect(attempts.filter((attempt) => 'release' in attempt)).toHaveLength(1);
      expect(await readdir(directory)).toEqual(['lock']);
    },
  );
});

describe('a port', () => {
  it('that a setting asks for is refused when it is taken, with one that is free', async () => {
    const port = await freePort();
    await requireFreePort(port, 'SOJOURN_PORT');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

    const refused = await refusal(requireFreePort(port, 'SOJOURN_PORT'));
    server.close();

    expect(refused.code).toBe('port-taken');
    const suggested = Number(/SOJOURN_PORT=(\d+)/.exec(refused.message)?.[1]);
    expect(await isPortFree(suggested)).toBe(true);
  });
});
