import type { Platform } from '../platform.ts';
import { MalformedError, NotFoundError } from '../problems.ts';
import { json, pageOf, queryOf, route, wordOf, type Call, type Route } from '../route.ts';
import { pageView, taskView } from '../wire.ts';
import type { TaskListFilter } from '../services/tasks.ts';
import { pageQuery } from './shared.ts';

const base = '/api/v1/tasks';
const tag = 'Tasks';
const statuses = ['open', 'claimed', 'done', 'cancelled', 'overdue'] as const;

/** Work for people: the list, and what whoever does it says. */
export function taskRoutes({ tasks, feeds }: Platform): Route[] {
  return [
    route({
      method: 'get',
      path: base,
      summary: 'List tasks, what is due first, first',
      tag,
      query: {
        queue: 'Only of this queue.',
        assignee: 'Only what this person has; `me` for whoever asks.',
        due: 'Only what is due before this instant (2027-01-05T09:00:00Z) or day (2027-01-05).',
        status: '`open`, `claimed`, `done`, `cancelled` or `overdue`. Default: what is not over.',
        when: '`now`: only what may be done; `later`: only what was tried and comes back. Default: both.',
        ...pageQuery,
      },
      answers: { 200: 'TaskPage' },
      handle: async (call) =>
        json(200, pageView(await tasks.list(filterOf(call), pageOf(call)), taskView)),
    }),
    route({
      method: 'get',
      path: `${base}/queues`,
      summary: 'List the queues with tasks that are not over',
      tag,
      answers: { 200: 'TaskQueueList' },
      handle: async () => json(200, { items: await tasks.queues() }),
    }),
    route({
      method: 'post',
      path: `${base}/calendars`,
      summary:
        "The address of a queue's calendar, to subscribe to; or a new one, and the one before is worthless",
      tag,
      body: 'CalendarRequest',
      answers: { 200: 'CalendarView' },
      handle: async ({ body, caller }) =>
        json(200, { url: await feeds.addressOf(body.queue, body.renew === true, caller) }),
    }),
    route({
      method: 'get',
      path: '/calendars/{signed}',
      summary: 'The appointments of a queue, for calendar programs (RFC 5545)',
      tag,
      isPublic: true,
      answers: { 200: undefined, 404: 'ProblemView' },
      handle: async ({ params }) => {
        const body = await feeds.calendarAt((params['signed'] ?? '').replace(/\.ics$/, ''));
        if (body === undefined)
          throw new NotFoundError(
            'not-found',
            'there is no calendar at this address, or no longer',
          );
        const headers = { 'cache-control': 'private, no-store' };
        return { status: 200, type: 'text/calendar; charset=utf-8', body, headers };
      },
    }),
    route({
      method: 'get',
      path: `${base}/{id}`,
      summary: 'Read a task',
      tag,
      answers: { 200: 'TaskView' },
      handle: async ({ params }) => json(200, taskView(await tasks.get(params['id'] ?? ''))),
    }),
    route({
      method: 'post',
      path: `${base}/{id}/claim`,
      summary: 'Take a task: nobody else can, until it is given back',
      tag,
      answers: { 200: 'TaskView', 409: 'ProblemView' },
      handle: async ({ params, caller }) =>
        json(200, taskView(await tasks.claim(params['id'] ?? '', caller))),
    }),
    route({
      method: 'post',
      path: `${base}/{id}/release`,
      summary: 'Give a task back',
      tag,
      answers: { 200: 'TaskView', 409: 'ProblemView' },
      handle: async ({ params, caller }) =>
        json(200, taskView(await tasks.release(params['id'] ?? '', caller))),
    }),
    route({
      method: 'post',
      path: `${base}/{id}/hand-over`,
      summary: 'Give a task that one has to another queue, or to a person',
      tag,
      body: 'TaskHandOverRequest',
      limit: 64 * 1024,
      answers: { 200: 'TaskView', 409: 'ProblemView', 422: 'ProblemView' },
      handle: async ({ params, body, caller }) =>
        json(200, taskView(await tasks.handOver(params['id'] ?? '', body, caller))),
    }),
    route({
      method: 'post',
      path: `${base}/{id}/outcome`,
      summary:
        'Say how a task ended: its run goes on by that port, or it is put back to be tried again',
      tag,
      body: 'TaskOutcomeRequest',
      limit: 256 * 1024,
      answers: { 200: 'TaskView', 409: 'ProblemView', 422: 'ProblemView' },
      handle: async ({ params, body, caller }) =>
        json(200, taskView(await tasks.complete(params['id'] ?? '', body, caller))),
    }),
  ];
}

function filterOf(call: Call<unknown>): TaskListFilter {
  const when = wordOf(call, 'when', ['now', 'later']);
  const queue = queryOf(call, 'queue');
  const asked = queryOf(call, 'assignee');
  const assignee = asked === 'me' ? call.caller.id : asked;
  const due = queryOf(call, 'due');
  const status = wordOf(call, 'status', statuses);
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(due === undefined ? {} : { dueBefore: instantOf('due', due) }),
    ...(status === undefined ? {} : { status }),
    ...(when === undefined ? {} : { when }),
  };
}

/** An instant with its zone, or the beginning of a day in UTC. */
function instantOf(name: string, text: string): number {
  const isInstant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(
    text,
  );
  const at = isInstant ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new MalformedError(
    'query-invalid',
    `${name} is '${text.slice(0, 100)}': give an instant such as 2027-01-05T09:00:00Z, or a day`,
  );
}
