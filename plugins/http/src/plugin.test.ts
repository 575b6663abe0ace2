import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  checkValue,
  PluginError,
  renderConfig,
  type JsonObject,
  type PerformRequest,
} from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { http } from './plugin.ts';

interface Asked {
  url: string;
  method: string;
  headers: IncomingMessage['headers'];
  body: string;
}

const secret = 'tok-5f0c1a9b';
let server: Server;
let origin: string;
let asked: Asked[];
let logged: string[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  asked = [];
  logged = [];
  answer = (response) => response.end('{}');
  [server, origin] = await listening((response, request) => answer(response, request));
});
afterEach(() => closed(server));

async function listening(
  reply: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<[Server, string]> {
  const made = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { url = '', method = '', headers } = request;
      asked.push({ url, method, headers, body });
      reply(response, request);
    });
  });
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return [made, `http://127.0.0.1:${(made.address() as AddressInfo).port}`];
}

async function closed(which: Server): Promise<void> {
  which.closeAllConnections();
  which.close();
  await once(which, 'close');
}

const sends = (status: number, body: unknown = {}, headers: Record<string, string> = {}) => {
  answer = (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
};

const context = (settings: JsonObject = {}, signal = AbortSignal.timeout(5_000)) =>
  createTestContext({
    ...{ plugin: 'http', type: 'api', signal },
    settings: { baseUrl: `${origin}/v2/`, auth: 'bearer', token: secret, ...settings },
    heard: (text) => void logged.push(text),
    clock: () => Date.parse('2026-11-24T08:00:00Z'),
  });

const { request } = http.actions;
const scope = { subject: { key: 'a/b', name: 'Ada "the first"' } };

function aRequest(config: JsonObject): PerformRequest {
  const given: JsonObject = {
    method: 'GET',
    path: '/people',
    outcomes: [{ port: 'ok' }],
    ...config,
  };
  const rendered = renderConfig(given, request.config, { scope, evaluate: () => 7 });
  expect(checkValue(request.config, rendered)).toEqual([]);
  return {
    config: rendered,
    subject: { type: 'patient', key: 'p1', attributes: {} },
    ...{ idempotencyKey: 'run/ask#1', attempt: 1, deadline: 0 },
    links: { click: (target) => target, open: () => '', unsubscribe: () => '' },
  };
}
const perform = (config: JsonObject, given = context()) => request.perform(aRequest(config), given);

/** The outcome and the output of a request that ends well. */
async function ends(config: JsonObject, given = context()): Promise<[string, JsonObject]> {
  const result = await perform(config, given);
  if (result.type !== 'done') throw new Error('it did not settle');
  expect(checkValue(request.output, result.output)).toEqual([]);
  return [result.outcome, result.output];
}

/** The error of a request that fails: it names no secret. */
async function failure(config: JsonObject, given = context()): Promise<PluginError> {
  const error: unknown = await perform(config, given).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PluginError);
  const { code, kind, message, cause } = error as PluginError;
  expect(JSON.stringify([code, kind, message, String(cause)])).not.toContain(secret);
  expect(message).not.toContain('127.0.0.1');
  return error as PluginError;
}

describe('a request', () => {
  it('is made of path, query, headers and body, with values that stay inside their places', async () => {
    await perform({
      method: 'POST',
      path: '/people/{{ subject.key }}/notes',
      query: { since: '{{ subject.name }}', limit: 3 },
      headers: { 'X-Reason': 'of {{ subject.key }}' },
      body: '{"name": "{{ subject.name }}"}',
    });

    expect(asked).toMatchObject([
      {
        url: '/v2/people/a%2Fb/notes?since=Ada+%22the+first%22&limit=3',
        method: 'POST',
        body: '{"name": "Ada \\"the first\\""}',
      },
    ]);
    expect(asked[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'run/ask#1',
      'x-reason': 'of a/b',
      authorization: `Bearer ${secret}`,
    });
  });

  it('may have a body that is an object, computed or with templates in it', async () => {
    await perform({ method: 'PUT', body: { name: '{{ subject.name }}', n: { cel: '3 + 4' } } });

    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ name: 'Ada "the first"', n: 7 });
    expect(asked[0]?.headers['idempotency-key']).toBeUndefined();
    await perform({ method: 'PATCH', body: {} });
    expect(asked[1]?.headers['idempotency-key']).toBe('run/ask#1');
  });

  it('sends a body of another type as it is', async () => {
    await perform({ method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a,b' });

    expect(asked[0]).toMatchObject({ body: 'a,b', headers: { 'content-type': 'text/csv' } });
  });

  it.each([
    ['lines', 'X-Api-Key: k-123456\nX-Tenant: north'],
    ['an object', { 'X-Api-Key': 'k-123456', 'X-Tenant': 'north' }],
  ])('carries the headers of its connection, given as %s', async (_how, headers) => {
    await perform({}, context({ auth: 'basic', username: 'u', password: 'pässword', headers }));

    expect(asked[0]?.headers).toMatchObject({
      ...{ 'x-api-key': 'k-123456', 'x-tenant': 'north' },
      authorization: `Basic ${Buffer.from('u:pässword').toString('base64')}`,
    });
  });

  it.each<[string, JsonObject, JsonObject?]>([
    ['leads out of the address', { path: '/a/../../b' }],
    ['leads out of it in disguise', { path: '/a/%2E%2e/b' }],
    ['has a body that is no JSON', { method: 'POST', body: '{"a": b}' }],
    ['reads and has a body', { body: '{}' }],
    ['sets who asks', { headers: { Authorization: 'Bearer x' } }],
    ['has a header of two lines', { headers: { 'x-a': 'b\r\nx-c: d' } }],
    ['has no token', {}, { token: undefined as never }],
    ['has a nameless header', {}, { headers: `: ${secret}` }],
    ['has a header with a broken value', {}, { headers: { 'x-a': `${secret}\u0000` } }],
  ])('that %s is not sent', async (_what, config, settings) => {
    const error = await failure(config, context(settings));

    expect(error.kind).toBe('config');
    expect(asked).toEqual([]);
  });

  it('of a shape that is not known is refused by its schema', () => {
    const faulty = (config: JsonObject) =>
      checkValue(request.config, {
        method: 'GET',
        path: '/',
        outcomes: [{ port: 'a' }],
        ...config,
      });

    expect(faulty({})).toEqual([]);
    for (const config of [
      { path: 'http://elsewhere.example/' },
      { method: 'TRACE' },
      { outcomes: [] },
      { outcomes: [{ port: 'failed' }] },
      { outcomes: [{ port: 'a', status: ['20x'] }] },
      { outcomes: [{ port: 'a', path: 'no-pointer' }] },
      { outcomes: [{ port: 'a', equals: 1 }] },
      { headers: { 'not a name': 'x' } },
      { more: 1 },
    ] as JsonObject[])
      expect(faulty(config), JSON.stringify(config)).not.toEqual([]);
  });
});

describe('an answer', () => {
  const rules: JsonObject[] = [
    { port: 'active', path: '/result/status', equals: 'active' },
    { port: 'known', path: '/list/1/a~1b' },
    { port: 'odd', path: '/constructor' },
    { port: 'gone', status: ['404', '410'] },
    { port: 'odd', status: ['4xx'], path: '/code', equals: 7 },
    { port: 'made', status: ['201'] },
  ];

  it.each<[string, number, unknown]>([
    ['active', 200, { result: { status: 'active' } }],
    ['known', 200, { list: [0, { 'a/b': false }] }],
    ['other', 200, { list: [0, { 'a/b': null }] }],
    ['other', 200, { result: { status: 'closed' } }],
    ['other', 200, 'null'],
    ['gone', 404, { code: 7 }],
    ['odd', 422, { code: 7 }],
    ['made', 201, { result: {} }],
    ['active', 201, { result: { status: 'active' } }],
  ])('leaves by %s when the first rule that fits says so (A1)', async (port, status, body) => {
    sends(status, body);

    const [outcome, output] = await ends({ outcomes: rules });

    expect(outcome).toBe(port);
    expect(output).toMatchObject({ status, outcome: port });
    expect(output['problem']).toBeUndefined();
  });

  it('is JSON in the output, else text', async () => {
    sends(200, { a: [1, null] });
    expect((await ends({}))[1]).toEqual({ status: 200, outcome: 'ok', body: { a: [1, null] } });

    sends(200, 'fine', { 'content-type': 'text/plain' });
    expect((await ends({}))[1]).toEqual({ status: 200, outcome: 'ok', body: 'fine' });

    sends(204);
    expect((await ends({}))[1]).toEqual({ status: 204, outcome: 'ok' });
  });

  it('that is no JSON cannot be looked into: other, and why (A2)', async () => {
    sends(200, '<html>', { 'content-type': 'text/html' });

    expect(await ends({ outcomes: [{ port: 'a', path: '/a' }] })).toEqual([
      ...['other', { status: 200, outcome: 'other', body: '<html>', problem: 'no-json' }],
    ]);
  });

  it('that is too long is not kept, though it was looked into (A3)', async () => {
    sends(200, { state: 'a', long: 'x'.repeat(20_000) });

    expect(await ends({ outcomes: [{ port: 'a', path: '/state', equals: 'a' }] })).toEqual([
      ...['a', { status: 200, outcome: 'a', problem: 'too-long' }],
    ]);
  });

  it('without an end is left, and not looked into (A3)', async () => {
    let written = 0;
    answer = (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) written += 1;
        if (!response.destroyed) response.once('drain', more);
      };
      response.writeHead(200);
      more();
    };

    expect(await ends({ outcomes: [{ port: 'a', path: '/a' }] })).toEqual([
      ...['other', { status: 200, outcome: 'other', problem: 'too-long' }],
    ]);
    expect(written).toBeLessThan(1_000);
  });

  it('that sends our secrets back leaves them out of the output (A4)', async () => {
    answer = (response, { headers }) =>
      response.end(JSON.stringify({ headers, [`k-${secret}`]: [headers.authorization] }));

    const [, output] = await ends({}, context({ headers: { 'X-Api-Key': 'key-987654' } }));

    expect(JSON.stringify(output)).not.toMatch(new RegExp(`${secret}|key-987654`));
    expect(JSON.stringify(output)).toContain('Bearer [secret]');
    expect(logged).toEqual([]);
  });
});

describe('an answer that no outcome is for', () => {
  it.each<[number, string, Record<string, string>, number?]>([
    [429, 'rate-limited', { 'retry-after': '7' }, 7_000],
    [429, 'rate-limited', {}],
    [503, 'rate-limited', { 'retry-after': 'Tue, 24 Nov 2026 08:01:00 GMT' }, 60_000],
    [503, 'rate-limited', { 'retry-after': '999999999' }, 86_400_000],
    [503, 'retryable', {}],
    [500, 'retryable', {}],
    [408, 'retryable', {}],
    [401, 'auth', {}],
    [403, 'auth', {}],
    [400, 'permanent', {}],
    [404, 'permanent', {}],
  ])('of status %d fails as %s', async (status, kind, headers, retryAfterMs) => {
    sends(status, { detail: secret }, headers);

    const error = await failure({ method: 'POST' });

    expect(error).toMatchObject({ code: `http-${status}`, kind });
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });

  it.each([502, 504])('of status %d says nothing about what was done', async (status) => {
    sends(status);

    expect((await failure({ method: 'POST' })).kind).toBe('unknown-outcome');
    expect((await failure({ method: 'POST', deduplicates: true })).kind).toBe('retryable');
    expect((await failure({ method: 'GET' })).kind).toBe('retryable');
  });

  it('is an outcome as soon as one names it', async () => {
    sends(503, {}, { 'retry-after': '7' });

    expect((await ends({ outcomes: [{ port: 'down', status: ['5xx'] }] }))[0]).toBe('down');
  });
});

describe('a line that breaks', () => {
  const breaks = () => {
    answer = (response) => response.destroy();
  };
  const breaksHalfWay = () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setTimeout(() => response.destroy(), 20);
    };
  };

  it.each([
    ['before the answer', breaks],
    ['in the middle of it', breaksHalfWay],
  ])('%s may be tried again only where the same may come twice (F1)', async (_when, prepare) => {
    prepare();

    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await failure({ method })).kind, method).toBe('retryable');
    for (const method of ['POST', 'PATCH'])
      expect((await failure({ method })).kind, method).toBe('unknown-outcome');
    expect((await failure({ method: 'POST', deduplicates: true })).kind).toBe('retryable');
  });

  it('was never open when nobody listens: it may be tried again (F1)', async () => {
    const [other, elsewhere] = await listening(() => undefined);
    await closed(other);

    const error = await failure({ method: 'POST' }, context({ baseUrl: elsewhere }));

    expect(error).toMatchObject({ code: 'api-unreachable', kind: 'retryable' });
  });

  it.each(['before the answer', 'in the middle of it'])(
    'at the deadline, %s, ends at once',
    async (when) => {
      answer = (response) => {
        if (when !== 'before the answer') response.writeHead(200).write('{');
      };
      const began = Date.now();

      const error = await failure({ method: 'POST' }, context({}, AbortSignal.timeout(150)));

      expect(error).toMatchObject({ code: 'api-unknown-outcome', kind: 'unknown-outcome' });
      expect(Date.now() - began).toBeLessThan(1_000);
    },
  );

  it('keeps the egress rule’s own word', async () => {
    const refusal = new PluginError({ code: 'egress-refused', kind: 'config', detail: 'no' });

    expect(await failure({}, { ...context(), fetch: () => Promise.reject(refusal) })).toBe(refusal);
  });
});

describe('a redirect', () => {
  it('is followed to the same origin by what only reads (F3)', async () => {
    answer = (response, { url }) =>
      url === '/v2/people'
        ? response.writeHead(302, { location: '/v3/people' }).end()
        : response.end('{"at":"v3"}');

    expect((await ends({}))[1]).toMatchObject({ body: { at: 'v3' } });
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v2/people', `Bearer ${secret}`],
      ['/v3/people', `Bearer ${secret}`],
    ]);
  });

  it('to another origin is an answer: nobody there hears of us (F3)', async () => {
    const [other, elsewhere] = await listening((response) => response.end('{}'));
    answer = (response) => response.writeHead(307, { location: `${elsewhere}/x` }).end();

    const error = await failure({});
    const named = await ends({ outcomes: [{ port: 'moved', status: ['3xx'] }] });
    await closed(other);

    expect(error).toMatchObject({ code: 'http-307', kind: 'permanent' });
    expect(named[0]).toBe('moved');
    expect(asked.map(({ url }) => url)).toEqual(['/v2/people', '/v2/people']);
  });

  it('is not followed by what writes, nor for ever', async () => {
    answer = (response) => response.writeHead(307, { location: '/v2/people' }).end();

    expect((await failure({ method: 'POST' })).code).toBe('http-307');
    expect(asked).toHaveLength(1);
    expect((await failure({})).code).toBe('http-307');
    expect(asked).toHaveLength(7);
  });
});

describe('an effect that was cut off', () => {
  const reconcile = (method: string, more: JsonObject = {}) =>
    request.reconcile?.('run/ask#1', context(), { method, ...more });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('is sent again when it was a %s', async (method) => {
    expect(await reconcile(method)).toEqual({ type: 'not-found' });
  });

  it('is sent again when the API honours the key', async () => {
    expect(await reconcile('POST', { deduplicates: true })).toEqual({ type: 'not-found' });
  });

  it.each(['POST', 'PATCH'])('has an unknown outcome when it was a %s', async (method) => {
    await expect(reconcile(method)).rejects.toMatchObject({ kind: 'unknown-outcome' });
    await expect(request.reconcile?.('k', context(), { method: { cel: 'x' } })).rejects.toThrow();
    expect(asked).toEqual([]);
  });
});

describe('a connection', () => {
  it('is there when something answers, and down when it refuses the credentials', async () => {
    sends(404);
    expect(await http.connections.api.check(context())).toMatchObject({ status: 'ok' });

    sends(500);
    expect(await http.connections.api.check(context())).toMatchObject({ status: 'degraded' });

    sends(401);
    await expect(http.connections.api.check(context())).rejects.toMatchObject({ kind: 'auth' });
  });
});
