import { isObject } from '@sojourn/engine';
import { invalidAt } from '../problems.ts';
import type { Platform } from '../platform.ts';
import {
  apiPath,
  countOf,
  idempotencyKeyOf,
  ifMatchOf,
  json,
  pageOf,
  route,
  type Reply,
  type Route,
} from '../route.ts';
import { pageView, runView, versionView } from '../wire.ts';
import { pageQuery } from './shared.ts';

const megabyte = 1024 * 1024;
const base = '/api/v1/journeys';
const tag = 'Journeys';

/** Journeys: drafts, versions, counts, and enrolling by hand. */
export function journeyRoutes({ journeys, upgrades, enrolments, bulk }: Platform): Route[] {
  const withTag = (status: number, draft: { revision: number }): Reply =>
    json(status, draft, { etag: `"${draft.revision}"` });

  return [
    route({
      method: 'get',
      path: base,
      summary: 'List journeys',
      tag,
      query: pageQuery,
      answers: { 200: 'JourneyPage' },
      handle: async (call) =>
        json(
          200,
          pageView(await journeys.list(pageOf(call)), (journey) => journey),
        ),
    }),
    route({
      method: 'post',
      path: base,
      summary: 'Make a journey with its first draft',
      tag,
      body: 'CreateJourneyRequest',
      limit: 8 * megabyte,
      answers: { 201: 'JourneyView' },
      handle: async ({ body, caller }) =>
        json(201, await journeys.create(body.key, body.document, caller), {
          location: apiPath('journeys', body.key),
        }),
    }),
    route({
      method: 'get',
      path: `${base}/{key}`,
      summary: 'Read a journey',
      tag,
      answers: { 200: 'JourneyView' },
      handle: async ({ params }) => json(200, await journeys.get(params['key'] ?? '')),
    }),
    route({
      method: 'patch',
      path: `${base}/{key}`,
      summary: 'Open, pause or close a journey',
      tag,
      body: 'ChangeJourneyRequest',
      consumes: ['application/json', 'application/merge-patch+json'],
      answers: { 200: 'JourneyView' },
      handle: async ({ params, body, caller }) =>
        json(200, await journeys.change(params['key'] ?? '', body, caller)),
    }),
    route({
      method: 'get',
      path: `${base}/{key}/draft`,
      summary: 'Read the draft, its revision and its findings',
      tag,
      answers: { 200: 'DraftView' },
      handle: async ({ params }) => withTag(200, await journeys.draft(params['key'] ?? '')),
    }),
    route({
      method: 'get',
      path: `${base}/{key}/draft/upgrades`,
      summary: 'List the steps of the draft whose plugin asks for another form by now',
      tag,
      answers: { 200: 'UpgradeOffersView', 404: 'ProblemView' },
      handle: async ({ params }) =>
        json(200, { items: await upgrades.offers(params['key'] ?? '') }),
    }),
    route({
      method: 'put',
      path: `${base}/{key}/draft`,
      summary: 'Save the draft: the body is the document. It need not be valid',
      tag,
      mode: 'json',
      limit: 8 * megabyte,
      headers: { 'If-Match': 'The revision that the change is based on.' },
      answers: { 200: 'DraftView', 412: 'ProblemView', 428: 'ProblemView' },
      handle: async (call) =>
        withTag(
          200,
          await journeys.saveDraft(
            call.params['key'] ?? '',
            ifMatchOf(call),
            documentOf(call.body),
            call.caller,
          ),
        ),
    }),
    route({
      method: 'post',
      path: '/api/v1/diagnostics',
      summary: 'Check any JSON as a journey document',
      tag,
      body: 'DiagnosticsRequest',
      limit: 8 * megabyte,
      answers: { 200: 'DiagnosticsView' },
      handle: async ({ body }) =>
        json(200, { diagnostics: await journeys.diagnose(body.document) }),
    }),
    route({
      method: 'post',
      path: `${base}/{key}/versions`,
      summary: 'Publish the draft',
      tag,
      body: 'PublishRequest',
      headers: { 'If-Match': "The draft's revision." },
      answers: { 201: 'VersionView', 409: 'ProblemView', 412: 'ProblemView', 422: 'ProblemView' },
      handle: async (call) => {
        const key = call.params['key'] ?? '';
        const { plan: _plan, ...version } = await journeys.publish(
          key,
          ifMatchOf(call),
          call.body,
          call.caller,
        );
        return json(201, versionView(version), {
          location: apiPath('journeys', key, 'versions', version.number),
        });
      },
    }),
    route({
      method: 'get',
      path: `${base}/{key}/versions`,
      summary: 'List versions, latest first',
      tag,
      answers: { 200: 'VersionPage' },
      handle: async ({ params }) =>
        json(200, {
          items: (await journeys.versions(params['key'] ?? '')).map(versionView),
          nextCursor: null,
        }),
    }),
    route({
      method: 'get',
      path: `${base}/{key}/versions/{number}`,
      summary: 'Read a version with its document',
      tag,
      answers: { 200: 'VersionView' },
      handle: async ({ params }) => {
        const number = countOf('number', params['number'] ?? '');
        return json(200, versionView(await journeys.version(params['key'] ?? '', number)));
      },
    }),
    route({
      method: 'get',
      path: `${base}/{key}/versions/{number}/interface`,
      summary: 'See a version as a call sees it: inputs, outcomes, and what it calls in turn',
      tag,
      answers: { 200: 'CalledJourneysView' },
      handle: async ({ params }) => {
        const number = countOf('number', params['number'] ?? '');
        return json(200, await journeys.asCalled(params['key'] ?? '', number));
      },
    }),
    route({
      method: 'get',
      path: `${base}/{key}/versions/{number}/counts`,
      summary: 'Count people per step',
      tag,
      answers: { 200: 'CountsView' },
      handle: async ({ params }) => {
        const number = countOf('number', params['number'] ?? '');
        return json(200, await journeys.counts(params['key'] ?? '', number));
      },
    }),
    route({
      method: 'post',
      path: `${base}/{key}/runs`,
      summary: 'Enrol one person by hand',
      tag: 'Enrolment',
      body: 'EnrolRequest',
      limit: 256 * 1024,
      headers: { 'Idempotency-Key': 'The same key enrols once.' },
      answers: { 201: 'RunView', 409: 'ProblemView' },
      handle: async (call) => {
        const run = await enrolments.enrol(
          call.params['key'] ?? '',
          call.body,
          idempotencyKeyOf(call),
          call.caller,
        );
        return json(201, runView(run), { location: apiPath('runs', run.id) });
      },
    }),
    route({
      method: 'post',
      path: `${base}/{key}/runs:bulk`,
      summary: 'Enrol many: one JSON object a line',
      tag: 'Enrolment',
      mode: 'text',
      limit: 20 * megabyte,
      consumes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
      headers: { 'Idempotency-Key': 'The same key is the same job.' },
      answers: { 202: 'JobView' },
      handle: async (call) => {
        const job = await bulk.begin(
          call.params['key'] ?? '',
          typeof call.body === 'string' ? call.body : '',
          idempotencyKeyOf(call),
          call.caller,
        );
        return json(202, job, { location: apiPath('jobs', job.id) });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/jobs/{id}',
      summary: 'See how far an enrolment of many is',
      tag: 'Enrolment',
      answers: { 200: 'JobView' },
      handle: async ({ params }) => json(200, await bulk.job(params['id'] ?? '')),
    }),
  ];
}

/** The document of a save: the body itself, or its only member `document`. */
function documentOf(body: unknown): unknown {
  if (!isObject(body)) throw invalidAt('', 'a draft is a JSON object');
  const names = Object.keys(body);
  return names.length === 1 && names[0] === 'document' ? body['document'] : body;
}
