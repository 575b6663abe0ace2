import type { JsonObject } from '@sojourn/engine';
import { invalidAt } from '../problems.ts';
import type { Platform } from '../platform.ts';
import {
  apiPath,
  json,
  pageOf,
  queryOf,
  route,
  subjectQueryOf,
  wordOf,
  type Route,
} from '../route.ts';
import { takeEvents } from '../services/events.ts';
import { consentView, entryView, pageView, subjectView } from '../wire.ts';
import type { Store } from '@sojourn/store';
import { pageQuery, subjectIn } from './shared.ts';

const base = '/api/v1/subjects';
const tag = 'Subjects';

/** Subjects, consents, events and entries. */
export function subjectRoutes(
  { subjects, intake }: Platform,
  store: Pick<Store, 'intake'>,
): Route[] {
  return [
    route({
      method: 'get',
      path: base,
      summary: 'List subjects',
      tag,
      query: { type: 'Only of this type.', ...pageQuery },
      answers: { 200: 'SubjectPage' },
      handle: async (call) =>
        json(200, pageView(await subjects.list(queryOf(call, 'type'), pageOf(call)), subjectView)),
    }),
    route({
      method: 'put',
      path: `${base}/{type}/{key}`,
      summary: 'Change attributes by a JSON merge patch; makes the subject when it is unknown',
      tag,
      body: 'SubjectPatchRequest',
      consumes: ['application/json', 'application/merge-patch+json'],
      answers: { 200: 'SubjectView', 201: 'SubjectView' },
      handle: async ({ params, body, caller }) => {
        const who = subjectIn(params);
        const { subject, created } = await subjects.change(who, body as JsonObject, caller);
        return created
          ? json(201, subjectView(subject), { location: apiPath('subjects', who.type, who.key) })
          : json(200, subjectView(subject));
      },
    }),
    route({
      method: 'get',
      path: `${base}/{type}/{key}`,
      summary: 'Read a subject',
      tag,
      answers: { 200: 'SubjectView' },
      handle: async ({ params }) => json(200, subjectView(await subjects.get(subjectIn(params)))),
    }),
    route({
      method: 'delete',
      path: `${base}/{type}/{key}`,
      summary: 'Erase a subject: ends its runs, and removes attributes and consents',
      tag,
      answers: { 204: undefined },
      handle: async ({ params, caller }) => {
        await subjects.erase(subjectIn(params), caller);
        return { status: 204 };
      },
    }),
    route({
      method: 'get',
      path: `${base}/{type}/{key}/consents`,
      summary: 'List what a subject agreed to',
      tag,
      answers: { 200: 'ConsentPage' },
      handle: async ({ params }) =>
        json(200, {
          items: (await subjects.consents(subjectIn(params))).map(consentView),
          nextCursor: null,
        }),
    }),
    route({
      method: 'put',
      path: `${base}/{type}/{key}/consents/{purpose}/{channel}`,
      summary: 'Note a consent given or withdrawn; `*` is every purpose',
      tag,
      body: 'ConsentRequest',
      answers: { 200: 'ConsentView' },
      handle: async ({ params, body, caller }) => {
        const { purpose = '', channel = '' } = params;
        if (purpose !== '*' && !isId(purpose)) throw invalidAt('', `'${purpose}' is no purpose`);
        if (!isId(channel)) throw invalidAt('', `'${channel}' is no channel`);
        const consent = await subjects.putConsent(
          subjectIn(params),
          { purpose, channel },
          body,
          caller,
        );
        return json(200, consentView(consent));
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/events',
      summary: 'Take in one CloudEvent, or a batch of at most 1,000',
      tag: 'Events',
      mode: 'json',
      describes: 'CloudEvent',
      limit: 5 * 1024 * 1024,
      consumes: [
        'application/json',
        'application/cloudevents+json',
        'application/cloudevents-batch+json',
      ],
      answers: { 202: 'AcceptanceView' },
      handle: async ({ body }) => json(202, await takeEvents(intake, body)),
    }),
    route({
      method: 'get',
      path: '/api/v1/entries',
      summary: 'List what entered, and what was refused and why',
      tag: 'Events',
      query: {
        journey: 'Only of this journey.',
        subject: 'Only of this subject, `type/key`.',
        result: '`entered` or `refused`.',
        ...pageQuery,
      },
      answers: { 200: 'EntryPage' },
      handle: async (call) => {
        const journey = queryOf(call, 'journey');
        const subject = subjectQueryOf(call);
        const result = wordOf(call, 'result', ['entered', 'refused']);
        const filter = {
          ...(journey === undefined ? {} : { journey }),
          ...(subject === undefined ? {} : { subject }),
          ...(result === undefined ? {} : { result }),
        };
        return json(200, pageView(await store.intake.entries(filter, pageOf(call)), entryView));
      },
    }),
  ];
}

function isId(text: string): boolean {
  return /^[a-z][a-z0-9-]{0,63}$/.test(text);
}
