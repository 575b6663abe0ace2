import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, statfs, writeFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { catalogue, seriesOf, type ServerName } from './catalogue.ts';
import { StackError, reasonOf, systemCodeOf } from './errors.ts';
import { tryLock } from './lock.ts';
import { freePort, isPortFree } from './ports.ts';

// The directory that holds everything the embedded stack keeps.
//
// Invariants
//   H1. One stack at a time: the lock names the process that has the home.
//   H2. `home.json` is replaced whole, never half written.
//   H3. Data are opened only by the server series that wrote them, and only when the home's format is one we know.

const formatVersion = 1;
const leastFreeBytes = 500_000_000;

/** What a home says of itself, in `home.json`. */
export interface HomeRecord {
  formatVersion: number;
  createdAt: string;
  mongodVersion?: string;
  temporalVersion?: string;
  /** The ports that were used last, by what for. */
  ports: Record<string, number>;
}

export interface Home {
  path: string;
  /** Databases, logs, pid files and secrets. */
  mongo: string;
  temporal: string;
  logs: string;
  pids: string;
  secrets: string;
  record(): HomeRecord;
  /** Refuses a server whose series did not write this home's data (H3), else records it. */
  useServer(name: ServerName, version: string): Promise<void>;
  /** The port used last time if it is free, else another; remembered. */
  portFor(use: string): Promise<number>;
  /** The secret under this name, made on first use; readable by the owner alone. */
  secret(name: string): Promise<string>;
  /** Gives the home back. */
  release(): Promise<void>;
}

/** Where the home is: SOJOURN_HOME, by default `~/.sojourn`. */
export function homePathOf(env: NodeJS.ProcessEnv): string {
  return resolve(env['SOJOURN_HOME'] ?? join(homedir(), '.sojourn'));
}

/** Opens the home at `path`, making it when there is none. Until it is released no other process can open it. */
export async function openHome(
  path: string,
  options: { leastFreeBytes?: number } = {},
): Promise<Home> {
  await checkUsable(path);
  await checkSpace(path, options.leastFreeBytes ?? leastFreeBytes);
  const lock = await tryLock(join(path, 'lock'));
  if ('heldBy' in lock)
    throw new StackError(
      'home-locked',
      `process ${lock.heldBy} runs on ${path} already: stop it, or give this one a home and a port of its own, such as SOJOURN_HOME=${path}-2 SOJOURN_PORT=4401`,
    ); // H1
  try {
    return await homeAt(path, lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What a home that another process may have open says of itself. Changes nothing in it. */
export async function lookIntoHome(
  path: string,
): Promise<{ ports: Record<string, number>; secret(name: string): Promise<string | undefined> }> {
  const { ports } = await readRecord(join(path, 'home.json'));
  return {
    ports,
    secret: (name) => readFile(join(path, 'secrets', name), 'utf8').catch(() => undefined),
  };
}

async function homeAt(path: string, release: () => Promise<void>): Promise<Home> {
  const file = join(path, 'home.json');
  let record = await readRecord(file);
  const save = async (change: Partial<HomeRecord>): Promise<void> => {
    record = { ...record, ...change };
    await replace(file, `${JSON.stringify(record, undefined, 2)}\n`);
  };
  await save({});
  const home: Home = {
    path,
    mongo: join(path, 'mongo'),
    temporal: join(path, 'temporal'),
    logs: join(path, 'logs'),
    pids: join(path, 'pids'),
    secrets: join(path, 'secrets'),
    record: () => record,
    async useServer(name, version) {
      const key = `${name}Version` as const;
      const before = record[key];
      if (before !== undefined && seriesOf(before) !== seriesOf(version)) {
        const { title } = catalogue[name];
        throw new StackError(
          'home-incompatible',
          `the data in ${path} were written by ${title} ${before}, and ${version} was found: put ${seriesOf(before)}.x in PATH, or set SOJOURN_HOME to a new directory`,
        ); // H3
      }
      if (before !== version) await save({ [key]: version });
    },
    async portFor(use) {
      const last = record.ports[use];
      if (last !== undefined && (await isPortFree(last))) return last;
      const port = await freePort();
      await save({ ports: { ...record.ports, [use]: port } });
      return port;
    },
    async secret(name) {
      const secretFile = join(home.secrets, name);
      const standing = await readFile(secretFile, 'utf8').catch(() => undefined);
      if (standing !== undefined && standing !== '') return standing;
      const made = randomBytes(32).toString('hex');
      await mkdir(home.secrets, { recursive: true, mode: 0o700 });
      await replace(secretFile, made);
      return made;
    },
    release,
  };
  return home;
}

async function checkUsable(path: string): Promise<void> {
  const probe = join(path, `probe.${String(process.pid)}`);
  try {
    await makeDirectory(path);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    // A full disk lets a directory be made and nothing be written into it.
    if (systemCodeOf(error) === 'ENOSPC') throw diskFull(path, 0);
    throw new StackError(
      'home-unusable',
      `${path} cannot be written to (${reasonOf(error)}): give this user the right to, or set SOJOURN_HOME to another directory`,
      { cause: error },
    );
  }
}

/**
 * Makes a directory and what is missing above it, level by level: Node's own `recursive` tries for ever where a directory
 * that exists answers ENOENT to whoever makes one in it, as /proc does.
 */
async function makeDirectory(path: string): Promise<void> {
  const make = () => mkdir(path, { mode: 0o700 });
  try {
    await make().catch(async (error: unknown) => {
      if (systemCodeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
      await makeDirectory(dirname(path));
      await make();
    });
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error; // whether it is a directory the probe tells
  }
}

async function checkSpace(path: string, least: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize < least) throw diskFull(path, bavail * bsize);
}

const diskFull = (path: string, free: number) =>
  new StackError(
    'disk-full',
    `the disk of ${path} has ${Math.floor(free / 1e6)} MB free, and ${leastFreeBytes / 1e6} MB are needed: free some, or set SOJOURN_HOME to a directory on another disk`,
  );

async function readRecord(file: string): Promise<HomeRecord> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    return { formatVersion, createdAt: new Date().toISOString(), ports: {} };
  }
  let record: Partial<HomeRecord>;
  try {
    record = JSON.parse(text) as Partial<HomeRecord>;
  } catch (cause) {
    throw new StackError(
      'home-incompatible',
      `${file} is not JSON: restore it, or set SOJOURN_HOME to a new directory`,
      { cause },
    );
  }
  if (record.formatVersion !== formatVersion)
    throw new StackError(
      'home-incompatible',
      `${file} was written by another release of Sojourn, in format ${String(record.formatVersion)}; this one knows format ${formatVersion}: use the release that wrote it, or set SOJOURN_HOME to a new directory`,
    ); // H3
  return {
    ...record,
    formatVersion,
    createdAt: record.createdAt ?? new Date().toISOString(),
    ports: record.ports ?? {},
  };
}

/** Writes beside and renames, so that a reader, or a crash, finds the old file or the new one (H2). */
async function replace(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(beside, text, { mode: 0o600, flush: true });
  await rename(beside, file);
}
