import { setInterval, clearInterval } from 'node:timers';
import { MalformedError } from '../problems.ts';
import type { Platform } from '../platform.ts';
import { queryOf, route, type Route } from '../route.ts';

const heartbeatMs = 20_000;
const mostTopics = 100;

/** What changes, as server-sent events. */
export function streamRoutes({ live }: Platform, closing: AbortSignal): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/stream',
      summary: 'Hear of what changes: `change` events with a topic; `resync` after an interruption',
      tag: 'Live',
      query: {
        topics: 'A list with commas: run:{id}, journey:{key}, incidents, tasks, plugins, sandbox.',
      },
      headers: { 'Last-Event-ID': 'Answered by a `resync`: fetch again what you show.' },
      answers: { 200: undefined },
      handle: async (call) => {
        const topics = topicsOf(queryOf(call, 'topics') ?? '');
        const { request, response } = call;
        let id = Number(/^\d{1,12}$/.exec(request.get('last-event-id') ?? '')?.[0] ?? 0);
        const send = (event: string, data: unknown): void => {
          id += 1;
          response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
        };
        response.status(200).set({
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store, no-transform',
          'x-accel-buffering': 'no',
        });
        const stop = await live.listen(topics, (topic) => send('change', { topic }));
        response.write('retry: 2000\n\n');
        if (request.get('last-event-id') !== undefined) send('resync', { topics: [...topics] });
        const heartbeat = setInterval(() => response.write(': here\n\n'), heartbeatMs);
        const end = (): void => {
          clearInterval(heartbeat);
          stop();
          closing.removeEventListener('abort', end);
          response.end();
        };
        response.on('close', end);
        closing.addEventListener('abort', end);
        if (closing.aborted || response.destroyed) end();
        return undefined;
      },
    }),
  ];
}

function topicsOf(text: string): ReadonlySet<string> {
  const topics = text
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
  const unknown = topics.find(
    (topic) => !/^(run:.+|journey:.+|incidents|tasks|plugins|sandbox)$/.test(topic),
  );
  if (unknown !== undefined || topics.length === 0 || topics.length > mostTopics)
    throw new MalformedError(
      'query-invalid',
      `topics is '${(unknown ?? text).slice(0, 200)}': give a list of run:{id}, journey:{key}, incidents, tasks, plugins, sandbox, at most ${mostTopics}`,
    );
  return new Set(topics);
}
