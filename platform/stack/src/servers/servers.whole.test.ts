import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { createMongoStore, type Change, type Store } from '@sojourn/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { openHome, type Home } from './home.ts';
import { startMongod } from './mongod.ts';
import { freePort } from './ports.ts';
import { cacheDirectoryOf, provision, type Provisioned } from './provision.ts';
import { startTemporal } from './temporal.ts';

const execute = promisify(execFile);

let path: string;
let home: Home;
const deploymentKey = randomBytes(32);
let mongod: Provisioned;
let temporal: Provisioned;
beforeAll(async () => {
  const options = { cacheDirectory: cacheDirectoryOf(process.env), report: () => undefined };
  mongod = await provision('mongod', options);
  temporal = await provision('temporal', options);
  path = await mkdtemp(join(tmpdir(), 'sojourn-servers-'));
  home = await openHome(path);
});
afterAll(async () => {
  await home.release();
  await rm(path, { recursive: true, force: true });
});

async function withStore<Answer>(uri: string, act: (store: Store) => Promise<Answer>) {
  const store = await createMongoStore({ uri, deploymentKey });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

describe('the embedded MongoDB', () => {
  it('keeps its data through kill -9, a restart and another port', async () => {
    const server = await startMongod({ home, binary: mongod });
    await withStore(server.uri, (store) => store.settings.put('written', { before: 'the crash' }));
    const killed = server.process.pid()!;

    process.kill(killed, 'SIGKILL');
    await vi.waitFor(
      () => {
        expect(server.process.state().status).toBe('up');
        expect(server.process.pid()).not.toBe(killed);
      },
      { timeout: 60_000, interval: 50 },
    );
    const read = (store: Store) => store.settings.get('written');
    expect(await withStore(server.uri, read)).toEqual({ before: 'the crash' });
    await server.process.stop();

    // A home whose port somebody else took meanwhile.
    vi.spyOn(home, 'portFor').mockResolvedValueOnce(await freePort());
    const again = await startMongod({ home, binary: mongod });
    expect(again.uri).not.toBe(server.uri);
    expect(await withStore(again.uri, read)).toEqual({ before: 'the crash' });
    await again.process.stop();
  });

  it('goes on telling of changes after kill -9, those made meanwhile included', async () => {
    const server = await startMongod({ home, binary: mongod });
    const store = await createMongoStore({ uri: server.uri, deploymentKey });
    const told: Change[] = [];
    const stop = await store.watch(
      (change) => told.push(change),
      () => undefined,
    );
    const create = (key: string) =>
      store.journeys.create(
        {
          ...{ key, name: key, subjectType: 'patient', state: 'draft', waits: 'run' },
          ...{ createdAt: 0, updatedAt: 0 },
        },
        {},
        'owner',
      );
    await create('before');
    await vi.waitFor(() => expect(told).toHaveLength(1), 10_000);

    process.kill(server.process.pid()!, 'SIGKILL');
    await vi.waitFor(() => expect(create('after')).resolves.toBe(true), 60_000);

    await vi.waitFor(() => expect(told).toContainEqual({ type: 'journey', journey: 'after' }), {
      timeout: 30_000,
    });
    await stop();
    await store.close();
    await server.process.stop();
  });

  it('lets nobody in without the password', async () => {
    const server = await startMongod({ home, binary: mongod });

    const stranger = server.uri.replace(/\/\/.*@/, '//').replace('authSource=admin&', '');
    await expect(withStore(stranger, (store) => store.settings.put('a', 1))).rejects.toThrow(
      /authentication/i,
    );

    await server.process.stop();
  });
});

describe('the embedded Temporal', () => {
  it('answers after its start and after kill -9, and keeps closed workflows for thirty days', async () => {
    const server = await startTemporal({ home, binary: temporal });
    const killed = server.process.pid()!;

    process.kill(killed, 'SIGKILL');
    await vi.waitFor(() => expect(server.process.pid()).not.toBe(killed), 30_000);
    await vi.waitFor(() => expect(server.process.state().status).toBe('up'), 30_000);

    const { stdout } = await execute(temporal.path, [
      ...['operator', 'namespace', 'describe', '-n', server.namespace],
      ...['--address', server.address, '--output', 'json'],
    ]);
    expect(stdout).toMatch(/"workflowExecutionRetentionTtl": "2592000s"/);
    await server.process.stop();
    expect(await readFile(join(home.logs, 'temporal.log'), 'utf8')).not.toMatch(/panic/);
  });
});
