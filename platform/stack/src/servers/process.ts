import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, closeSync, writeFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { StackError, reasonOf } from './errors.ts';
import { commandLineOf, startMarkOf } from './processes.ts';

// Keeps one server running for as long as the stack runs.
//
// Invariants
//   P1. One server per pid file: one left over by a launcher that was killed is ended before another is started.
//   P2. Only a process that is provably the one we started is ended: same id, same beginning, same arguments.
//   P3. A server that dies unasked is started again, later each time. Only the first start may fail for good.
//   P4. Once `stop` has answered, the server is gone and nothing starts it again.
//   P5. A server is told nothing of what we were told: neither the deployment's key nor where its database is.

export interface ServerState {
  status: 'starting' | 'up' | 'down';
  since: number;
  /** Why it is down, or what it waits for. */
  detail?: string;
}

export interface SuperviseOptions {
  name: string;
  command: string;
  args: readonly string[];
  /** Where `<name>.log` goes. The log of the start before is kept as `<name>.log.1`. */
  logDirectory: string;
  /** Where `<name>.pid` goes. */
  pidDirectory: string;
  /** Answers when the server serves; throws when it never will. Must heed the signal. */
  ready: (signal: AbortSignal) => Promise<void>;
  readyTimeoutMs: number;
  /** How long it may take to end by itself before it is killed. */
  graceMs: number;
  onState?: (state: ServerState) => void;
  backOff?: { firstMs: number; longestMs: number };
}

export interface Supervised {
  state(): ServerState;
  pid(): number | undefined;
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  /** How it ended, in words. */
  ended: Promise<string>;
}

/** Starts a server and answers once it is ready; starts it again whenever it dies. */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const { firstMs, longestMs } = options.backOff ?? { firstMs: 500, longestMs: 30_000 };
  const pidFile = join(options.pidDirectory, `${options.name}.pid`);
  const stopping = new AbortController();
  let state: ServerState = { status: 'starting', since: Date.now() };
  let running: Running | undefined;

  const stopped = (): boolean => stopping.signal.aborted;
  const enter = (status: ServerState['status'], detail?: string): void => {
    state = { status, since: Date.now(), ...(detail === undefined ? {} : { detail }) };
    options.onState?.(state);
  };

  const launch = async (): Promise<Running> => {
    enter('starting');
    running = await begin(options, pidFile);
    try {
      await readyOf(running, options, stopping.signal);
      stopping.signal.throwIfAborted(); // P4: stopped in the moment it became ready
    } catch (error) {
      await end(running, options.graceMs);
      running = undefined;
      throw error;
    }
    enter('up');
    return running;
  };

  const keepUp = async (first: Running): Promise<void> => {
    let current: Running | undefined = first;
    let failures = 0;
    while (!stopped()) {
      const upSince = Date.now();
      if (current !== undefined) {
        const words = await current.ended;
        running = undefined;
        if (stopped()) return;
        // One that keeps dying soon after it came up is not asked faster than one that never comes up.
        failures = Date.now() - upSince > longestMs ? 0 : failures + 1;
        enter('down', words);
      }
      const waitMs = Math.min(firstMs * 2 ** Math.max(failures - 1, 0), longestMs);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopped()) return;
      current = await launch().catch((error: unknown) => {
        failures += 1;
        enter('down', reasonOf(error));
        return undefined;
      }); // P3
    }
  };

  await endOrphan(pidFile, options.graceMs); // P1
  await rotateLog(logFileOf(options));
  const kept = keepUp(await launch());

  return {
    state: () => state,
    pid: () => running?.child.pid,
    async stop() {
      stopping.abort();
      if (running !== undefined) await end(running, options.graceMs);
      await kept; // P4
      await rm(pidFile, { force: true });
      enter('down', 'stopped');
    },
  };
}

const logFileOf = ({ logDirectory, name }: SuperviseOptions) => join(logDirectory, `${name}.log`);

/** An environment without our own settings. */
function environmentOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:SOJOURN_|MONGODB_URI$|TEMPORAL_)/.test(name)),
  );
}

async function begin(options: SuperviseOptions, pidFile: string): Promise<Running> {
  mkdirSync(options.logDirectory, { recursive: true });
  mkdirSync(options.pidDirectory, { recursive: true });
  const log = openSync(logFileOf(options), 'a', 0o600);
  // A process group of its own: Ctrl-C in the terminal reaches the launcher, which stops its servers in order.
  const child = spawn(options.command, options.args, {
    env: environmentOf(process.env), // P5
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be run: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with code ${String(code)}` : `ended by ${signal}`),
    );
  });
  if (child.pid !== undefined) {
    const began = await startMarkOf(child.pid);
    writeFileSync(pidFile, JSON.stringify({ pid: child.pid, began, args: options.args }));
  }
  return { child, ended };
}

async function readyOf(
  { ended }: Running,
  options: SuperviseOptions,
  stopping: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const timeout = delay(options.readyTimeoutMs, 'timeout' as const, { signal: enough.signal });
  const abandoned = new Promise<'stopped'>((resolve) => {
    // A signal that was given already tells its listeners nothing.
    if (stopping.aborted) resolve('stopped');
    else stopping.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  try {
    const first = await Promise.race([
      options.ready(enough.signal).then(() => 'ready' as const),
      ended.then((words) => ({ words })),
      timeout,
      abandoned,
    ]);
    if (first === 'ready') return;
    const words =
      first === 'timeout'
        ? `was not ready after ${options.readyTimeoutMs / 1000} s`
        : first === 'stopped'
          ? 'was stopped while it started'
          : first.words;
    throw new StackError(
      'server-failed',
      `${options.name} ${words}. The end of its log, ${logFileOf(options)}:\n${await tailOf(logFileOf(options))}`,
    );
  } finally {
    enough.abort();
    await timeout.catch(() => undefined);
  }
}

async function end({ child, ended }: Running, graceMs: number): Promise<void> {
  if (child.pid === undefined) return;
  child.kill('SIGTERM');
  const enough = new AbortController();
  const late = delay(graceMs, 'late' as const, { signal: enough.signal }).catch(() => undefined);
  if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
  enough.abort();
  await ended;
}

/** Ends the server that a killed launcher left behind, if there is one. */
export async function endOrphan(pidFile: string, graceMs: number): Promise<void> {
  const orphan = await readPidFile(pidFile);
  if (orphan === undefined) return;
  const { pid } = orphan;
  const standing = async (): Promise<boolean> => {
    const line = await commandLineOf(pid);
    return (
      line?.includes(orphan.args.join(' ')) === true && orphan.began === (await startMarkOf(pid))
    ); // P2
  };
  const endedWithin = async (ms: number): Promise<boolean> => {
    const giveUpAt = Date.now() + ms;
    while (await standing()) {
      if (Date.now() > giveUpAt) return false;
      await delay(50);
    }
    return true;
  };
  if (await standing()) {
    process.kill(pid, 'SIGTERM');
    if (!(await endedWithin(graceMs))) {
      process.kill(pid, 'SIGKILL');
      if (!(await endedWithin(graceMs)))
        throw new StackError(
          'server-failed',
          `process ${pid}, left over from an earlier start (${pidFile}), does not end: end it by hand and start again`,
        );
    }
  }
  await rm(pidFile, { force: true });
}

interface PidFile {
  pid: number;
  began: string | undefined;
  args: string[];
}

async function readPidFile(path: string): Promise<PidFile | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<PidFile>;
    if (typeof value.pid !== 'number' || !Array.isArray(value.args)) return undefined;
    return { pid: value.pid, began: value.began, args: value.args };
  } catch {
    return undefined; // None, or one that was cut off: nothing can be proved by it (P2).
  }
}

async function rotateLog(path: string): Promise<void> {
  await rename(path, `${path}.1`).catch(() => undefined);
}

/** The last lines of a log, for an error's message. */
async function tailOf(path: string, lines = 12, bytes = 8_192): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - bytes);
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(size - start),
        0,
        size - start,
        start,
      );
      const text = buffer.toString('utf8', 0, bytesRead).trimEnd();
      return text.split('\n').slice(-lines).join('\n');
    } finally {
      await file.close();
    }
  } catch {
    return '(there is none)';
  }
}
