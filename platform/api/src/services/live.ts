import type { Change, Store } from '@sojourn/store';
import type { Log } from '../ports.ts';

// What changed, for live screens.
//
//   W1. A topic is told at most once a second: at once, and the rest together when the second is over.
//   W2. The database is watched by one watch for all, from the first listener on.

/** Tells listeners of topics: `run:{id}`, `journey:{key}`, `incidents`, `tasks`, `plugins`, `sandbox`. */
export interface Live {
  /** Calls back with a topic that changed, until the answered function is called. */
  listen(topics: ReadonlySet<string>, onTopic: (topic: string) => void): Promise<() => void>;
  /** Tells of a topic that no database knows of. */
  tell(topic: 'plugins' | 'sandbox'): void;
  close(): Promise<void>;
}

const quietMs = 1_000;
const mostKnownIncidents = 100_000;

/** A hub over the store's watch. */
export function createLive(store: Pick<Store, 'watch' | 'runs'>, log: Log): Live {
  const listeners = new Set<(topic: string) => void>();
  const inIncident = new Set<string>();
  let watching: Promise<() => Promise<void>> | undefined;
  let closed = false;

  const tell = (topic: string): void => {
    for (const listener of listeners) listener(topic);
  };

  const hear = (change: Change): void => {
    if (change.type === 'task') return tell('tasks');
    if (change.type === 'journey') return tell(`journey:${change.journey}`);
    tell(`run:${change.runId}`);
    tell(`journey:${change.journey}`);
    if (change.type === 'trail') return;
    // An incident that is resolved shows in a change without one.
    if (change.incident ? inIncident.add(change.runId) : inIncident.delete(change.runId))
      tell('incidents');
  };

  const begin = async (): Promise<() => Promise<void>> => {
    const stop = await store.watch(hear, (error) =>
      log.warn({ error: error.message }, 'watching for changes was interrupted; it goes on'),
    );
    await learnIncidents();
    return stop;
  };

  const learnIncidents = async (): Promise<void> => {
    let cursor: string | undefined;
    do {
      const page = await store.runs.list(
        { incident: 'any' },
        { limit: 200, ...(cursor === undefined ? {} : { cursor }) },
      );
      for (const { id } of page.items) inIncident.add(id);
      cursor = page.nextCursor;
    } while (cursor !== undefined && inIncident.size < mostKnownIncidents);
  };

  return {
    tell,
    async listen(topics, onTopic) {
      const told = coalesced(onTopic);
      const listener = (topic: string): void => {
        if (topics.has(topic)) told.tell(topic);
      };
      listeners.add(listener);
      if (!closed) {
        watching ??= begin();
        await watching.catch((error: unknown) => {
          watching = undefined; // the next listener tries again
          listeners.delete(listener);
          throw error;
        });
      }
      return () => {
        listeners.delete(listener);
        told.stop();
      };
    },
    async close() {
      closed = true;
      listeners.clear();
      const stop = await watching?.catch(() => undefined);
      await stop?.();
    },
  };
}

/** Calls at most once a second for each topic (W1). */
function coalesced(onTopic: (topic: string) => void): {
  tell(topic: string): void;
  stop(): void;
} {
  const quiet = new Map<string, { timer: NodeJS.Timeout; again: boolean }>();
  const tell = (topic: string): void => {
    const waiting = quiet.get(topic);
    if (waiting) {
      waiting.again = true;
      return;
    }
    onTopic(topic);
    const entry = {
      again: false,
      timer: setTimeout(() => {
        quiet.delete(topic);
        if (entry.again) tell(topic);
      }, quietMs),
    };
    quiet.set(topic, entry);
  };
  return {
    tell,
    stop: () => {
      for (const { timer } of quiet.values()) clearTimeout(timer);
      quiet.clear();
    },
  };
}
