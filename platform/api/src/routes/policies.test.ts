import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDeployment, type Deployment } from '../test-support/deployment.ts';
import { installPolicies, shippedPolicies } from '../services/policies.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment();
  call = deployment.call;
});
afterEach(async () => {
  await deployment.close();
});

const night = {
  kind: 'quiet-hours',
  key: 'night',
  name: 'Night',
  enabled: true,
  from: '21:00',
  to: '08:00',
};
const put = (body: unknown, headers: Record<string, string> = {}, key = 'night') =>
  call('PUT', `policies/${key}`, body, headers);
const asNew = { 'if-none-match': '*' };
const on = (revision: number) => ({ 'if-match': `"${revision}"` });
const audit = async () => (await deployment.store.audit.list({}, { limit: 50 })).items;

describe('a policy', () => {
  it('is made, read with its ETag, changed on top of that, and kept revision by revision', async () => {
    const made = await put(night, asNew);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/api/v1/policies/night');
    expect(made.body).toMatchObject({
      ...night,
      revision: 1,
      updatedAt: '2026-11-24T08:00:00.000Z',
    });

    const read = await call('GET', 'policies/night');
    expect(read.headers.get('etag')).toBe('"1"');
    const changed = await put(
      { ...read.body, to: '09:00' },
      { 'if-match': read.headers.get('etag') ?? '' },
    );

    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(changed.body).toMatchObject({ to: '09:00', revision: 2 });
    expect(
      (await deployment.store.policies.history('night')).map(({ revision }) => revision),
    ).toEqual([2, 1]);
    expect((await call('GET', 'policies')).body.items).toEqual([changed.body]);
    expect(await audit()).toMatchObject([
      {
        ...{ what: 'policy-changed', target: 'policy/night' },
        before: { revision: 1, document: { to: '08:00' } },
        after: { revision: 2, document: { to: '09:00' } },
      },
      { what: 'policy-created', after: { revision: 1 } },
    ]);
  });

  it('is not changed on top of a revision that no longer stands: both are told', async () => {
    await put(night, asNew);
    await put({ ...night, to: '09:00' }, on(1));

    for (const headers of [on(1), asNew]) {
      const { status, body } = await put({ ...night, to: '10:00' }, headers);
      expect(status).toBe(412);
      expect(body).toMatchObject({
        ...{ code: 'policy-changed', theirs: 2, yours: headers === asNew ? 0 : 1 },
      });
    }
    expect((await deployment.store.policies.get('night'))?.document).toMatchObject({ to: '09:00' });
    expect(await audit()).toHaveLength(2);
  });

  it('is changed only by who says what the change is based on', async () => {
    await put(night, asNew);

    const { status, body } = await put({ ...night, to: '09:00' });

    expect(status).toBe(428);
    expect(body.code).toBe('if-match-missing');
    expect(await deployment.store.policies.history('night')).toHaveLength(1);
  });

  it('that nobody made is not found, neither to read nor to change', async () => {
    expect((await call('GET', 'policies/night')).status).toBe(404);
    expect((await put(night, on(3))).body).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('is put over whatever stands by who says so, and nothing is noted when nothing differs', async () => {
    expect((await put(night, { 'if-match': '*' })).status).toBe(201);
    expect((await put({ ...night, to: '07:00' }, { 'if-match': '*' })).body['revision']).toBe(2);
    expect((await put({ ...night, to: '07:00' }, { 'if-match': '*' })).body['revision']).toBe(2);
    expect(await audit()).toHaveLength(2);
  });

  it.each([
    ['another key', { ...night, key: 'day' }, '/key'],
    ['no time of day', { ...night, from: '25:00' }, '/from'],
    ['what its kind does not have', { ...night, limit: 3 }, '/limit'],
    ['no kind we know', { ...night, kind: 'curfew' }, '/kind'],
    ['hours that never end', { ...night, to: '21:00' }, '/to'],
    ['too wide a spread', { ...night, spread: 'P1D' }, '/spread'],
    ['a list', [], ''],
  ])('with %s is refused, and where it is wrong is said', async (_, body, pointer) => {
    const answer = await put(body, asNew);

    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('policy-invalid');
    expect(answer.body.errors[0]?.pointer).toBe(pointer);
    expect(await deployment.store.policies.list()).toEqual([]);
    expect(await audit()).toEqual([]);
  });

  it('is described in the OpenAPI document by its own schema', async () => {
    const { body } = await call('GET', 'openapi.json');

    expect(Object.keys(body.components.schemas)).toEqual(
      expect.arrayContaining(['PolicyDocument', 'CapPolicy', 'PolicyView']),
    );
    expect(Object.keys(body.paths['/api/v1/policies/{key}'] ?? {})).toEqual(['get', 'put']);
  });
});

describe('the policies that we ship', () => {
  const install = () => installPolicies(deployment.store.policies, () => deployment.now.at);

  it('are put into a new deployment, and never over what somebody changed', async () => {
    await install();
    const key = 'quiet-hours-marketing';
    const { body } = await call('GET', `policies/${key}`);
    expect(body).toMatchObject({ from: '21:00', to: '08:00', updatedBy: 'sojourn', revision: 1 });
    await put({ ...body, enabled: false }, on(1), key);

    await install();

    expect((await call('GET', `policies/${key}`)).body).toMatchObject({
      enabled: false,
      revision: 2,
    });
    expect((await deployment.store.policies.list()).map(({ key: name }) => name)).toEqual(
      (await shippedPolicies()).map(({ key: name }) => name),
    );
  });

  it('are ones that the API takes', async () => {
    for (const document of await shippedPolicies())
      expect((await put(document, asNew, document.key)).status).toBe(201);
  });
});

describe('a connection', () => {
  const connection = {
    id: 'nurses',
    ...{ plugin: 'email', type: 'smtp', name: 'Nurses', settings: { host: 'mail.example' } },
  };
  const window = { from: '09:00', to: '17:00', days: ['mo', 'fr'], timeZone: 'Europe/Berlin' };

  it('may have hours of its own, on a clock there is', async () => {
    const made = await call('POST', 'connections', { ...connection, limits: { window } });
    expect(made.status).toBe(201);
    expect(made.body['limits']).toEqual({ window });

    const wrong = await call('PUT', 'connections/nurses', {
      ...connection,
      limits: { window: { ...window, timeZone: 'Mars/Olympus' } },
    });
    expect(wrong.body.errors).toEqual([
      { pointer: '/limits/window/timeZone', detail: "'Mars/Olympus' is no time zone" },
    ]);
  });
});

describe('an erased subject', () => {
  it('has no contacts left', async () => {
    await call('PUT', 'subjects/patient/p-1', {});
    const place = { effect: 'r/m#1', at: 0, journey: 'j', channel: 'email', countsUntil: 1e13 };
    await deployment.store.contacts.reserve('patient', 'p-1', place, () => true);

    await call('DELETE', 'subjects/patient/p-1');

    expect(await deployment.store.contacts.of('patient', 'p-1')).toEqual([]);
  });
});
