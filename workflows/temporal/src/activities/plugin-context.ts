import { PluginError, type PluginContext } from '@sojourn/plugin-kit';
import { createContext } from '@sojourn/plugin-kit/host';
import type { PlanAction } from '@sojourn/engine';
import type { ConnectionRecord } from '@sojourn/store';
import type { ActivityDependencies } from './dependencies.ts';

/**
 * The connection of an effect: the one that an earlier attempt used, else the step's own, else the plugin's default. Undefined
 * when it needs none, and when there is none.
 */
export async function connectionOf(
  { store }: Pick<ActivityDependencies, 'store'>,
  action: Pick<PlanAction, 'plugin' | 'connection' | 'needsConnection'>,
  earlier?: string,
): Promise<ConnectionRecord | undefined> {
  if (!action.needsConnection) return undefined;
  const id = earlier ?? action.connection;
  return id === undefined
    ? await store.connections.defaultOf(action.plugin)
    : await store.connections.get(id);
}

/** What a plugin's call may touch: its opened connection, for as long as the call lasts. Throws `PluginError` of kind `config`. */
export function openContext(
  dependencies: Pick<ActivityDependencies, 'secrets' | 'egress' | 'log' | 'clock'>,
  action: Pick<PlanAction, 'plugin' | 'connection' | 'needsConnection'>,
  record: ConnectionRecord | undefined,
  timeoutMs: number,
): PluginContext {
  if (action.needsConnection && !record) {
    const detail =
      action.connection === undefined
        ? `there is no default connection for '${action.plugin}'`
        : `there is no connection '${action.connection}'`;
    throw new PluginError({ code: 'connection-missing', kind: 'config', detail });
  }
  return contextOf(dependencies, record, action.plugin, timeoutMs);
}

/** The context of a call with this connection, which lets go after so many milliseconds or when the signal says so. */
export function contextOf(
  {
    secrets,
    egress,
    log,
    clock,
  }: Pick<ActivityDependencies, 'secrets' | 'egress' | 'log' | 'clock'>,
  record: ConnectionRecord | undefined,
  plugin: string,
  limit: number | AbortSignal,
): PluginContext {
  return createContext({
    connection: {
      id: record?.id ?? 'default',
      plugin,
      type: record?.type ?? '',
      settings: record ? secrets.open(record) : {},
    },
    egress,
    log: {
      info: (message, values) => log.info({ plugin, ...values }, message),
      warn: (message, values) => log.warn({ plugin, ...values }, message),
    },
    signal: typeof limit === 'number' ? AbortSignal.timeout(limit) : limit,
    clock,
  });
}
