import type { ChildProcess } from 'node:child_process';
import { PluginError, type JsonObject, type PluginLog } from '../contract.ts';
import { endProcess, forkBeside } from './fork.ts';
import type { CallContext, FromPlugin, FunctionName, ToPlugin } from './messages.ts';

// A plugin that is not ours, in a process of its own.
//
//   F1. It holds no key, no database and nothing of our environment: what it needs comes with each call.
//   F2. One that hangs is ended, one that uses too much memory ends, and one that crashed is begun again with the next call. What
//       was under way then is answered with an error that is no `PluginError`: nobody knows what the world saw.
//   F3. An answer that is too large is refused here, before anybody reads it.

/** A function to be called. */
export interface PluginCall {
  call: FunctionName;
  args: unknown[];
  context?: CallContext;
  signal?: AbortSignal;
  /** After so long without an answer the process is ended. */
  withinMs: number;
}

export interface PluginProcess {
  manifest: JsonObject;
  /** The manifests of earlier schema versions, by action and number. */
  earlier: Record<string, Record<string, JsonObject>>;
  hasSandbox: boolean;
  has(name: FunctionName): boolean;
  /** The names of an action's functions that find choices. */
  optionsOf(action: string): string[];
  /** The schema versions that an action can bring a config to. */
  migrationsOf(action: string): number[];
  call(call: PluginCall): Promise<unknown>;
  /** What a line says, until the signal aborts. The next is asked for when the one before is stored. */
  listen(call: Omit<PluginCall, 'withinMs'>): AsyncIterable<unknown>;
  pid(): number | undefined;
  /** Ends it once what is under way is done, or after this many milliseconds. */
  close(graceMs: number): Promise<void>;
}

export interface PluginProcessOptions {
  /** The module that exports the plugin. */
  path: string;
  log: PluginLog;
  /** In MiB. Default: 256. */
  memory?: number;
}

/** The plugin could not be loaded; `message` says why. */
export class PluginLoadError extends Error {
  override name = 'PluginLoadError';
}

const loadMs = 20_000;
const lettingGoMs = 1_000;
const mostBytes = 1_000_000;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  onReport?: (value: unknown) => void;
}

interface Child {
  process: ChildProcess;
  pending: Map<number, Pending>;
  manifest: JsonObject;
  earlier: PluginProcess['earlier'];
  functions: Set<string>;
  hasSandbox: boolean;
}

/** Starts a plugin and answers once it is loaded. Rejects with a `PluginLoadError`. */
export async function startPluginProcess(options: PluginProcessOptions): Promise<PluginProcess> {
  let child: Child | undefined = await begin(options);
  const { manifest, earlier, functions, hasSandbox } = child;
  const names = [...functions].map((text) => JSON.parse(text) as FunctionName);
  let beginning: Promise<Child> | undefined;
  let counter = 0;
  let isClosed = false;

  /** The process that runs, or one begun again (F2). */
  const alive = async (): Promise<Child> => {
    if (isClosed) throw new Error('the plugin was closed');
    if (child?.process.connected === true) return child;
    beginning ??= begin(options).finally(() => (beginning = undefined));
    try {
      child = await beginning;
    } catch (cause) {
      throw new PluginError({
        ...{ code: 'plugin-unavailable', kind: 'retryable', cause },
        detail: 'the plugin ended and cannot be begun again', // and it was asked nothing
      });
    }
    return child;
  };

  const start = async (
    { call, args, context, signal }: Omit<PluginCall, 'withinMs'>,
    onReport?: Pending['onReport'],
  ) => {
    signal?.throwIfAborted();
    const on = await alive();
    const id = (counter += 1);
    const answered = new Promise<unknown>((resolve, reject) => {
      on.pending.set(id, { resolve, reject, ...(onReport ? { onReport } : {}) });
    });
    const abort = (): void => send(on, { type: 'abort', id });
    signal?.addEventListener('abort', abort, { once: true });
    void answered
      .catch(() => undefined)
      .then(() => {
        on.pending.delete(id);
        signal?.removeEventListener('abort', abort);
      });
    send(on, { type: 'call', id, call, args, ...(context ? { context } : {}) });
    return { id, on, answered };
  };

  return {
    manifest,
    earlier,
    hasSandbox,
    has: (name) => functions.has(JSON.stringify(name)),
    optionsOf: (action) =>
      names.flatMap((name) => (name.of === 'options' && name.action === action ? [name.name] : [])),
    migrationsOf: (action) =>
      names.flatMap((name) =>
        name.of === 'migration' && name.action === action ? [name.version] : [],
      ),
    pid: () => child?.process.pid,
    async call(given) {
      const { on, answered } = await start(given);
      const timer = setTimeout(() => on.process.kill('SIGKILL'), given.withinMs + lettingGoMs); // F2
      try {
        const value = await answered;
        if (sizeOf(value) > mostBytes)
          throw new PluginError({
            ...{ code: 'output-too-large', kind: 'unknown-outcome' },
            detail: `the plugin answered more than ${mostBytes / 1_000_000} MB`,
          }); // F3
        return value;
      } finally {
        clearTimeout(timer);
      }
    },
    async *listen(given) {
      const waiting: unknown[] = [];
      let wake = (): void => undefined;
      const { id, on, answered } = await start(given, (value) => {
        waiting.push(value);
        wake();
      });
      const ended = { is: false };
      const over = answered.finally(() => {
        ended.is = true;
        wake();
      });
      over.catch(() => undefined); // awaited below
      try {
        for (;;) {
          if (waiting.length > 0) {
            yield waiting.shift();
            send(on, { type: 'next', id });
          } else if (ended.is) {
            await over;
            return;
          } else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        if (!ended.is) send(on, { type: 'abort', id });
      }
    },
    async close(graceMs) {
      isClosed = true;
      const last = child;
      if (last?.process.connected !== true) return;
      const until = Date.now() + graceMs;
      while (last.pending.size > 0 && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await endProcess(last.process);
    },
  };
}

function send(on: Child, message: ToPlugin): void {
  if (on.process.connected) on.process.send(message);
}

function sizeOf(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(value).length;
}

async function begin({ path, log, memory = 256 }: PluginProcessOptions): Promise<Child> {
  const process = forkBeside('child', [path], memory); // F1
  const pending = new Map<number, Pending>();
  const child: Child = {
    process,
    pending,
    manifest: {},
    earlier: {},
    functions: new Set(),
    hasSandbox: false,
  };
  process.on('exit', () => {
    for (const waiting of pending.values())
      waiting.reject(new Error('the process of the plugin ended while it worked'));
  });
  return await new Promise<Child>((resolve, reject) => {
    const fail = (detail: string): void => {
      clearTimeout(timer);
      process.kill('SIGKILL');
      reject(new PluginLoadError(detail));
    };
    const timer = setTimeout(
      () => fail(`the plugin was not loaded within ${loadMs / 1_000} s`),
      loadMs,
    );
    process.on('error', (error) => fail(error.message));
    process.on('exit', () => fail('the process of the plugin ended before it was loaded'));
    process.on('message', (message: FromPlugin) => {
      switch (message.type) {
        case 'ready':
          clearTimeout(timer);
          resolve(
            Object.assign(child, {
              manifest: message.manifest,
              earlier: message.earlier,
              functions: new Set(message.functions),
              hasSandbox: message.hasSandbox,
            }),
          );
          return;
        case 'unusable':
          fail(message.detail);
          return;
        case 'log':
          log[message.level](message.message, message.values);
          return;
        case 'report':
          pending.get(message.id)?.onReport?.(message.value);
          return;
        case 'answer':
          pending.get(message.id)?.resolve(message.value);
          return;
        case 'failed':
          pending.get(message.id)?.reject(errorOf(message.error));
      }
    });
  });
}

function errorOf({ name, known }: Extract<FromPlugin, { type: 'failed' }>['error']): Error {
  if (known) return new PluginError(known);
  const error = new Error(`the plugin threw ${name}`);
  error.name = name;
  return error;
}
