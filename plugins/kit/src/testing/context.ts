import { openSocket } from '../host/open-socket.ts';
import type { JsonObject, PluginContext } from '../contract.ts';

/** What a test says of the context that it calls a plugin with. */
export interface TestContextOptions {
  plugin: string;
  /** The connection's id. */
  id?: string;
  type?: string;
  settings?: JsonObject;
  /** Hears what the plugin logs. */
  heard?: (text: string) => void;
  signal?: AbortSignal;
  clock?: () => number;
  fetch?: typeof globalThis.fetch;
}

/** A context for calls of a plugin's functions in tests: it reaches every address. */
export function createTestContext(options: TestContextOptions): PluginContext {
  const {
    plugin,
    id = 'test',
    type = '',
    settings = {},
    heard = () => undefined,
    clock = Date.now,
  } = options;
  const signal = options.signal ?? AbortSignal.timeout(10_000);
  return {
    connection: { id, plugin, type, settings },
    fetch: options.fetch ?? globalThis.fetch,
    resolve: (host, port) => Promise.resolve({ address: host, port }),
    connect: (host, port, more) => openSocket({ host, address: host, port, ...more }, signal),
    log: {
      info: (...words) => heard(JSON.stringify(words)),
      warn: (...words) => heard(JSON.stringify(words)),
    },
    signal,
    clock,
  };
}
