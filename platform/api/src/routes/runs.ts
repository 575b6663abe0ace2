import type { RunFilter } from '@sojourn/store';
import type { Platform } from '../platform.ts';
import {
  apiPath,
  countOf,
  idempotencyKeyOf,
  json,
  pageOf,
  queryOf,
  route,
  subjectQueryOf,
  wordOf,
  type Call,
  type Route,
} from '../route.ts';
import { pageView, runView, trailEntryView } from '../wire.ts';
import { pageQuery } from './shared.ts';

const base = '/api/v1/runs';
const tag = 'Runs';
const idempotency = { 'Idempotency-Key': 'The same key is the same command.' };

/** Runs, their trails, commands and incidents. */
export function runRoutes({ runs }: Platform): Route[] {
  return [
    route({
      method: 'get',
      path: base,
      summary: 'List runs, latest first',
      tag,
      query: {
        journey: 'Only of this journey.',
        version: 'Only of this version.',
        step: 'Only where somebody stands at this step.',
        status: '`active`, `held` or `ended`.',
        outcome: 'Only with this outcome.',
        subject: 'Only of this subject, `type/key`.',
        incident: 'A fingerprint, or `any`.',
        ...pageQuery,
      },
      answers: { 200: 'RunPage' },
      handle: async (call) =>
        json(200, pageView(await runs.list(filterOf(call), pageOf(call)), runView)),
    }),
    route({
      method: 'get',
      path: `${base}/{id}`,
      summary: 'Read a run',
      tag,
      answers: { 200: 'RunView' },
      handle: async ({ params }) => json(200, runView(await runs.get(params['id'] ?? ''))),
    }),
    route({
      method: 'get',
      path: `${base}/{id}/trail`,
      summary: 'Read every decision, with the values that decided it',
      tag,
      query: pageQuery,
      answers: { 200: 'TrailPage' },
      handle: async (call) => {
        const page = await runs.trail(call.params['id'] ?? '', pageOf(call));
        return json(200, pageView(page, trailEntryView));
      },
    }),
    route({
      method: 'post',
      path: `${base}/{id}/commands`,
      summary: 'Hold, resume, retry, skip or end',
      tag,
      body: 'CommandRequest',
      headers: idempotency,
      answers: { 202: 'CommandView', 409: 'ProblemView' },
      handle: async (call) => {
        const id = call.params['id'] ?? '';
        const taken = await runs.command(id, call.body, idempotencyKeyOf(call), call.caller);
        return json(202, taken, { location: apiPath('runs', id) });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/incidents',
      summary: 'List incidents, alike ones together',
      tag: 'Incidents',
      query: { fingerprint: 'Only alike ones.', journey: 'Only of this journey.', ...pageQuery },
      answers: { 200: 'IncidentPage' },
      handle: async (call) => {
        const fingerprint = queryOf(call, 'fingerprint');
        const journey = queryOf(call, 'journey');
        const filter = {
          ...(fingerprint === undefined ? {} : { fingerprint }),
          ...(journey === undefined ? {} : { journey }),
        };
        return json(200, await runs.incidents(filter, pageOf(call)));
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/incidents/{id}/resolution',
      summary: 'Retry, skip or end where an incident stands',
      tag: 'Incidents',
      body: 'ResolutionRequest',
      headers: idempotency,
      answers: { 202: 'CommandView', 409: 'ProblemView' },
      handle: async (call) => {
        const id = call.params['id'] ?? '';
        const taken = await runs.resolve(id, call.body, idempotencyKeyOf(call), call.caller);
        return json(202, taken, { location: apiPath('runs', taken.runId) });
      },
    }),
  ];
}

function filterOf(call: Call<unknown>): RunFilter {
  const journey = queryOf(call, 'journey');
  const version = queryOf(call, 'version');
  const step = queryOf(call, 'step');
  const status = wordOf(call, 'status', ['active', 'held', 'ended']);
  const outcome = queryOf(call, 'outcome');
  const subject = subjectQueryOf(call);
  const incident = queryOf(call, 'incident');
  return {
    ...(journey === undefined ? {} : { journey }),
    ...(version === undefined ? {} : { version: countOf('version', version) }),
    ...(step === undefined ? {} : { step }),
    ...(status === undefined ? {} : { status }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(subject === undefined ? {} : { subject }),
    ...(incident === undefined ? {} : { incident }),
  };
}
