import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDeployment, enrol, publish, type Deployment } from './test-support/deployment.ts';

let deployment: Deployment;
beforeEach(async () => {
  deployment = await aDeployment({ sandbox: true });
});
afterEach(async () => {
  await deployment.close();
});

/** Asks with headers that `fetch` does not let one set; answers the status. */
function statusFor(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${deployment.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Signs in by a link; answers the cookie. */
async function signedIn(): Promise<string> {
  const secret = await deployment.signIn();
  const response = await fetch(`${deployment.url}/sign-in/${secret}`);
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

describe('reading', () => {
  it('answers on every address', async () => {
    const { call } = deployment;
    await publish(deployment);
    const run = await enrol(deployment);
    const paths = [
      '/healthz',
      '/readyz',
      '/metrics',
      '/docs',
      '/docs/reader.js',
      '/problems/key-taken',
      'openapi.json',
      'me',
      'status',
      'audit',
      'journeys',
      'journeys/adherence',
      'journeys/adherence/draft',
      'journeys/adherence/versions',
      'journeys/adherence/versions/1',
      'journeys/adherence/versions/1/counts',
      'journeys/adherence/versions/1/interface',
      'subjects',
      'subjects/patient/p-1',
      'subjects/patient/p-1/consents',
      'entries',
      'runs',
      `runs/${run}`,
      `runs/${run}/trail`,
      'tasks',
      'incidents',
      'plugins',
      'plugins/email',
      'connections',
      'connections/default-email',
      'sandbox/mail',
    ];

    const statuses = await Promise.all(
      paths.map(async (path) => [path, (await call('GET', path)).status]),
    );

    expect(statuses).toEqual(paths.map((path) => [path, 200]));
  });

  it('answers 404 as a problem for what is not there', async () => {
    const paths = [
      'nothing',
      'journeys/none',
      'journeys/none/draft',
      'journeys/none/versions',
      'journeys/none/versions/1',
      'journeys/none/versions/1/counts',
      'subjects/patient/none',
      'runs/none',
      'runs/none/trail',
      'tasks/none',
      'plugins/none',
      'connections/none',
      'jobs/none',
      'sandbox/mail/none',
      '/problems/none',
      '/nothing',
    ];

    for (const path of paths) {
      const { status, headers, body } = await deployment.call('GET', path);
      expect([path, status, body['code']]).toEqual([path, 404, 'not-found']);
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(body['instance']).toBe(headers.get('x-request-id'));
    }
  });

  it('refuses a query that means nothing', async () => {
    for (const path of [
      'runs?limit=x',
      'runs?limit=0',
      'runs?cursor=zzz',
      'runs?status=asleep',
      'runs?subject=p-1',
      'runs?version=one',
      'entries?result=maybe',
      'journeys/x/versions/one',
    ])
      expect([path, (await deployment.call('GET', path)).status]).toEqual([path, 400]);
  });
});

describe('a body', () => {
  it('must be JSON, of a type that is read, and not too large', async () => {
    const { call } = deployment;
    const wrongType = { 'content-type': 'text/plain' };
    const other = { 'content-type': 'application/json; charset=utf-16' };

    expect((await call('POST', 'journeys', '{"key":')).body['code']).toBe('body-malformed');
    expect((await call('POST', 'journeys', '{}', wrongType)).status).toBe(415);
    expect((await call('POST', 'journeys', '{}', other)).status).toBe(415);
    expect((await call('PUT', 'subjects/patient/p', { a: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await call('POST', 'events', '['.repeat(10_000) + ']'.repeat(10_000))).status).toBe(
      400,
    );
    expect((await deployment.store.journeys.list({ limit: 10 })).items).toEqual([]);
  });

  it('is checked, with a pointer to every fault', async () => {
    const { status, body } = await deployment.call('POST', 'journeys', { key: 'Not a key', x: 1 });

    expect(status).toBe(422);
    expect(body['errors'].map(({ pointer }) => pointer).sort()).toEqual(['/key', '/x']);
  });
});

describe('the door', () => {
  it('lets nobody in without a session or a token (D3)', async () => {
    const without = { authorization: '' };

    expect(await statusFor('/api/v1/me', {})).toBe(401);
    expect(await statusFor('/api/v1/nothing', {})).toBe(401);
    expect(await statusFor('/api/v1/me', { authorization: 'Bearer nope' })).toBe(401);
    const cookie = await signedIn();
    expect(await statusFor('/api/v1/me', { cookie, authorization: 'Bearer nope' })).toBe(401);
    expect((await deployment.call('GET', 'me', undefined, without)).body['code']).toBe(
      'sign-in-needed',
    );
  });

  it('lets in by a link that works once (A2)', async () => {
    const secret = await deployment.signIn();
    const link = `${deployment.url}/sign-in/${secret}`;

    await fetch(link, { method: 'HEAD' });
    const first = await fetch(link);
    const second = await fetch(link);

    const cookie = first.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      /^sojourn=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/,
    );
    expect(await first.text()).toContain('content="0;url=/"');
    expect(second.status).toBe(410);
    expect(await statusFor('/api/v1/me', { cookie: cookie.split(';')[0] ?? '' })).toBe(200);
  });

  it('keeps a token that somebody mistakes for a sign-in link (A2)', async () => {
    const response = await fetch(`${deployment.url}/sign-in/${deployment.token}`);

    expect(response.status).toBe(410);
    expect((await deployment.call('GET', 'me')).status).toBe(200);
  });

  it('does not let in by a link older than ten minutes (A2)', async () => {
    const secret = await deployment.signIn();
    deployment.now.at += 10 * 60_000;

    expect((await fetch(`${deployment.url}/sign-in/${secret}`)).status).toBe(410);
  });

  it('ends a session on signing out', async () => {
    const cookie = await signedIn();

    expect(await statusFor('/api/v1/sign-out', { cookie }, 'POST')).toBe(204);
    expect(await statusFor('/api/v1/me', { cookie })).toBe(401);
  });

  it('answers under our own names only (D1)', async () => {
    const { port } = new URL(deployment.url);

    expect(await statusFor('/docs', { host: `localhost:${port}` })).toBe(200);
    expect(await statusFor('/docs', { host: 'evil.example' })).toBe(421);
    expect(await statusFor('/docs', { host: `127.0.0.1:${Number(port) + 1}` })).toBe(421);
    expect(await statusFor('/healthz', { host: 'probe.example' })).toBe(200);
  });

  it('takes changes that come with a cookie from our own pages only (D2)', async () => {
    const cookie = await signedIn();
    const post = (headers: Record<string, string>) =>
      statusFor('/api/v1/diagnostics', { cookie, ...headers }, 'POST');

    expect(await post({ origin: 'https://evil.example' })).toBe(403);
    expect(await post({ origin: 'null' })).toBe(403);
    expect(await post({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await post({ origin: deployment.url })).toBe(422);
    expect(await post({})).toBe(422);
  });

  it('tells a page what it may load, and nobody to use https where there is none', async () => {
    const { headers } = await fetch(`${deployment.url}/docs`);

    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self';script-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;font-src 'self' data:;connect-src 'self';frame-src 'self' data: blob:;frame-ancestors 'none';object-src 'none';base-uri 'self';form-action 'self'",
    );
    expect(headers.has('strict-transport-security')).toBe(false);
    expect(headers.has('x-powered-by')).toBe(false);
  });

  it('slows down who asks too often', async () => {
    const slow = await aDeployment({ settings: { requestsPerMinute: 3 } });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await slow.call('GET', 'me')).status);
    await slow.close();

    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('keeps no secret: only its hash', async () => {
    const cookie = await signedIn();
    const secret = cookie.split('=')[1] ?? '';

    expect(await deployment.store.access.credential(secret, deployment.now.at)).toBeUndefined();
    expect(JSON.stringify(deployment.logged)).not.toContain(secret);
  });
});

describe('the deployment', () => {
  it('says who is asking, and what it is', async () => {
    const { body } = await deployment.call('GET', 'me');

    expect(body).toMatchObject({
      name: 'Owner',
      role: 'owner',
      deployment: { sandbox: true, demo: false, version: '0.1.0', timeZone: 'UTC' },
    });
  });

  it('is not ready while the database does not answer', async () => {
    deployment.store.ping = () => Promise.reject(new Error('gone'));

    const { status, body } = await deployment.call('GET', '/readyz');

    expect(status).toBe(503);
    expect(body['parts']).toEqual([
      expect.objectContaining({ name: 'mongo', state: 'down' }),
      expect.objectContaining({ name: 'temporal', state: 'up' }),
    ]);
  });

  it('logs the pattern of a route, never an address that may name a person', async () => {
    await deployment.call('GET', 'subjects/patient/chen-mei-ling');

    expect(deployment.logged.at(-1)).toMatchObject({
      values: { method: 'GET', route: '/api/v1/subjects/{type}/{key}', status: 404 },
    });
    expect(JSON.stringify(deployment.logged)).not.toContain('mei-ling');
  });

  it('logs whole what it did not expect, and answers its id only (Q2)', async () => {
    deployment.store.runs.list = () => Promise.reject(new Error('the index is broken'));

    const { status, body } = await deployment.call('GET', 'runs');

    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('index');
    const logged = deployment.logged.find(({ level }) => level === 'error');
    expect(logged?.values).toMatchObject({ requestId: body['instance'] });
    expect(JSON.stringify(logged)).toContain('the index is broken');
  });

  it('describes itself: every reference leads to a schema', async () => {
    const { body } = await deployment.call('GET', 'openapi.json', undefined, { authorization: '' });
    const names = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      (match) => match[1] ?? '',
    );

    expect(body['openapi']).toBe('3.1.0');
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !(name in body['components'].schemas))).toEqual([]);
    expect(JSON.stringify(body)).not.toContain('#/$defs/');
    const ids = Object.values<Record<string, { operationId: string }>>(body['paths']).flatMap(
      (methods) => Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('counts requests by route for Prometheus', async () => {
    await deployment.call('GET', 'me');
    const { body } = await deployment.call('GET', '/metrics');

    expect(body['text']).toContain(
      'sojourn_http_request_seconds_count{method="GET",route="/api/v1/me",status="200"} 1',
    );
    expect(body['text']).toContain('sojourn_part_up{part="temporal"} 1');
  });
});

describe('the web app', () => {
  it('is served with its page for every screen, and never in the place of the API', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sojourn-web-'));
    mkdirSync(join(directory, 'assets'));
    writeFileSync(join(directory, 'index.html'), '<title>Sojourn</title>');
    writeFileSync(join(directory, 'assets', 'app-1a2b.js'), 'go()');
    const web = await aDeployment({ settings: { webDirectory: directory } });
    const get = (path: string, accept = 'text/html') =>
      fetch(`${web.url}${path}`, { headers: { accept } });

    const [root, screen, asset, api, missing] = await Promise.all([
      get('/'),
      get('/journeys/adherence'),
      get('/assets/app-1a2b.js'),
      get('/api/v1/nothing'),
      get('/assets/gone.js'),
    ]);
    await web.close();
    rmSync(directory, { recursive: true });

    expect(await root.text()).toBe('<title>Sojourn</title>');
    expect([screen.status, screen.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect([api.status, missing.status]).toEqual([401, 404]);
  });
});
