import type { OpenConnection, PluginContext, PluginLog } from '../contract.ts';
import type { Egress } from './egress.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { openSocket } from './open-socket.ts';

/** What a plugin's call may touch, over an egress rule. */
export function createContext(given: {
  connection: OpenConnection;
  egress: Egress;
  log: PluginLog;
  signal: AbortSignal;
  clock: () => number;
}): PluginContext {
  const { connection, egress, log, signal, clock } = given;
  return {
    connection,
    fetch: guardedFetch(egress),
    resolve: (host, port) => egress.resolve(host, port),
    connect: async (host, port, options) => {
      const { address, port: at } = await egress.resolve(host, port);
      return await openSocket({ host, address, port: at, ...options }, signal);
    },
    log,
    signal,
    clock,
  };
}
