import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheDirectoryOf,
  openHome,
  provision,
  startMongod,
  type Home,
} from '@sojourn/stack/servers';
import { createMongoStore } from '@sojourn/store';
import { describeStore } from '@sojourn/store/contract';
import { afterAll, beforeAll } from 'vitest';

const deploymentKey = randomBytes(32);
let path: string;
let home: Home;
let server: Awaited<ReturnType<typeof startMongod>>;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'sojourn-store-'));
  home = await openHome(path);
  const options = { cacheDirectory: cacheDirectoryOf(process.env), report: () => undefined };
  server = await startMongod({ home, binary: await provision('mongod', options) });
});
afterAll(async () => {
  await server.process.stop();
  await home.release();
  await rm(path, { recursive: true, force: true });
});

describeStore('in MongoDB', () => createMongoStore({ uri: server.uri, deploymentKey }));
