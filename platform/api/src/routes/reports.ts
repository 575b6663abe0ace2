import type { ReportFilter } from '@sojourn/store';
import type { Platform } from '../platform.ts';
import {
  json,
  pageOf,
  queryOf,
  route,
  subjectQueryOf,
  wordOf,
  type Call,
  type Route,
} from '../route.ts';
import { pageView, reportView } from '../wire.ts';
import { pageQuery } from './shared.ts';

const statuses = ['new', 'taken', 'late', 'unmatched'] as const;

/** What providers reported, and what people wrote to us. */
export function reportRoutes({ reportInbox }: Platform): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/reports',
      summary: 'List what providers reported and people wrote, latest first',
      tag: 'Channels',
      query: {
        plugin: 'Only of this plugin.',
        connection: 'Only through this connection.',
        status: '`new`, `taken`, `late` or `unmatched`.',
        messages: '`true`: only what people wrote; `false`: only what they did not.',
        subject: 'Only about this person, `type/key`.',
        run: 'Only about this run.',
        ...pageQuery,
      },
      answers: { 200: 'ReportPage' },
      handle: async (call) =>
        json(200, pageView(await reportInbox.list(filterOf(call), pageOf(call)), reportView)),
    }),
  ];
}

function filterOf(call: Call<unknown>): ReportFilter {
  const plugin = queryOf(call, 'plugin');
  const connection = queryOf(call, 'connection');
  const status = wordOf(call, 'status', statuses);
  const messages = wordOf(call, 'messages', ['true', 'false'] as const);
  const subject = subjectQueryOf(call);
  const runId = queryOf(call, 'run');
  return {
    ...(plugin === undefined ? {} : { plugin }),
    ...(connection === undefined ? {} : { connection }),
    ...(status === undefined ? {} : { status }),
    ...(messages === undefined ? {} : { isMessage: messages === 'true' }),
    ...(subject === undefined ? {} : { subject }),
    ...(runId === undefined ? {} : { runId }),
  };
}
