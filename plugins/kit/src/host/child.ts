import {
  PluginError,
  type ActionDefinition,
  type JsonObject,
  type PerformRequest,
  type PluginContext,
  type PluginDefinition,
  type ProviderReport,
} from '../contract.ts';
import { manifestOf } from '../define.ts';
import { createContext } from './context.ts';
import { createEgress } from './egress.ts';
import { createLinks } from './links.ts';
import { importPlugin } from './plugin-module.ts';
import type { CallContext, FailedCall, FromPlugin, FunctionName, ToPlugin } from './messages.ts';

// Runs one plugin that is not ours, in a process that holds no key and no database: the opened connection comes with each call.
//
// Started with the module's path as its only argument, and with a channel to the host. It ends with the host.

type AnyFunction = (...args: never[]) => unknown;

const say = (message: FromPlugin): void => void process.send?.(message);
const running = new Map<number, AbortController>();
const continuing = new Map<number, () => void>();

function functionOf(plugin: PluginDefinition, call: FunctionName): AnyFunction | undefined {
  const own = <Value>(record: Record<string, Value> | undefined, key: string): Value | undefined =>
    record && Object.hasOwn(record, key) ? record[key] : undefined;
  switch (call.of) {
    case 'action': {
      const current = own(plugin.actions, call.action);
      const action = call.version === undefined ? current : current?.earlier?.[call.version];
      return action?.[call.name]?.bind(action);
    }
    case 'options':
      return own(own(plugin.actions, call.action)?.options, call.name);
    case 'migration':
      return own(own(plugin.actions, call.action)?.migrations, String(call.version));
    case 'connection': {
      const connection = own(plugin.connections, call.type);
      return connection?.[call.name]?.bind(connection) as AnyFunction | undefined;
    }
    case 'callbacks':
      return plugin.callbacks?.[call.name].bind(plugin.callbacks);
  }
}

/** The names of everything that a plugin can be asked to do. */
function functionsOf(plugin: PluginDefinition): string[] {
  const ofAction = (
    action: string,
    definition: ActionDefinition,
    version?: number,
  ): FunctionName[] => [
    ...(['perform', 'reconcile', 'cancel', 'compensate', 'answer', 'preview'] as const)
      .filter((name) => definition[name] !== undefined)
      .map((name): FunctionName => ({
        ...{ of: 'action', action, name },
        ...(version === undefined ? {} : { version }),
      })),
    ...Object.keys(definition.options ?? {}).map((name): FunctionName => ({
      of: 'options',
      action,
      name,
    })),
    ...Object.keys(definition.migrations ?? {}).map((number): FunctionName => ({
      of: 'migration',
      action,
      version: Number(number),
    })),
  ];
  const actions = Object.entries(plugin.actions).flatMap(([action, definition]) => [
    ...ofAction(action, definition),
    ...Object.entries(definition.earlier ?? {}).flatMap(([version, earlier]) =>
      ofAction(action, earlier, Number(version)),
    ),
  ]);
  const connections = Object.entries(plugin.connections ?? {}).flatMap(([type, definition]) =>
    (['check', 'listen'] as const)
      .filter((name) => definition[name] !== undefined)
      .map((name): FunctionName => ({ of: 'connection', type, name })),
  );
  const callbacks: FunctionName[] = plugin.callbacks
    ? [
        { of: 'callbacks', name: 'verify' },
        { of: 'callbacks', name: 'receive' },
      ]
    : [];
  return [...actions, ...connections, ...callbacks].map((name) => JSON.stringify(name));
}

/** An action as it is shown: what the manifest of a plugin with this action alone says of it. */
function shownOf(plugin: PluginDefinition, action: ActionDefinition): JsonObject {
  const { actions } = manifestOf({ ...plugin, actions: { action } });
  return actions['action'] as unknown as JsonObject;
}

function contextFor({ connection, open }: CallContext, signal: AbortSignal): PluginContext {
  const allowed = new Set(open);
  const log =
    (level: 'info' | 'warn') =>
    (message: string, values?: JsonObject): void =>
      say({ type: 'log', level, message, ...(values ? { values } : {}) });
  return createContext({
    connection,
    egress: createEgress({ allows: (host, port) => allowed.has(`${host}:${port}`) }),
    log: { info: log('info'), warn: log('warn') },
    signal,
    clock: Date.now,
  });
}

/** The arguments as the function takes them: links are made here, from what was granted. */
function argumentsOf(call: FunctionName, args: unknown[]): unknown[] {
  if (call.of !== 'action' || call.name !== 'perform') return args;
  const [request] = args as [Omit<PerformRequest, 'links'> & { links: PerformRequest['links'] }];
  const { grant } = request.links;
  const none = { click: (target: string) => target, open: () => '', unsubscribe: () => '' };
  return [{ ...request, links: grant ? createLinks(grant) : none }];
}

async function answer(plugin: PluginDefinition, message: ToPlugin & { type: 'call' }) {
  const { id, call, args, context } = message;
  const stop = new AbortController();
  running.set(id, stop);
  try {
    const work = functionOf(plugin, call) as ((...all: unknown[]) => unknown) | undefined;
    if (!work) throw new Error('the plugin has no such function');
    const all = [
      ...argumentsOf(call, args),
      ...(context ? [contextFor(context, stop.signal)] : []),
    ];
    // These two take their context in the middle.
    const isInTheMiddle =
      (call.of === 'action' && call.name === 'reconcile') ||
      (call.of === 'callbacks' && call.name === 'receive');
    const ordered = isInTheMiddle ? [all[0], all[2], all[1]] : all;
    if (call.of === 'connection' && call.name === 'listen') {
      for await (const report of work(...ordered) as AsyncIterable<ProviderReport>) {
        const stored = new Promise<void>((resolve) => continuing.set(id, resolve));
        say({ type: 'report', id, value: report });
        await stored;
      }
      say({ type: 'answer', id, value: undefined });
    } else say({ type: 'answer', id, value: await work(...ordered) });
  } catch (error) {
    say({ type: 'failed', id, error: failureOf(error) });
  } finally {
    running.delete(id);
    continuing.delete(id);
  }
}

function failureOf(error: unknown): FailedCall {
  const name = error instanceof Error ? error.name : 'error';
  if (!isPluginError(error)) return { name };
  const { code, kind, message: detail, retryAfterMs } = error;
  return {
    name,
    known: { code, kind, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  };
}

/** Also one of another copy of the kit: a plugin may bring its own. */
function isPluginError(error: unknown): error is PluginError {
  return (
    error instanceof PluginError ||
    (error instanceof Error && error.name === 'PluginError' && 'kind' in error && 'code' in error)
  );
}

function hear(plugin: PluginDefinition): void {
  process.on('message', (message: ToPlugin) => {
    if (message.type === 'call') void answer(plugin, message);
    else if (message.type === 'abort') {
      running.get(message.id)?.abort();
      continuing.get(message.id)?.();
    } else continuing.get(message.id)?.();
  });
}

process.on('disconnect', () => process.exit(0)); // the host has gone
process.on('unhandledRejection', () => process.exit(1)); // something nobody waits for broke: nothing is sure any more
try {
  const plugin = await importPlugin(process.argv[2] ?? '');
  hear(plugin);
  say({
    type: 'ready',
    manifest: manifestOf(plugin) as unknown as JsonObject,
    earlier: Object.fromEntries(
      Object.entries(plugin.actions).map(([name, { earlier = {} }]) => [
        name,
        Object.fromEntries(
          Object.entries(earlier).map(([version, action]) => [version, shownOf(plugin, action)]),
        ),
      ]),
    ),
    functions: functionsOf(plugin),
    hasSandbox: plugin.sandbox !== undefined,
  });
} catch (error) {
  say({ type: 'unusable', detail: error instanceof Error ? error.message : String(error) });
}
