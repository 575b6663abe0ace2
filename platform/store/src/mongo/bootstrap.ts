import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient, MongoServerError, type Document } from 'mongodb';

// Makes a replica set of one member out of a mongod that listens on the loopback address.
//
// Invariants
//   B1. Every step may be repeated: a start that was cut off anywhere is completed by the next.

const replicaSet = 'sojourn';
const alreadyInitialized = 23;
const notYetInitialized = 94;
const authenticationFailed = 18;
const unauthorized = 13;

export interface ReplicaSetOptions {
  host: string;
  port: number;
  user: string;
  password: string;
  signal: AbortSignal;
}

/** The server has users, and ours is not among them or has another password. */
export class ReplicaSetAccessError extends Error {
  constructor(options: ErrorOptions) {
    super('the user of the replica set is refused', options);
    this.name = 'ReplicaSetAccessError';
  }
}

/** Initiates the set, creates its first user, puts the member's port right, and answers once it takes writes. */
export async function prepareReplicaSet(options: ReplicaSetOptions): Promise<void> {
  const member = `${options.host}:${options.port}`;
  await asNobody(options, async (command) => {
    const hello = await command({ hello: 1 });
    if (hello['isreplicaset'] === true) await initiate(command, member);
  });
  try {
    await asUser(options, (command) => correctMember(command, member, options.signal));
  } catch (error) {
    if (codeOf(error) !== authenticationFailed) throw error;
    await createFirstUser(options, error);
  }
  await asNobody(options, (command) => becomesPrimary(command, options.signal));
}

type Command = (command: Document) => Promise<Document>;

/** A member that finds itself in no set, or has not read its configuration yet, looks like a new one: it refuses. */
async function initiate(command: Command, member: string): Promise<void> {
  const config = { _id: replicaSet, members: [{ _id: 0, host: member }] };
  try {
    await command({ replSetInitiate: config });
  } catch (error) {
    if (codeOf(error) !== alreadyInitialized && codeOf(error) !== unauthorized) throw error;
  }
}

/** Without users the loopback address may create one, and only one: the localhost exception. */
async function createFirstUser(options: ReplicaSetOptions, refusal: unknown): Promise<void> {
  await asNobody(options, async (command) => {
    await becomesPrimary(command, options.signal);
    try {
      await command({ createUser: options.user, pwd: options.password, roles: ['root'] });
    } catch (error) {
      if (codeOf(error) !== unauthorized) throw error;
      throw new ReplicaSetAccessError({ cause: refusal });
    }
  });
}

/** A member whose configured port is not its own finds itself in no set: only force puts it back. */
async function correctMember(command: Command, member: string, signal: AbortSignal): Promise<void> {
  const config = await configOf(command, signal);
  const [only, ...others] = config.members;
  if (only === undefined || others.length > 0 || only.host === member) return;
  await command({
    replSetReconfig: {
      ...config,
      version: config.version + 1,
      members: [{ ...only, host: member }],
    },
    force: true,
  });
}

interface ReplicaSetConfig {
  version: number;
  members: { host: string }[];
}

async function configOf(command: Command, signal: AbortSignal): Promise<ReplicaSetConfig> {
  for (;;) {
    try {
      const { config } = (await command({ replSetGetConfig: 1 })) as { config: ReplicaSetConfig };
      return config;
    } catch (error) {
      if (codeOf(error) !== notYetInitialized) throw error;
    }
    await delay(20, undefined, { signal });
  }
}

async function becomesPrimary(command: Command, signal: AbortSignal): Promise<void> {
  while ((await command({ hello: 1 }))['isWritablePrimary'] !== true)
    await delay(20, undefined, { signal });
}

const asNobody = (options: ReplicaSetOptions, act: (command: Command) => Promise<void>) =>
  withClient(options, undefined, act);

const asUser = (options: ReplicaSetOptions, act: (command: Command) => Promise<void>) =>
  withClient(options, { username: options.user, password: options.password }, act);

async function withClient(
  { host, port }: ReplicaSetOptions,
  auth: { username: string; password: string } | undefined,
  act: (command: Command) => Promise<void>,
): Promise<void> {
  const client = new MongoClient(`mongodb://${host}:${port}/admin`, {
    directConnection: true,
    serverSelectionTimeoutMS: 5_000,
    maxPoolSize: 1,
    ...(auth === undefined ? {} : { auth, authSource: 'admin' }),
  });
  try {
    await client.connect();
    // A member that is not (yet) primary must answer as well.
    await act((command) =>
      client.db('admin').command(command, { readPreference: 'primaryPreferred' }),
    );
  } finally {
    await client.close();
  }
}

function codeOf(error: unknown): number | undefined {
  if (error instanceof MongoServerError && typeof error.code === 'number') return error.code;
  return undefined;
}
