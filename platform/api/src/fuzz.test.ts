import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDeployment, enrol, publish, type Deployment } from './test-support/deployment.ts';

let deployment: Deployment;
let routes: [string, string][];

beforeAll(async () => {
  deployment = await aDeployment({ sandbox: true, settings: { demo: true } });
  await publish(deployment);
  const run = await enrol(deployment);
  deployment.mail.push({ id: 'm1', to: 'a@example.org' });
  const places: Record<string, string> = {
    type: 'patient',
    key: 'adherence',
    id: 'default-email',
    purpose: 'support',
    channel: 'email',
    number: '1',
    plugin: 'email',
    token: 't',
    signed: 'e30.AAAA',
  };
  const { body } = await deployment.call('GET', 'openapi.json');
  routes = Object.entries<Record<string, unknown>>(body['paths']).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method === 'post' || method === 'put' || method === 'patch')
      .filter(() => !path.endsWith('/sign-out'))
      .map((method): [string, string] => [
        method.toUpperCase(),
        path
          .replace('/runs/{id}', `/runs/${run}`)
          .replace('/mail/{id}', '/mail/m1')
          .replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? 'x'),
      ]),
  );
});
afterAll(async () => {
  await deployment.close();
});

/** Any JSON, and objects with the names that our bodies have. */
const body = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(
    fc.constantFrom(
      ...['key', 'document', 'state', 'type', 'reason', 'subject', 'data', 'settings', 'plugin'],
      ...['name', 'uses', 'with', 'to', 'email', 'at', 'source', 'id', 'specversion', 'accept'],
      ...['__proto__', 'constructor', 'port', 'step', 'visit', 'default', 'limits'],
    ),
    fc.oneof(
      fc.constantFrom(
        'email',
        'smtp',
        'email/send',
        'patient/p-1',
        'given',
        'retry',
        'live',
        '1.0',
      ),
      fc.constantFrom('2026-11-24T00:00:00Z', 'a@b.c'),
      fc.jsonValue({ maxDepth: 3 }),
    ),
    { noNullPrototype: true },
  ),
);

describe('every route that takes a body', () => {
  it('answers any JSON without failing', { timeout: 120_000 }, async () => {
    const types = ['application/json', 'application/x-ndjson', 'application/merge-patch+json'];
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom(...types), async (given, type) => {
        const answers = await Promise.all(
          routes.map(async ([method, path]) => {
            const headers = { 'content-type': type, 'if-match': '*' };
            const { status } = await deployment.call(method, path, JSON.stringify(given), headers);
            return [method, path, status] as const;
          }),
        );
        expect(answers.filter(([, , status]) => status >= 500 && status !== 502)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('answers any bytes without failing', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        const statuses = await Promise.all(
          routes.map(async ([method, path]) => {
            const response = await fetch(deployment.url + path, {
              method,
              headers: {
                authorization: `Bearer ${deployment.token}`,
                'content-type': 'application/json',
                'if-match': '"1"',
              },
              body: bytes,
            });
            await response.arrayBuffer();
            return response.status;
          }),
        );
        expect(statuses.filter((status) => status >= 500)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
