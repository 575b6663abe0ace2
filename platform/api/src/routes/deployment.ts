import { instantText } from '@sojourn/engine';
import type { Registry } from 'prom-client';
import { NotFoundError, problemTitles, UnauthenticatedError } from '../problems.ts';
import { catalogueSection } from '../catalogue-of-problems.ts';
import { languageOf } from '../pages/language.ts';
import { readerPage, readerScript } from '../pages/reader.ts';
import { signedInPage, spentPage } from '../pages/sign-in.ts';
import type { Platform } from '../platform.ts';
import { issueSignIn } from '../services/access.ts';
import type { ApiDependencies, PartStatus } from '../ports.ts';
import { html, json, pageOf, queryOf, route, type Route } from '../route.ts';
import { clearedCookie, cookieOf, sessionCookie } from '../door.ts';
import { auditView, pageView } from '../wire.ts';

const tag = 'Deployment';

/** What this deployment is and how it is, signing in and out, and the documents about the API. */
export function deploymentRoutes(
  { access, audit }: Platform,
  dependencies: ApiDependencies,
  given: { openapi(): unknown; metrics: Registry },
): Route[] {
  const { store, settings, sandboxes, clock } = dependencies;
  const isSecure = settings.baseUrl.startsWith('https:');

  return [
    route({
      method: 'get',
      path: '/healthz',
      summary: 'Whether the process lives',
      tag,
      isPublic: true,
      answers: { 200: undefined },
      handle: () => json(200, { status: 'ok' }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'Whether every part is up',
      tag,
      isPublic: true,
      answers: { 200: 'StatusView', 503: 'StatusView' },
      handle: async () => {
        const parts = await partsOf(dependencies);
        const isReady = parts.every(({ state }) => state === 'up');
        return json(isReady ? 200 : 503, {
          status: isReady ? 'ready' : 'not-ready',
          parts: parts.map(partView),
        });
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      summary: 'Numbers for Prometheus; without signing in only from this machine',
      tag,
      isPublic: true,
      answers: { 200: undefined },
      handle: async ({ request, caller }) => {
        const peer = request.socket.remoteAddress ?? '';
        if (caller.id === 'anybody' && !/^(::ffff:)?127\.|^::1$/.test(peer))
          throw new UnauthenticatedError('sign-in-needed', 'sign in, or send a bearer token');
        const { metrics } = given;
        return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
      },
    }),
    route({
      method: 'get',
      path: '/sign-in/{secret}',
      summary: 'Sign in by a link that works once',
      tag,
      isPublic: true,
      answers: { 200: undefined, 410: undefined },
      handle: async ({ params, request }) => {
        const language = languageOf(request);
        if (request.method === 'HEAD') return { status: 200 }; // whoever only looks does not use it up
        const session = await access.signIn(params['secret'] ?? '');
        if (!session) return html(410, spentPage(language));
        const cookie = sessionCookie(session.session, session.maxAgeMs, isSecure);
        return {
          ...html(200, signedInPage(language)),
          headers: { 'set-cookie': cookie, 'cache-control': 'no-store' },
        };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/sign-out',
      summary: 'End the session',
      tag,
      answers: { 204: undefined },
      handle: async ({ request }) => {
        const session = cookieOf(request);
        if (session !== undefined) await access.signOut(session);
        return { status: 204, headers: { 'set-cookie': clearedCookie(isSecure) } };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/sign-in-links',
      summary: 'A link that signs its bearer in as the caller: once, within ten minutes',
      tag,
      answers: { 201: undefined },
      handle: async ({ caller }) => {
        const secret = await issueSignIn(store.access, caller.id, clock);
        return json(201, { link: `${settings.baseUrl}/sign-in/${secret}` });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/me',
      summary: 'Who is asking',
      tag,
      answers: { 200: 'MeView' },
      handle: ({ caller }) =>
        json(200, {
          id: caller.id,
          name: caller.name,
          role: 'owner',
          deployment: {
            sandbox: sandboxes.size > 0,
            demo: settings.demo,
            version: settings.version,
            timeZone: settings.timeZone,
          },
        }),
    }),
    route({
      method: 'get',
      path: '/api/v1/status',
      summary: 'How each part is',
      tag,
      answers: { 200: 'StatusView' },
      handle: async () => json(200, { parts: (await partsOf(dependencies)).map(partView) }),
    }),
    route({
      method: 'get',
      path: '/api/v1/audit',
      summary: 'Who changed what, and why; latest first',
      tag,
      query: {
        target: 'Only of this: journey/{key}, run/{id}, subject/{type}/{key}, connection/{id} …',
        limit: 'How many at most.',
        cursor: 'Where to go on.',
      },
      answers: { 200: 'AuditPage' },
      handle: async (call) => {
        const target = queryOf(call, 'target');
        const filter = target === undefined ? {} : { target };
        return json(200, pageView(await audit.list(filter, pageOf(call)), auditView));
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/openapi.json',
      summary: 'This API as OpenAPI 3.1',
      tag,
      isPublic: true,
      answers: { 200: undefined },
      handle: () => json(200, given.openapi()),
    }),
    route({
      method: 'get',
      path: '/docs',
      summary: 'This API for people',
      tag,
      isPublic: true,
      answers: { 200: undefined },
      handle: () => html(200, readerPage),
    }),
    route({
      method: 'get',
      path: '/docs/reader.js',
      summary: "The reader's script",
      tag,
      isPublic: true,
      answers: { 200: undefined },
      handle: () => ({ status: 200, type: 'text/javascript; charset=utf-8', body: readerScript }),
    }),
    route({
      method: 'get',
      path: '/problems/{code}',
      summary: 'What a problem means, and what to do',
      tag,
      isPublic: true,
      answers: { 200: undefined, 404: 'ProblemView' },
      handle: async ({ params }) => {
        const code = params['code'] ?? '';
        if (!Object.hasOwn(problemTitles, code))
          throw new NotFoundError('not-found', `there is no problem '${code.slice(0, 64)}'`);
        return {
          status: 200,
          type: 'text/plain; charset=utf-8',
          body: await catalogueSection(code),
        };
      },
    }),
  ];

  function partView({ name, state, since, detail }: PartStatus): object {
    const at = Number.isFinite(since) ? since : clock();
    return { name, state, since: instantText(at), ...(detail === undefined ? {} : { detail }) };
  }
}

const pingMs = 2_000;

/** Every part. The database is asked itself: a server that runs may still not answer. */
async function partsOf({ store, status, clock }: ApiDependencies): Promise<PartStatus[]> {
  const parts = status();
  const failure = await pingFailure(store);
  const known = parts.find(({ name }) => name === 'mongo');
  const mongo: PartStatus =
    failure === undefined
      ? (known ?? { name: 'mongo', state: 'up', since: clock() })
      : { name: 'mongo', state: 'down', since: clock(), detail: failure };
  return [mongo, ...parts.filter(({ name }) => name !== 'mongo')];
}

async function pingFailure(store: ApiDependencies['store']): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('no answer within 2 seconds'), pingMs);
  });
  const answer = store.ping().then(
    () => undefined,
    () => 'the database does not answer',
  );
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
