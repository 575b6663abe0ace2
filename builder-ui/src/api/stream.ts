import { useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

// One stream a screen. A message only says that a topic changed: its queries are fetched again, at most twice a second.

/** How the stream is doing: `live`, or `paused` since it last spoke. */
export interface LiveState {
  live: boolean;
  at: number;
}

/** The beginnings of the query keys that a topic makes stale. */
export function keysOf(topic: string): QueryKey[] {
  const [kind = '', id = ''] = topic.split(/:(.*)/s);
  switch (kind) {
    case 'run':
      return [['run', id]];
    case 'journey':
      return [['journey', id], ['runs'], ['journeys']];
    case 'incidents':
      return [['incidents']];
    case 'sandbox':
      return [['sandbox']];
    case 'tasks':
      return [['tasks']];
    case 'plugins':
      return [['plugins'], ['connections']];
    default:
      return [];
  }
}

/** Keeps the queries of these topics fresh while the screen is open and visible. */
export function useLive(topics: readonly string[]): LiveState {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>({ live: false, at: Date.now() });
  const list = topics.join(',');
  useEffect(() => {
    if (list === '') return undefined;
    return listen(list, client, setState);
  }, [list, client]);
  return state;
}

function listen(
  topics: string,
  client: QueryClient,
  onState: (state: LiveState) => void,
): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let batch: ReturnType<typeof setTimeout> | undefined;
  let delayMs = 1000;
  const changed = new Set<string>();
  const flush = (): void => {
    batch = undefined;
    for (const topic of changed)
      for (const queryKey of keysOf(topic)) void client.invalidateQueries({ queryKey });
    changed.clear();
    onState({ live: true, at: Date.now() });
  };
  const note = (some: readonly string[]): void => {
    for (const topic of some) changed.add(topic);
    batch ??= setTimeout(flush, 500);
  };
  const hear = (event: MessageEvent<string>): void => {
    const topic = topicOf(event.data);
    note(topic === undefined ? topics.split(',') : [topic]);
  };
  const open = (): void => {
    source = new EventSource(`/api/v1/stream?topics=${encodeURIComponent(topics)}`);
    source.onopen = () => {
      delayMs = 1000;
      onState({ live: true, at: Date.now() });
      // What changed between the reading and this moment, nobody told.
      note(topics.split(','));
    };
    for (const name of ['message', 'change', 'resync']) source.addEventListener(name, hear);
    source.onerror = () => {
      close();
      retry = setTimeout(open, delayMs);
      delayMs = Math.min(delayMs * 2, 30_000);
    };
  };
  const close = (): void => {
    clearTimeout(retry);
    if (source) onState({ live: false, at: Date.now() });
    source?.close();
    source = undefined;
  };
  const look = (): void => {
    close();
    if (document.visibilityState === 'visible') open();
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearTimeout(batch);
    clearTimeout(retry);
    source?.close();
  };
}

function topicOf(data: string): string | undefined {
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== 'object' || message === null || !('topic' in message)) return undefined;
    return typeof message.topic === 'string' ? message.topic : undefined;
  } catch {
    return undefined;
  }
}
