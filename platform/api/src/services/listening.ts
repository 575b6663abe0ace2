import { randomUUID } from 'node:crypto';
import type { PluginRegistry } from '@sojourn/plugin-kit';
import type { ConnectionRecord, Store } from '@sojourn/store';
import type { ApiDependencies, Clock, Log } from '../ports.ts';
import type { ReportInbox } from './report-inbox.ts';

// Lines that providers answer on: an SMPP bind, a mailbox.
//
//   L1. One process holds the line of a connection, under a lease that it keeps renewing; when it can no longer, it lets go.
//   L2. A provider is told that a report was heard when it is stored, not before.
//   L3. A line that breaks is begun again, later each time; one that held for a while is begun again at once.
//   L5. One that does not let go when it is told to is not waited for: the leases of the others go on being renewed.
//   L4. A connection that changes gets a line of its own again, and one that is deleted has none.

export interface Listening {
  /** Begins and ends lines, so that they fit the connections as they stand. Called again and again. */
  follow(): Promise<void>;
  /** How many lines are held here. */
  held(): number;
  close(): Promise<void>;
}

export interface ListeningDependencies {
  store: Pick<Store, 'connections' | 'leases'>;
  registry: PluginRegistry;
  pluginContext: ApiDependencies['pluginContext'];
  inbox: ReportInbox;
  log: Log;
  clock: Clock;
}

interface Line {
  /** The connection as it was when the line was begun. */
  version: string;
  stop: AbortController;
  finished: Promise<void>;
}

const leaseMs = 15_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
const lettingGoMs = 2_000;

/** The service that holds the lines. */
export function createListening(dependencies: ListeningDependencies): Listening {
  const { store, registry, pluginContext, inbox, log, clock } = dependencies;
  const holder = randomUUID();
  const lines = new Map<string, Line>();
  let isClosed = false;

  const listens = ({ plugin, type }: ConnectionRecord): boolean =>
    registry.connectionType(plugin, type)?.listen !== undefined;

  const leaseOf = (id: string): string => `listen/${id}`;
  const take = (id: string): Promise<boolean> =>
    store.leases.take(leaseOf(id), holder, clock(), clock() + leaseMs);

  /** Hears one line until it breaks or is stopped. Answers how long it held. */
  const hear = async (connection: ConnectionRecord, signal: AbortSignal): Promise<number> => {
    const { id, plugin, type } = connection;
    const began = clock();
    const definition = registry.connectionType(plugin, type);
    try {
      for await (const report of definition?.listen?.(pluginContext(connection, plugin, signal)) ??
        []) {
        await inbox.arrive(report, { plugin, connection: id }); // L2: only then is the next asked for
        if (signal.aborted) break;
      }
    } catch (error) {
      if (!signal.aborted)
        log.warn(
          { connection: id, error: error instanceof Error ? error.name : 'unknown' },
          'a line broke; it is begun again',
        );
    }
    return clock() - began;
  };

  const hold = async (connection: ConnectionRecord, stop: AbortController): Promise<void> => {
    const { signal } = stop;
    let pause = firstPauseMs;
    while (!signal.aborted) {
      const heldMs = await hear(connection, signal);
      pause = heldMs > longestPauseMs ? firstPauseMs : Math.min(pause * 2, longestPauseMs); // L3
      await sleep(pause, signal);
    }
  };

  const end = async (id: string): Promise<void> => {
    const line = lines.get(id);
    if (!line) return;
    lines.delete(id);
    line.stop.abort();
    await Promise.race([line.finished, sleep(lettingGoMs, new AbortController().signal)]); // L5
  };

  const follow = async (): Promise<void> => {
    const standing = new Map(
      (await store.connections.list())
        .filter(listens)
        .map((connection) => [connection.id, connection]),
    );
    for (const [id, line] of lines) {
      const connection = standing.get(id);
      const isSame = connection && versionOf(connection) === line.version;
      if (isSame && (await take(id))) continue; // L1: renewed
      await end(id); // L4
      if (!connection) await store.leases.drop(leaseOf(id), holder);
    }
    for (const [id, connection] of standing) {
      if (isClosed || lines.has(id) || !(await take(id))) continue;
      const stop = new AbortController();
      const finished = hold(connection, stop);
      lines.set(id, { version: versionOf(connection), stop, finished });
    }
  };
  let following: Promise<void> | undefined;

  return {
    held: () => lines.size,
    async follow() {
      following ??= follow().finally(() => (following = undefined));
      await following;
    },
    async close() {
      isClosed = true;
      await following?.catch(() => undefined); // whoever asked for it hears why
      const held = [...lines.keys()];
      await Promise.all(held.map(end));
      await Promise.all(held.map((id) => store.leases.drop(leaseOf(id), holder)));
    },
  };
}

/** What a line depends on: its health and its name do not matter. */
function versionOf({ type, settings }: ConnectionRecord): string {
  return JSON.stringify([type, settings]);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
