import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aDeployment,
  aDocument,
  beginMessage,
  enrol,
  linksOf,
  publish,
  type Deployment,
} from '../test-support/deployment.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment({ sandbox: true });
  call = deployment.call;
});
afterEach(async () => {
  await deployment.close();
});

const aConnection = (parts: object = {}) => ({
  id: 'mail',
  plugin: 'email',
  type: 'smtp',
  name: 'Mail',
  settings: { host: 'mail.example', password: 'secret-word' },
  ...parts,
});

describe('a connection', () => {
  it('never shows its secrets again (V1)', async () => {
    const made = await call('POST', 'connections', aConnection());
    const read = await call('GET', 'connections/mail');
    const list = await call('GET', 'connections');
    const audit = await call('GET', 'audit');

    expect([made.status, made.headers.get('location')]).toEqual([201, '/api/v1/connections/mail']);
    expect(read.body['settings']).toEqual({ host: 'mail.example', password: { sealed: true } });
    const stored = await deployment.store.connections.get('mail');
    for (const seen of [made, read, list, audit, deployment.logged, stored])
      expect(JSON.stringify(seen)).not.toContain('secret-word');
  });

  it('keeps a secret that comes back as sealed, and changes one that is given (V1)', async () => {
    await call('POST', 'connections', aConnection());
    const before = await deployment.store.connections.get('mail');
    const kept = { host: 'mail.example', password: { sealed: true } };

    const { status } = await call(
      'PUT',
      'connections/mail',
      aConnection({ name: 'Other', settings: kept }),
    );

    const after = await deployment.store.connections.get('mail');
    expect(status).toBe(200);
    expect(after).toMatchObject({ name: 'Other', settings: before?.settings });
    const without = await call('PUT', 'connections/mail', aConnection({ settings: { host: 'h' } }));
    expect(without.body['settings']).toEqual({ host: 'h' });
  });

  it('lets no secret follow to another server: it is given again (V1)', async () => {
    await call('POST', 'connections', aConnection());
    const before = await deployment.store.connections.get('mail');
    const put = (settings: object) => call('PUT', 'connections/mail', aConnection({ settings }));

    const refused = await put({ host: 'evil.example', password: { sealed: true } });

    expect([refused.status, refused.body['errors']]).toEqual([
      422,
      [
        {
          pointer: '/settings/password',
          detail: "'host' changes, and a secret does not follow to another server: give it again",
        },
      ],
    ]);
    expect(await deployment.store.connections.get('mail')).toEqual(before);
    expect((await put({ host: 'new.example', password: 'new-secret' })).status).toBe(200);
  });

  it('has secrets within its objects too, each beside the server that it is for (V1)', async () => {
    const inbound = { host: 'pop.example', password: 'inner-word' };
    const settings = { host: 'mail.example', password: 'secret-word', inbound };
    await call('POST', 'connections', aConnection({ settings }));
    const before = await deployment.store.connections.get('mail');
    const kept = { sealed: true };
    const put = (given: object) =>
      call('PUT', 'connections/mail', aConnection({ settings: given }));
    const pointersOf = async (given: object) =>
      (await put(given)).body['errors'].map(({ pointer }) => pointer);

    const elsewhere = { host: 'evil.example', password: kept };
    const refused = await pointersOf({ host: 'mail.example', inbound: elsewhere });
    const unknown = await pointersOf({ host: 'mail.example', inbound: { host: kept } });
    const shown = { host: 'new.example', inbound: { host: 'pop.example', password: kept } };
    const { status, body } = await put(shown);

    const after = await deployment.store.connections.get('mail');
    expect(JSON.stringify(before)).not.toContain('inner-word');
    expect(refused).toEqual(['/settings/inbound/password']);
    expect(unknown).toContain('/settings/inbound/host');
    expect([status, body['settings']]).toEqual([200, shown]);
    expect(after?.settings['inbound']).toEqual(before?.settings['inbound']);
  });

  it('is checked against the plugin’s schema, with pointers into the body', async () => {
    const pointersOf = async (body: object) => {
      const answer = await call('POST', 'connections', body);
      return [answer.status, ...answer.body['errors'].map((fault) => fault.pointer)];
    };

    expect(await pointersOf(aConnection({ settings: { password: 'x', port: 1 } }))).toEqual(
      expect.arrayContaining([422, '/settings/password', '/settings/port']),
    );
    expect(await pointersOf(aConnection({ plugin: 'fax' }))).toEqual([422, '/plugin']);
    expect(await pointersOf(aConnection({ type: 'imap' }))).toEqual([422, '/type']);
    expect(
      await pointersOf(aConnection({ settings: { host: 'h', password: { sealed: true } } })),
    ).toEqual([422, '/settings/password']);
    expect(await pointersOf(aConnection({ settings: { host: { sealed: '1.a.b' } } }))).toContain(
      '/settings/host',
    );
    expect((await call('GET', 'connections')).body['items']).toEqual([]);
  });

  it('is the default alone (V2), and its id is its own', async () => {
    await call('POST', 'connections', aConnection({ default: true }));
    await call('POST', 'connections', aConnection({ id: 'second', default: true }));

    const { body } = await call('GET', 'connections');

    expect(body['items'].map((item) => [item.id, item.default])).toEqual([
      ['mail', false],
      ['second', true],
    ]);
    expect((await call('POST', 'connections', aConnection())).body['code']).toBe('id-taken');
    const named = await call('POST', 'connections', aConnection({ id: undefined }));
    expect(named.body['id']).toBe('email-1');
  });

  it('is not deleted while a live version uses it (V3)', async () => {
    await publish(deployment);
    await call('POST', 'connections', aConnection());

    const used = await call('DELETE', 'connections/default-email');

    expect([used.status, used.body['code'], used.body['journeys']]).toEqual([
      409,
      'connection-in-use',
      ['adherence'],
    ]);
    expect((await call('DELETE', 'connections/mail')).status).toBe(204);
    expect((await call('DELETE', 'connections/mail')).status).toBe(404);
  });

  it('tells how it is, and remembers', async () => {
    await call('POST', 'connections', aConnection());
    const well = await call('POST', 'connections/mail/test');
    await call('PUT', 'connections/mail', aConnection({ settings: { host: 'down.example' } }));
    const down = await call('POST', 'connections/mail/test');

    expect(well.body).toMatchObject({ status: 'ok', latencyMs: 3 });
    expect([down.status, down.body]).toEqual([
      200,
      {
        status: 'down',
        latencyMs: 0,
        detail: 'nobody answers there',
        at: '2026-11-24T08:00:00.000Z',
      },
    ]);
    expect((await call('GET', 'connections/mail')).body['health']).toEqual(down.body);
  });
});

describe('a preview', () => {
  const mail = { subject: 'Hello {{ subject.givenName }}', body: 'Hi' };

  it('is rendered for one person, and nothing is sent', async () => {
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei' });

    const { body } = await call('POST', 'previews', {
      uses: 'email/send',
      with: mail,
      subject: { type: 'patient', key: 'p-1' },
    });

    expect(body).toEqual({ config: { subject: 'Hello Mei', body: 'Hi' } });
    expect(deployment.sent).toEqual([]);
  });

  it('says where a config is wrong', async () => {
    const pointerOf = async (body: object) => {
      const answer = await call('POST', 'previews', body);
      return [answer.status, answer.body['errors'][0]!.pointer];
    };

    expect(await pointerOf({ uses: 'fax/send', with: mail })).toEqual([422, '/uses']);
    expect(await pointerOf({ uses: 'email/send', with: { ...mail, body: '{% if' } })).toEqual([
      422,
      '/with/body',
    ]);
    expect(await pointerOf({ uses: 'email/send', with: { ...mail, subject: '' } })).toEqual([
      422,
      '/with/subject',
    ]);
    expect(
      await pointerOf({ uses: 'email/send', with: { ...mail, body: { cel: '1 +' } } }),
    ).toEqual([422, '/with/body']);
  });

  it('is sent to whoever asks, never to whom the step names', async () => {
    await call('POST', 'connections', aConnection({ default: true }));

    const { status, body } = await call('POST', 'previews/send', {
      uses: 'email/send',
      with: { ...mail, to: 'patient@example.org' },
      to: 'me@example.org',
    });

    expect([status, body['outcome']]).toEqual([200, 'sent']);
    expect(deployment.sent).toHaveLength(1);
    expect(deployment.sent[0]).toMatchObject({
      config: { subject: 'Hello ', body: 'Hi' },
      subject: { attributes: { email: 'me@example.org' } },
    });
    expect(deployment.sent[0]?.idempotencyKey).toMatch(/^preview\//);
    expect(deployment.sent[0]?.links.click('https://example.org/a')).toBe('https://example.org/a');
    expect((await call('GET', 'audit')).body['items'][0]!.what).toBe('preview-sent');
  });

  it('is not sent without a connection', async () => {
    const { status, body } = await call('POST', 'previews/send', {
      uses: 'email/send',
      with: mail,
      to: 'me@example.org',
    });

    expect([status, body['errors'][0]!.pointer]).toEqual([422, '/connection']);
    expect(deployment.sent).toEqual([]);
  });
});

describe('the sandbox', () => {
  it('lets a mail bounce: the channel stops for that person (X5)', async () => {
    await publish(deployment);
    const run = await enrol(deployment);
    const unsubscribe = linksOf(deployment, run, 'support').unsubscribe();
    deployment.mail.push({
      id: 'm1',
      to: 'mei@example.org',
      headers: { 'list-unsubscribe': `<${unsubscribe}>` },
    });
    await beginMessage(deployment, run);

    const first = await call('POST', 'sandbox/mail/m1/actions', { type: 'bounce' });
    await call('POST', 'sandbox/mail/m1/actions', { type: 'bounce' });
    await deployment.api.platform.reportInbox.idle();
    await deployment.api.platform.intake.idle();

    expect([first.status, first.body]).toEqual([202, { reported: 1, matched: 1 }]);
    expect((await call('GET', 'subjects/patient/p-1/consents')).body['items']).toEqual([
      expect.objectContaining({
        purpose: '*',
        channel: 'email',
        state: 'withdrawn',
        source: 'hard bounce',
      }),
    ]);
    const { items } = await deployment.store.intake.eventsOf(
      { type: 'patient', key: 'p-1' },
      { limit: 9 },
    );
    expect(items.map(({ type }) => type).sort()).toEqual(['consent.withdrawn', 'email.bounced']);
  });

  it('shows mail to one address, and refuses what cannot be done with it', async () => {
    deployment.mail.push({ id: 'm1', to: 'a@example.org' }, { id: 'm2', to: 'b@example.org' });

    const { body } = await call('GET', 'sandbox/mail?to=b@example.org');
    const odd = await call('POST', 'sandbox/mail/m1/actions', { type: 'eat' });

    expect(body['items']).toEqual([{ id: 'm2', to: 'b@example.org' }]);
    expect([odd.status, odd.body['code']]).toEqual([422, 'sandbox-action']);
    expect((await call('POST', 'sandbox/mail/none/actions', { type: 'bounce' })).status).toBe(404);
  });

  it('is not there when it does not run', async () => {
    const other = await aDeployment();
    const { status } = await other.call('GET', 'sandbox/mail');
    await other.close();

    expect(status).toBe(404);
  });
});

describe('the health of connections', () => {
  it('is asked for by itself every five minutes, by one process', async () => {
    await publish(deployment);
    const { connections } = deployment.api.platform;
    const healthOf = async () =>
      (await call('GET', 'connections/default-email')).body['health'] as { at: string } | null;
    expect(await healthOf()).toBeNull();

    expect(await connections.checkDue()).toBe(1);
    expect(await healthOf()).toMatchObject({ status: 'ok', at: '2026-11-24T08:00:00.000Z' });
    deployment.now.at += 299_999;
    expect(await connections.checkDue()).toBe(0);
    deployment.now.at += 1;
    expect(await connections.checkDue()).toBe(1);

    deployment.now.at += 600_000;
    const { at } = deployment.now;
    await deployment.store.leases.take('connection-checks', 'another', at, at + 30_000);
    expect(await connections.checkDue()).toBe(0);
  });
});

describe('the choices of a field', () => {
  const find = (body: object, name = 'lists') =>
    call('POST', `plugins/email/actions/ask/options/${name}`, body);

  it('are found by the plugin with its connection, and kept for a minute (C2)', async () => {
    await publish(deployment);

    const found = await find({ search: 'a', config: { yes: '1' } });
    await find({ search: 'a', config: { yes: '1' } });
    expect([found.status, found.body]).toEqual([
      200,
      { items: [{ value: 'a', label: 'default-email {"yes":"1"}' }], nextCursor: null },
    ]);
    expect(deployment.searched).toEqual(['a']);

    deployment.now.at += 60_001;
    await find({ search: 'a', config: { yes: '1' } });
    await find({ search: 'b' });
    expect(deployment.searched).toEqual(['a', 'a', 'b']);
  });

  it('are not waited for longer than three seconds, and a failure tells nothing (C1)', async () => {
    await publish(deployment);
    const [slow, broken, none] = await Promise.all([
      find({ search: 'slow' }),
      find({ search: 'broken' }),
      find({}, 'nothing'),
    ]);
    expect([slow.status, broken.status, none.status]).toEqual([502, 502, 404]);
    expect(JSON.stringify(broken.body)).not.toContain('a secret');
  });
});

describe('the tour', () => {
  it('walks a visitor through the demo journey, with a link to their own run', async () => {
    const demo = await aDeployment({ settings: { demo: true } });
    await publish(demo, aDocument({ key: 'tour', subject: 'visitor', reentry: 'parallel' }));

    const { status, body } = await demo.call('POST', 'tour', {
      email: 'v@example.org',
      name: 'Vi',
    });
    const run = await demo.store.runs.get(String(body['runId']));
    const state = await demo.store.runs.state(String(body['runId']));
    const subject = await demo.store.subjects.get('visitor', run?.subject.key ?? '');
    await demo.close();

    expect(status).toBe(201);
    expect(subject?.attributes).toEqual({ email: 'v@example.org', givenName: 'Vi' });
    expect(state?.entry).toEqual({ url: `${demo.url}/runs/${String(body['runId'])}` });
  });

  it('is not there without the demo', async () => {
    expect((await call('POST', 'tour', { email: 'v@example.org' })).status).toBe(404);
  });
});
