import type { ChildProcess } from 'node:child_process';
import type { PluginLog, RunningSandbox, SandboxItem } from '../contract.ts';
import { endProcess, forkBeside } from './fork.ts';
import type { FromStandIn, StandInFunction, ToStandIn } from './stand-in-messages.ts';

// The outside world of a plugin that is not ours, in a process of its own.
//
//   W1. It holds what a plugin's process holds: no key, no database, nothing of our environment.
//   W2. One that ended by itself is begun again on the same port, with what it had kept: a provider comes back, too.

export interface StandInOptions {
  /** The module that exports the plugin. */
  path: string;
  /** Where it keeps what it answered for. */
  directory: string;
  port: number;
  log: PluginLog;
}

/** A stand-in could not be started; `message` says why. */
export class StandInError extends Error {
  override name = 'StandInError';
}

const startMs = 20_000;
const answerMs = 10_000;
const againMs = 1_000;
const memory = 256;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Child {
  process: ChildProcess;
  ready: Extract<FromStandIn, { type: 'ready' }>;
}

/** Starts the sandbox of a plugin. Rejects with a `StandInError`. */
export async function startStandIn(options: StandInOptions): Promise<RunningSandbox> {
  const { path, log } = options;
  const pending = new Map<number, Pending>();
  const watchers = new Set<(item: SandboxItem) => void>();
  /** What holds until it is said otherwise: told again to one that is begun again. */
  const told = new Map<StandInFunction, unknown[]>();
  let counter = 0;
  let isClosed = false;
  let again: NodeJS.Timeout | undefined;
  let child: Child;

  const hear = (message: FromStandIn): void => {
    if (message.type === 'arrival') for (const watcher of watchers) watcher(message.item);
    if (message.type === 'answer') pending.get(message.id)?.resolve(message.value);
    if (message.type === 'failed') pending.get(message.id)?.reject(new Error(message.detail));
  };
  const ask = async (name: StandInFunction, ...args: unknown[]): Promise<unknown> => {
    const id = (counter += 1);
    const answered = new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
    const fail = (why: string): void => pending.get(id)?.reject(new Error(why));
    const timer = setTimeout(() => fail('the sandbox does not answer'), answerMs);
    if (child.process.connected) child.process.send({ id, name, args } satisfies ToStandIn);
    else fail('the sandbox is being started again');
    try {
      return await answered;
    } finally {
      clearTimeout(timer);
      pending.delete(id);
    }
  };
  const tell = (name: StandInFunction, ...args: unknown[]): void => {
    told.set(name, args);
    ask(name, ...args).catch((error: unknown) => warn(error));
  };
  const warn = (error: unknown): void =>
    log.warn('the sandbox of a plugin is in trouble', {
      path,
      error: error instanceof Error ? error.message : String(error),
    });

  const mind = (one: Child): Child => {
    one.process.on('message', hear);
    one.process.once('exit', () => {
      for (const waiting of pending.values()) waiting.reject(new Error('the sandbox ended'));
      if (isClosed) return;
      warn(new Error('it ended by itself'));
      again = setTimeout(beginAgain, againMs); // W2
    });
    return one;
  };
  const beginAgain = (): void => {
    begin(options).then(
      (next) => {
        child = mind(next);
        if (isClosed) void endProcess(next.process);
        else for (const [name, args] of told) tell(name, ...args);
      },
      (error: unknown) => {
        warn(error);
        if (!isClosed) again = setTimeout(beginAgain, againMs);
      },
    );
  };
  child = mind(await begin(options));

  const { connection, can } = child.ready;
  return {
    connection,
    items: async (filter) => (await ask('items', filter)) as SandboxItem[],
    item: async (id) => (await ask('item', id)) as SandboxItem | undefined,
    act: async (id, action) =>
      (await ask('act', id, action)) as Awaited<ReturnType<RunningSandbox['act']>>,
    behave: (mood) => tell('behave', mood),
    watch: (onArrival) => {
      watchers.add(onArrival);
      return () => watchers.delete(onArrival);
    },
    ...(can.includes('begin')
      ? {
          begin: async (action: Parameters<RunningSandbox['act']>[1]) =>
            (await ask('begin', action)) as SandboxItem,
        }
      : {}),
    ...(can.includes('report')
      ? {
          report: (habit: Parameters<NonNullable<RunningSandbox['report']>>[0]) =>
            tell('report', habit),
        }
      : {}),
    ...(can.includes('callBack') ? { callBack: (url: string) => tell('callBack', url) } : {}),
    async close() {
      isClosed = true;
      clearTimeout(again);
      await endProcess(child.process);
    },
  };
}

async function begin({ path, directory, port }: StandInOptions): Promise<Child> {
  const process = forkBeside('stand-in-child', [path, directory, String(port)], memory); // W1
  return await new Promise<Child>((resolve, reject) => {
    const fail = (detail: string): void => {
      clearTimeout(timer);
      process.kill('SIGKILL');
      reject(new StandInError(detail));
    };
    const timer = setTimeout(() => fail(`it was not there within ${startMs / 1_000} s`), startMs);
    process.on('error', (error) => fail(error.message));
    process.once('exit', () => fail('its process ended before it was there'));
    process.on('message', (message: FromStandIn) => {
      if (message.type === 'unusable') fail(message.detail);
      if (message.type !== 'ready') return;
      clearTimeout(timer);
      resolve({ process, ready: message });
    });
  });
}
