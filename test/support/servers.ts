import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheDirectoryOf,
  openHome,
  provision,
  startMongod,
  startTemporal,
} from '@sojourn/stack/servers';

/** Real servers in a home of their own. */
export interface Servers {
  mongoUri: string;
  temporalAddress: string;
  /** Where Temporal's database lies. */
  temporalDirectory: string;
  pids(): { mongod: number | undefined; temporal: number | undefined };
  /** Stops Temporal, removes its database, and starts it again at the same address. */
  wipeTemporal(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts MongoDB and Temporal for a test, in a new temporary home that is removed at the end. */
export async function startServers(): Promise<Servers> {
  const cacheDirectory = cacheDirectoryOf(process.env);
  const path = await mkdtemp(join(tmpdir(), 'sojourn-test-'));
  const home = await openHome(path);
  const options = { cacheDirectory, report: () => undefined };
  const mongod = await startMongod({ home, binary: await provision('mongod', options) });
  const begin = async () => startTemporal({ home, binary: await provision('temporal', options) });
  let temporal = await begin();
  return {
    mongoUri: mongod.uri,
    temporalAddress: temporal.address,
    temporalDirectory: home.temporal,
    pids: () => ({ mongod: mongod.process.pid(), temporal: temporal.process.pid() }),
    wipeTemporal: async () => {
      await temporal.process.stop();
      await rm(home.temporal, { recursive: true });
      const { address } = temporal;
      temporal = await begin();
      if (temporal.address !== address) throw new Error('Temporal came back at another address');
    },
    stop: async () => {
      await temporal.process.stop();
      await mongod.process.stop();
      await home.release();
      await rm(path, { recursive: true, force: true });
    },
  };
}
