import type { PluginRegistry } from '@sojourn/plugin-kit';
import type { ConnectionRecord } from '@sojourn/store';
import { connectionQueue } from '../protocol.ts';

/** A queue that a worker serves, and its rate limit. */
export interface ServedQueue {
  name: string;
  /** Activities a second, over all workers of the queue. Absent: as many as come. */
  perSecond?: number;
}

/**
 * The queues of plugins and connections as they stand: one for each connection, and one for each plugin's default connection or for
 * actions that need none. A connection's own limit counts, else what its plugin says of its type.
 */
export function queuesOf(
  registry: PluginRegistry,
  connections: readonly ConnectionRecord[],
  isServedHere: (plugin: string) => boolean = () => true,
): ServedQueue[] {
  const limited = (name: string, connection: ConnectionRecord | undefined): ServedQueue => {
    const perSecond =
      connection &&
      (connection.limits.perSecond ??
        registry.connectionType(connection.plugin, connection.type)?.limits?.perSecond);
    return perSecond === undefined ? { name } : { name, perSecond };
  };
  return registry
    .manifests()
    .map(({ id }) => id)
    .filter(isServedHere)
    .flatMap((plugin) => {
      const own = connections.filter((connection) => connection.plugin === plugin);
      return [
        limited(
          connectionQueue(plugin),
          own.find((connection) => connection.default),
        ),
        ...own.map((connection) => limited(connectionQueue(plugin, connection.id), connection)),
      ];
    });
}
