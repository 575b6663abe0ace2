import { describe, expect, it } from 'vitest';
import { createTestContext } from '../testing/context.ts';
import { createFhirClient, effectKeyOf } from './client.ts';
import type { FhirResource } from './resource.ts';

interface Asked {
  url: string;
  init: RequestInit;
}
const request: FhirResource = { resourceType: 'Basic' };
const key = effectKeyOf('run/order#1');

/** A client, and what it asked of a server that always answers the same. */
function aClient(status: number, body: unknown, headers: Record<string, string> = {}) {
  const asked: Asked[] = [];
  const client = createFhirClient(
    createTestContext({
      plugin: 'any',
      settings: { baseUrl: 'https://fhir.example/r4/', token: 'tok-1', signingSecret: 'whsec-1' },
      fetch: (input, init = {}) => {
        asked.push({ url: input as string, init });
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        return Promise.resolve(new Response(text, { status, headers }));
      },
    }),
  );
  return { client, asked };
}
const bundleOf = (...resources: object[]) => ({
  ...{ resourceType: 'Bundle', type: 'searchset' },
  entry: resources.map((resource) => ({ resource })),
});
const outcome = (issue: object) => ({ resourceType: 'OperationOutcome', issue: [issue] });

describe('a FHIR client', () => {
  it('creates under the name of the effect, which tells nothing, in three places (H1)', async () => {
    const { client, asked } = aClient(201, { ...request, id: 'b1' });
    expect(await client.create(request, { key, headers: { 'x-more': '1' } })).toMatchObject({
      id: 'b1',
    });

    expect(key).toMatch(/^[0-9a-f]{40}$/);
    expect(asked[0]?.url).toBe('https://fhir.example/r4/Basic');
    expect(asked[0]?.init.headers).toMatchObject({
      ...{ authorization: 'Bearer tok-1', 'idempotency-key': key, 'x-more': '1' },
      'if-none-exist': `identifier=${encodeURIComponent(`urn:sojourn:effect|${key}`)}`,
    });
  });

  it.each([
    ['the proxy says hello', 'no JSON'],
    [{ resourceType: 'Patient', id: 'p1' }, 'another resource'],
    [{ resourceType: 'Basic' }, 'no id'],
    [null, 'nothing'],
  ])('asks again when %j is answered: %s', async (body, _) => {
    const { client } = aClient(200, body);
    await expect(client.create(request, { key })).rejects.toMatchObject({
      code: 'fhir-answer-invalid',
      kind: 'retryable',
    });
  });

  it.each<[number, unknown, string, string]>([
    [400, outcome({ code: 'invalid' }), 'permanent', 'fhir-invalid'],
    [
      422,
      outcome({ code: 'business-rule', details: { coding: [{ code: 'too-late' }] } }),
      ...(['permanent', 'too-late'] as const),
    ],
    [403, outcome({ code: 'forbidden' }), 'auth', 'fhir-forbidden'],
    [500, 'oops', 'retryable', 'http-500'],
    [400, outcome({ code: 'Ada Lin, 1 Harbour Road' }), 'permanent', 'http-400'],
    [400, outcome({ details: { coding: [{ code: 7 }] } }), 'permanent', 'http-400'],
    [400, { resourceType: 'OperationOutcome' }, 'permanent', 'http-400'],
  ])(
    "fails on %i with the server's code, never its words (H3)",
    async (status, body, kind, code) => {
      const words = { text: 'Ada Lin' };
      const said =
        typeof body === 'object' ? { ...body, text: words, diagnostics: 'Ada Lin' } : body;
      const { client } = aClient(status, said);
      const error: unknown = await client
        .create(request, { key })
        .catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ kind, code });
      expect(JSON.stringify(error) + String(error)).not.toMatch(/Ada|tok-1/);
    },
  );

  it('waits as long as it is told', async () => {
    const { client } = aClient(429, outcome({ code: 'throttled' }), { 'retry-after': '7' });
    await expect(client.create(request, { key })).rejects.toMatchObject({
      ...{ kind: 'rate-limited', retryAfterMs: 7_000 },
    });
  });

  it('finds what was created under a key, and nothing of somebody else (H2)', async () => {
    const mine = {
      ...request,
      id: 'b1',
      identifier: [{ system: 'urn:sojourn:effect', value: key }],
    };
    const other = { ...request, id: 'b2', identifier: [{ system: 'urn:other', value: key }] };
    const { client, asked } = aClient(200, bundleOf(outcome({}), other, request, mine));

    expect(await client.find('Basic', key)).toEqual(mine);
    expect(asked[0]?.url).toBe(
      `https://fhir.example/r4/Basic?identifier=${encodeURIComponent(`urn:sojourn:effect|${key}`)}`,
    );
    expect(await aClient(200, bundleOf(other)).client.find('Basic', key)).toBeUndefined();
    expect(
      await aClient(200, { resourceType: 'Bundle' }).client.find('Basic', key),
    ).toBeUndefined();
  });

  it('finds the answer to a request, and to no other (H2)', async () => {
    const answerTo = (id: string) => ({
      ...{ resourceType: 'EnrollmentResponse', id: `r-${id}` },
      request: { reference: `EnrollmentRequest/${id}` },
    });
    const { client, asked } = aClient(200, bundleOf(answerTo('n2'), answerTo('n1')));
    const asks = (id: string) =>
      client.answerTo({ type: 'EnrollmentRequest', id }, 'EnrollmentResponse');

    expect(await asks('n1')).toMatchObject({ id: 'r-n1' });
    expect(await asks('n3')).toBeUndefined();
    expect(asked[0]?.url).toMatch(/\/EnrollmentResponse\?request=EnrollmentRequest%2Fn1$/);
  });

  it.each([
    [200, true],
    [404, false],
    [409, false],
    [410, false],
    [422, false],
  ])('knows of an answer of %i whether a request was stopped: %s', async (status, isStopped) => {
    const { client, asked } = aClient(status, {});
    expect(await client.cancel('Basic', 'a/b')).toBe(isStopped);
    expect(asked[0]?.url).toBe('https://fhir.example/r4/Basic/a%2Fb');
  });

  it('does not take a broken server for a refusal to stop', async () => {
    const { client } = aClient(500, {});
    await expect(client.cancel('Basic', 'b1')).rejects.toMatchObject({ kind: 'retryable' });
  });

  it.each([
    ['4.0.1', 'ok'],
    ['5.0.0', 'down'],
  ])('says of a server of FHIR %s: %s', async (fhirVersion, status) => {
    const { client } = aClient(200, { resourceType: 'CapabilityStatement', fhirVersion });
    expect(await client.check()).toMatchObject({ status });
  });

  it.each<[string, string | undefined]>([
    ['https://fhir.example/r4/InsurancePlan?_page=2', 'InsurancePlan?_page=2'],
    ['InsurancePlan?_page=2', 'InsurancePlan?_page=2'],
    ['https://fhir.example/r4?_getpages=7', '?_getpages=7'],
    ['https://elsewhere.example/r4/InsurancePlan?_page=2', undefined],
    ['https://fhir.example/r4-of-others/InsurancePlan', undefined],
    ['https://fhir.example/r4/../admin', undefined],
    ['//elsewhere.example/', undefined],
  ])('goes on to %s within the server alone (H4)', async (url, next) => {
    const plan = { resourceType: 'InsurancePlan', id: 'gold' };
    const bundle = { ...bundleOf(plan), link: [{ relation: 'next', url }] };
    const { client, asked } = aClient(200, bundle);

    const page = await client.page('InsurancePlan', { query: { name: 'a&b' } });
    expect(page).toEqual({ found: [plan], ...(next === undefined ? {} : { next }) });
    expect(asked[0]?.url).toBe('https://fhir.example/r4/InsurancePlan?name=a%26b');
    if (next === undefined)
      await expect(client.page('InsurancePlan', { next: url })).rejects.toMatchObject({
        code: 'fhir-answer-invalid',
      });
    else {
      await client.page('InsurancePlan', { next });
      expect(asked[1]?.url).toBe(`https://fhir.example/r4/${next}`);
    }
  });
});
