import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDeployment, aDocument, publish, type Deployment } from '../test-support/deployment.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment();
  call = deployment.call;
});
afterEach(async () => {
  await deployment.close();
});

describe('a journey', () => {
  it('begins as the smallest draft there is, without findings', async () => {
    const made = await call('POST', 'journeys', { key: 'welcome' });
    const draft = await call('GET', 'journeys/welcome/draft');

    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/api/v1/journeys/welcome');
    expect(made.body).toMatchObject({
      key: 'welcome',
      state: 'draft',
      latestVersion: null,
      createdAt: '2026-11-24T08:00:00.000Z',
      people: { active: 0, held: 0, ended: 0, incidents: 0 },
    });
    expect(draft.headers.get('etag')).toBe('"1"');
    expect(draft.body).toMatchObject({ revision: 1, diagnostics: [] });
  });

  it('has a key that nobody else has, and that its document names', async () => {
    await call('POST', 'journeys', { key: 'welcome' });

    expect((await call('POST', 'journeys', { key: 'welcome' })).body['code']).toBe('key-taken');
    const other = await call('POST', 'journeys', { key: 'other', document: { key: 'welcome' } });
    expect([other.status, other.body['errors'][0]!.pointer]).toEqual([422, '/key']);
    expect((await call('GET', 'journeys')).body['items']).toHaveLength(1);
  });

  it('does not go live without a version', async () => {
    await call('POST', 'journeys', { key: 'welcome' });

    const { status, body } = await call('PATCH', 'journeys/welcome', { state: 'live' });

    expect([status, body['code']]).toEqual([409, 'not-published']);
    expect((await call('GET', 'journeys/welcome')).body['state']).toBe('draft');
  });

  it('is paused, and says so in the audit log', async () => {
    await publish(deployment);

    const { body } = await call('PATCH', 'journeys/adherence', {
      state: 'paused',
      waits: 'freeze',
    });
    const audit = await call('GET', 'audit?target=journey/adherence');

    expect(body).toMatchObject({ state: 'paused', waits: 'freeze' });
    expect(audit.body['items'].map(({ what }) => what)).toContain('journey-changed');
  });
});

describe('a draft', () => {
  beforeEach(async () => {
    await call('POST', 'journeys', { key: 'adherence', document: aDocument() });
  });

  it('is saved on top of the revision it was made from, valid or not (J1)', async () => {
    const saved = await call(
      'PUT',
      'journeys/adherence/draft',
      { key: 'adherence', steps: 7 },
      {
        'if-match': '"1"',
      },
    );

    expect(saved.status).toBe(200);
    expect(saved.headers.get('etag')).toBe('"2"');
    expect(saved.body['diagnostics'].length).toBeGreaterThan(0);
    expect((await call('GET', 'journeys/adherence/draft')).body['document']).toEqual({
      key: 'adherence',
      steps: 7,
    });
  });

  it('is not saved over what somebody else saved (J1)', async () => {
    const first = { ...aDocument(), name: 'First' };
    await call('PUT', 'journeys/adherence/draft', first, { 'if-match': '"1"' });

    const second = { ...aDocument(), name: 'Second' };
    const late = await call('PUT', 'journeys/adherence/draft', second, { 'if-match': '"1"' });
    const blind = await call('PUT', 'journeys/adherence/draft', second);

    expect([late.status, late.body['code']]).toEqual([412, 'draft-changed']);
    expect(late.body).toMatchObject({ yours: 1, theirs: 2 });
    expect([blind.status, blind.body['code']]).toEqual([428, 'if-match-missing']);
    expect((await call('GET', 'journeys/adherence/draft')).body['document'].name).toBe('First');
  });

  it('is refused when it is no object, or names another journey', async () => {
    const put = (body: unknown) =>
      call('PUT', 'journeys/adherence/draft', body, { 'if-match': '"1"' });

    expect((await put([1])).status).toBe(422);
    expect((await put({ key: 'other' })).body['errors'][0]!.pointer).toBe('/key');
    expect((await put({ filler: 'x'.repeat(2_100_000) })).status).toBe(413);
    expect((await call('GET', 'journeys/adherence/draft')).body['revision']).toBe(1);
  });

  it('stands once in the audit log for each spell of editing', async () => {
    const save = (revision: number) =>
      call('PUT', 'journeys/adherence/draft', aDocument(), { 'if-match': `"${revision}"` });
    await save(1);
    await save(2);
    deployment.now.at += 16 * 60_000;
    await save(3);

    const { body } = await call('GET', 'audit?target=journey/adherence');
    const saves = body['items'].filter(({ what }) => what === 'draft-saved');

    expect(saves).toHaveLength(2);
  });
});

describe('diagnostics', () => {
  it('are answered for whatever JSON', async () => {
    for (const document of [null, 7, 'x', [], {}, { steps: { a: { kind: 'no' } } }]) {
      const { status, body } = await call('POST', 'diagnostics', { document });
      expect([status, body['diagnostics'].length > 0]).toEqual([200, true]);
    }
  });

  it('are answered for a document nested beyond reason', async () => {
    const deep = '{"document":' + '['.repeat(100_000) + ']'.repeat(100_000) + '}';

    const { status, body } = await call('POST', 'diagnostics', deep);

    expect([status, body['diagnostics'][0]!.code]).toEqual([200, 'schema/invalid']);
  });

  it('know the connections of the deployment', async () => {
    const { body } = await call('POST', 'diagnostics', { document: aDocument() });

    expect(body['diagnostics']).toEqual([
      expect.objectContaining({ code: 'plugin/connection-missing', stepId: 'welcome' }),
    ]);
  });
});

describe('publishing', () => {
  it('makes a version, and the journey live', async () => {
    const { status, headers, body } = await publish(deployment);

    expect(status).toBe(201);
    expect(headers.get('location')).toBe('/api/v1/journeys/adherence/versions/1');
    expect(body).toMatchObject({ number: 1, document: { key: 'adherence' } });
    expect(body['contentHash']).toMatch(/^[0-9a-f]{64}$/);
    expect((await call('GET', 'journeys/adherence')).body).toMatchObject({
      state: 'live',
      latestVersion: 1,
      name: 'Adherence',
    });
  });

  it('is stopped by errors: each is named, and nothing is written (J2)', async () => {
    await call('POST', 'journeys', { key: 'adherence', document: aDocument() });

    const { status, body } = await call(
      'POST',
      'journeys/adherence/versions',
      {},
      {
        'if-match': '"1"',
      },
    );

    expect([status, body['code']]).toEqual([422, 'journey-invalid']);
    expect(body['errors']).toEqual([
      expect.objectContaining({
        pointer: '/steps/welcome/connection',
        code: 'plugin/connection-missing',
      }),
    ]);
    expect((await call('GET', 'journeys/adherence/versions')).body['items']).toEqual([]);
    expect((await call('GET', 'journeys/adherence')).body['state']).toBe('draft');
  });

  it('asks for the revision that stands', async () => {
    await call('POST', 'journeys', { key: 'adherence', document: aDocument() });
    const at = (revision: string) =>
      call('POST', 'journeys/adherence/versions', {}, { 'if-match': revision });

    expect((await at('"9"')).status).toBe(412);
    expect((await at('"abc"')).status).toBe(412);
    expect((await call('POST', 'journeys/adherence/versions', {})).status).toBe(428);
  });

  it('refuses what means the same: layout and notes do not count (J4)', async () => {
    await publish(deployment);
    const moved = { ...aDocument(), layout: { welcome: { x: 9, y: 9 } } };
    await call('PUT', 'journeys/adherence/draft', moved, { 'if-match': '"1"' });

    const { status, body } = await call(
      'POST',
      'journeys/adherence/versions',
      {},
      {
        'if-match': '"2"',
      },
    );

    expect([status, body['code']]).toEqual([409, 'nothing-changed']);
  });

  it('makes the next version of what changed, and lists the latest first', async () => {
    await publish(deployment);
    const renamed = { ...aDocument(), name: 'Adherence, second year' };
    await call('PUT', 'journeys/adherence/draft', renamed, { 'if-match': '"1"' });

    const second = await call(
      'POST',
      'journeys/adherence/versions',
      { note: 'Year two' },
      {
        'if-match': '"2"',
      },
    );
    const { body } = await call('GET', 'journeys/adherence/versions');

    expect(second.body).toMatchObject({ number: 2, note: 'Year two' });
    expect(body['items'].map(({ number }) => number)).toEqual([2, 1]);
    expect(body['items'][0]).not.toHaveProperty('document');
  });

  it('makes good what a crash left between the version and the journey (J3)', async () => {
    const { journeys } = deployment.store;
    const update = journeys.update.bind(journeys);
    await call('POST', 'connections', {
      id: 'default-email',
      plugin: 'email',
      type: 'smtp',
      name: 'Mail',
      settings: { host: 'h' },
    });
    await call('POST', 'journeys', { key: 'adherence', document: aDocument() });
    journeys.update = () => Promise.reject(new Error('killed'));
    const publishNow = () => call('POST', 'journeys/adherence/versions', {}, { 'if-match': '"1"' });
    const cut = await publishNow();
    journeys.update = update;

    const again = await publishNow();

    expect([cut.status, again.status, again.body['number']]).toEqual([500, 201, 1]);
    expect((await call('GET', 'journeys/adherence')).body['state']).toBe('live');
  });

  it('answers counts for every step of a version', async () => {
    await publish(deployment);

    const { body } = await call('GET', 'journeys/adherence/versions/1/counts');

    expect(body['steps']['pause']).toEqual({
      here: 0,
      entered: 0,
      left: {},
      incidents: 0,
      nextDueAt: null,
    });
    expect(Object.keys(body['steps']).sort()).toEqual(['done', 'pause', 'welcome']);
  });
});

describe('a journey that another calls', () => {
  const ends = (key: string, outcome: string) =>
    aDocument({
      key,
      inputs: { type: 'object', required: ['site'], properties: { site: { type: 'string' } } },
      start: 'done',
      steps: { done: { kind: 'end', outcome } },
      edges: [],
    });
  const calls = (key: string, journey: string) =>
    aDocument({
      key,
      start: 'ask',
      steps: {
        ask: { kind: 'call', journey, with: { site: 'north' } },
        done: { kind: 'end', outcome: 'asked' },
      },
      edges: [{ from: 'ask', port: 'answered', to: 'done' }],
    });

  it('is seen as a call sees it, behind those that it calls in turn', async () => {
    await publish(deployment, ends('inner', 'answered'));
    await publish(deployment, calls('outer', 'inner'));

    const { status, body } = await call('GET', 'journeys/outer/versions/1/interface');

    expect(status).toBe(200);
    expect(body['items']).toMatchObject([
      {
        key: 'inner',
        version: 1,
        subjectType: 'patient',
        inputs: { required: ['site'] },
        outcomes: ['answered'],
        calls: [],
      },
      { key: 'outer', version: 1, outcomes: ['asked'], calls: ['inner'] },
    ]);
    expect(body['items'][1]).not.toHaveProperty('inputs');
  });

  it('is not to be seen where it has no such version', async () => {
    await publish(deployment, ends('inner', 'answered'));

    expect((await call('GET', 'journeys/inner/versions/2/interface')).status).toBe(404);
    expect((await call('GET', 'journeys/nobody/versions/1/interface')).status).toBe(404);
  });

  it('makes its caller worth publishing again when it has a new version (J4)', async () => {
    await publish(deployment, ends('inner', 'answered'));
    await publish(deployment, calls('outer', 'inner'));
    const again = () => call('POST', 'journeys/outer/versions', {}, { 'if-match': '"1"' });
    const before = await again();
    const changed = { ...ends('inner', 'answered'), vars: { n: { type: 'integer' } } };
    await call('PUT', 'journeys/inner/draft', changed, { 'if-match': '"1"' });
    await call('POST', 'journeys/inner/versions', {}, { 'if-match': '"2"' });

    const after = await again();

    expect([before.status, before.body['code']]).toEqual([409, 'nothing-changed']);
    expect([after.status, after.body['number']]).toEqual([201, 2]);
  });
});
