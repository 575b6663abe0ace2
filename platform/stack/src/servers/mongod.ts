import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ReplicaSetAccessError, prepareReplicaSet } from '@sojourn/store';

import { StackError } from './errors.ts';
import type { Home } from './home.ts';
import { listening, loopback } from './ports.ts';
import { endOrphan, supervise, type ServerState, type Supervised } from './process.ts';
import type { Provisioned } from './provision.ts';

const graceMs = 30_000;
const user = 'sojourn';
const database = 'sojourn';

export interface RunningServer {
  process: Supervised;
}

export interface ServerOptions {
  home: Home;
  binary: Provisioned;
  onState?: (state: ServerState) => void;
}

/** Starts MongoDB as a replica set of one member, with a password, on the loopback address. */
export async function startMongod(
  options: ServerOptions,
): Promise<RunningServer & { uri: string }> {
  const { home, binary, onState } = options;
  await home.useServer('mongod', binary.version);
  await mkdir(home.mongo, { recursive: true, mode: 0o700 });
  await endOrphan(join(home.pids, 'mongod.pid'), graceMs); // It would still have the port that is remembered.
  const port = await home.portFor('mongo');
  const password = await home.secret('mongo.password');
  await home.secret('mongo.keyfile');
  const keyFile = join(home.secrets, 'mongo.keyfile');
  await chmod(keyFile, 0o400); // mongod refuses a key file that others may read.

  const process = await supervise({
    name: 'mongod',
    command: binary.path,
    args: mongodArguments({ dataDirectory: home.mongo, port, keyFile }),
    logDirectory: home.logs,
    pidDirectory: home.pids,
    // The member's host name holds the port. Ours may change between starts, so the set is told of it each time
    // (a forced reconfiguration, when it differs) and clients connect directly, whatever the set calls its member.
    async ready(signal) {
      await listening(port, signal);
      await prepareReplicaSet({ host: loopback, port, user, password, signal });
    },
    readyTimeoutMs: 120_000, // After a crash the journal is replayed first.
    graceMs,
    ...(onState === undefined ? {} : { onState }),
  }).catch((error: unknown) => {
    if (!(error instanceof ReplicaSetAccessError)) throw error;
    throw new StackError(
      'mongo-password-lost',
      `the MongoDB data in ${home.mongo} have another password than ${join(home.secrets, 'mongo.password')}: restore that file from a backup, or set SOJOURN_HOME to a new directory`,
      { cause: error },
    );
  });
  return {
    uri: mongodUri(port, password),
    process,
  };
}

/** How the embedded MongoDB is reached. */
export function mongodUri(port: number, password: string): string {
  return `mongodb://${user}:${encodeURIComponent(password)}@${loopback}:${port}/${database}?authSource=admin&directConnection=true`;
}

function mongodArguments(options: {
  dataDirectory: string;
  port: number;
  keyFile: string;
}): string[] {
  return [
    ...['--dbpath', options.dataDirectory],
    ...['--bind_ip', loopback, '--port', String(options.port), '--nounixsocket'],
    ...['--replSet', 'sojourn', '--keyFile', options.keyFile],
    // Half of the memory and 5 % of the disk are the defaults of a machine that serves nothing else.
    ...['--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '512'],
    // A slow command is logged with its arguments, and those are about people.
    ...['--quiet', '--slowms', '60000'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // There is no other member to hand over to, so nothing to wait for.
    ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
  ];
}
