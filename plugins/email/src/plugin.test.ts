import { generateKeyPairSync, verify } from 'node:crypto';
import { checkValue, renderConfig, type JsonObject } from '@sojourn/plugin-kit';
import { messageIdOf } from '@sojourn/plugin-kit/mail';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { email } from './plugin.ts';
import { aRequest as request, openOutside, type Outside } from './test-support/outside.ts';

const { send } = email.actions;

let outside: Outside;
beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  await outside.close();
});
const context = (settings: JsonObject = {}) => outside.context(settings);

describe('the e-mail plugin against its sandbox', () => {
  it('delivers HTML and a plain twin, with tracked links and one-click unsubscribe', async () => {
    const result = await send.perform(request({}), context());
    const [mail] = await outside.sandbox.items({ limit: 10 });

    expect(result).toMatchObject({ type: 'done', outcome: 'sent' });
    expect(mail).toMatchObject({ to: 'ada@example.org', subject: 'Hello' });
    expect(mail?.['html']).toContain('<strong>Ada</strong>');
    expect(mail?.['text']).toContain('look (https://example.org/a?b=1&c=2)');
    expect(mail?.['links']).toContain(
      'https://sojourn.example/t/https%3A%2F%2Fexample.org%2Fa%3Fb%3D1%26c%3D2',
    );
    expect(mail?.['headers']).toMatchObject({
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    });
  });

  it('gives every attempt of an effect the same Message-ID, and can ask for it afterwards', async () => {
    expect(await send.reconcile?.('run/m#1', context(), {})).toEqual({ type: 'not-found' });
    await send.perform(request({}), context());

    expect(await send.reconcile?.('run/m#1', context(), {})).toMatchObject({
      type: 'done',
      outcome: 'sent',
    });
    expect((await outside.sandbox.items({ limit: 1 }))[0]?.['messageId']).toBe(
      messageIdOf('run/m#1', 'care@sojourn.example'),
    );
  });

  it('keeps its mails when it is started again', async () => {
    await send.perform(request({}), context());
    await outside.restart();

    expect(await outside.sandbox.items({ limit: 10 })).toHaveLength(1);
  });

  it.each([
    ['permanent', 'refuse+ada@example.org'],
    ['retryable', 'later+ada@example.org'],
    ['permanent', 'a@example.org, b@example.org'],
    ['permanent', 'a@example.org\r\nBcc: evil@example.org'],
  ])('fails as %s when the recipient is %j, and sends nothing', async (kind, to) => {
    await expect(send.perform(request({ to }), context())).rejects.toMatchObject({
      name: 'PluginError',
      kind,
    });
    expect(await outside.sandbox.items({ limit: 10 })).toEqual([]);
  });

  it('fails as permanent when the person has no address', async () => {
    await expect(send.perform(request({}, 'k', {}), context())).rejects.toMatchObject({
      code: 'no-address',
      kind: 'permanent',
    });
  });

  it('fails as retryable when nobody listens there', async () => {
    await expect(send.perform(request({}), context({ port: 1 }))).rejects.toMatchObject({
      kind: 'retryable',
    });
  });

  it('says how a connection is, its mailbox and its key too', async () => {
    const { inbound } = outside.sandbox.connection.settings as { inbound: JsonObject };
    const check = (settings: JsonObject) => email.connections.smtp.check(context(settings));
    const dkim = { domain: 'x.example', selector: 's', privateKey: 'no key' };

    expect(await check({})).toMatchObject({ status: 'ok' });
    await expect(check({ inbound: { ...inbound, password: 'x' } })).rejects.toMatchObject({
      kind: 'auth',
    });
    await expect(check({ dkim })).rejects.toMatchObject({ code: 'dkim-key', kind: 'config' });
  });

  it('shows what a person would get without sending it, whether or not there is an address', async () => {
    const { config, subject } = request({});

    expect(send.preview?.({ config, subject })).toMatchObject({
      to: 'ada@example.org',
      subject: 'Hello',
      html: expect.stringContaining('<strong>Ada</strong>') as string,
    });
    expect(send.preview?.({ config, subject: { ...subject, attributes: {} } })).toMatchObject({
      to: null,
    });
    expect(await outside.sandbox.items({ limit: 1 })).toEqual([]);
  });
});

describe('a signed mail', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const dkim = (key: string) => ({ domain: 'clinic.example', selector: 'main', privateKey: key });

  it('has a DKIM signature over what a one-click unsubscribe needs too (RFC 8058)', async () => {
    const { headers } = (await outside.sent({}, { dkim: dkim(String(pem)) })) as unknown as {
      headers: Record<string, string>;
    };
    const signature = headers['dkim-signature'] ?? '';
    const [, names = ''] = /;\s+h=([^;]+);/.exec(signature) ?? [];
    const [, written = ''] = /b=([^;]*)$/.exec(signature) ?? [];
    const fields = names.replace(/\s/g, '').toLowerCase().split(':');
    const relaxed = (value = '') => value.replace(/\s+/g, ' ').trim();
    const signed =
      fields.map((name) => `${name}:${relaxed(headers[name])}\r\n`).join('') +
      `dkim-signature:${relaxed(signature.slice(0, signature.length - written.length))}`;

    expect(signature).toMatch(/d=clinic\.example;.*s=main;/s);
    expect(fields).toEqual(
      expect.arrayContaining(['from', 'subject', 'list-unsubscribe', 'list-unsubscribe-post']),
    );
    const given = Buffer.from(written.replace(/\s/g, ''), 'base64');
    expect(verify('RSA-SHA256', Buffer.from(signed), publicKey, given)).toBe(true);
  });

  it.each([
    ['no key', 'nonsense-that-is-secret'],
    ['a public key', String(publicKey.export({ type: 'spki', format: 'pem' }))],
    [
      'a key of another kind',
      String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ],
  ])('is never sent unsigned: %s is a fault of the connection', async (_, key) => {
    const error: unknown = await send.perform(request(), context({ dkim: dkim(key) })).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );

    expect(error).toMatchObject({ code: 'dkim-key', kind: 'config' });
    expect(String((error as Error).cause) + String(error)).not.toContain(key);
    expect(await outside.sandbox.items({ limit: 1 })).toEqual([]);
  });
});

describe('what is enclosed', () => {
  const appointment = {
    ...{ start: '2027-01-05T09:30', end: '2027-01-05T10:00', timeZone: 'Asia/Taipei' },
    ...{ summary: 'First visit; bring your card', location: 'Room 5' },
  };

  it('arrives: files by name, an appointment in UTC', async () => {
    const attachments = [
      { filename: '用藥.csv', content: 'day,dose\n1,2', contentType: 'text/csv' },
      { filename: '../a\\b.txt', content: 'x' },
    ];
    const mail = await outside.sent({ attachments, calendar: appointment });

    expect(mail['attachments']).toEqual(
      expect.arrayContaining(['用藥.csv', '.._a_b.txt', 'invite.ics']),
    );
    expect(mail['calendar']).toMatch(/METHOD:PUBLISH[^]*DTSTART:20270105T013000Z/);
    expect(mail['calendar']).toContain('SUMMARY:First visit\\; bring your card');
    expect(mail['text']).toContain('Hi Ada');
  });

  it('is rendered for the person', () => {
    const rendered = renderConfig(
      {
        ...{ subject: 'S', body: 'B' },
        attachments: [{ filename: '{{ subject.n }}.txt', content: 'Dear {{ subject.n }}' }],
        calendar: { ...appointment, summary: 'Visit of {{ subject.n }}' },
      },
      send.config,
      { scope: { subject: { n: 'Ada & Bo' } }, evaluate: () => null },
    );

    expect(rendered).toMatchObject({
      attachments: [{ filename: 'Ada & Bo.txt', content: 'Dear Ada & Bo' }],
      calendar: { summary: 'Visit of Ada & Bo' },
    });
  });

  it('is shown by its names before it is sent', () => {
    const { config, subject } = request({
      attachments: [{ filename: 'plan.txt', content: 'x' }],
      calendar: appointment,
    });

    expect(send.preview?.({ config, subject })).toMatchObject({
      attachments: ['plan.txt', 'invite.ics'],
    });
  });

  it.each<[string, JsonObject]>([
    ['a time that is none', { ...appointment, start: 'soon' }],
    ['a zone that is none', { ...appointment, timeZone: 'Nowhere' }],
    ['an end before its start', { ...appointment, end: '2027-01-05T09:00' }],
  ])('is a fault of the step with %s, and nothing is sent', async (_, calendar) => {
    await expect(send.perform(request({ calendar }), context())).rejects.toMatchObject({
      ...{ code: 'calendar-invalid', kind: 'config' },
    });
    expect(await outside.sandbox.items({ limit: 1 })).toEqual([]);
  });

  it('is limited in number and in size', async () => {
    const file = (characters: number) => ({ filename: 'a', content: 'x'.repeat(characters) });
    const faults = (attachments: JsonObject[]) =>
      checkValue(send.config, { subject: 'S', body: 'B', attachments });
    const three = Array.from({ length: 3 }, () => file(180_000));

    expect(faults(Array.from({ length: 5 }, () => file(1)))).toEqual([]);
    expect(faults(Array.from({ length: 6 }, () => file(1)))).not.toEqual([]);
    expect(faults([file(200_001)])).not.toEqual([]);
    await expect(send.perform(request({ attachments: three }), context())).rejects.toMatchObject({
      code: 'attachments-too-long',
    });
  });
});

describe('a mail in the sandbox', () => {
  const movesOf = (item: { moves?: { type: string }[] } | undefined) =>
    item?.moves?.map(({ type }) => type);

  it('offers what whoever got it can do, and what was done is kept', async () => {
    const mail = await outside.sent();
    await outside.sandbox.act(mail.id, { type: 'soft-bounce' });
    await outside.sandbox.act(mail.id, { type: 'reply', text: 'Hi' });
    await outside.restart();
    const replied = await outside.sandbox.item(mail.id);

    expect([mail.state, movesOf(mail)]).toEqual(['delivered', ['reply', 'bounce', 'soft-bounce']]);
    expect(mail.at).toBe(mail['receivedAt']);
    expect([replied?.state, movesOf(replied)]).toEqual(['replied', ['reply']]);
    await expect(outside.sandbox.act(mail.id, { type: 'bounce' })).rejects.toThrow('reply');
    expect(await outside.heard(2)).toHaveLength(2);
  });

  it('shows every change, and never where bounces go', async () => {
    const seen: unknown[] = [];
    const stop = outside.sandbox.watch(({ state }) => seen.push(state));
    const mail = await outside.sent();
    await outside.sandbox.act(mail.id, { type: 'bounce' });
    stop();

    expect(seen).toEqual(['delivered', 'bounced']);
    expect(mail).not.toHaveProperty('returnPath');
  });

  it('has its bounce answered where its sender has no mailbox (B4)', async () => {
    const { inbound: _inbound, ...settings } = outside.sandbox.connection.settings;
    const from = context();
    await send.perform(request(), { ...from, connection: { ...from.connection, settings } });
    const [mail] = await outside.sandbox.items({ limit: 1 });

    expect(await outside.sandbox.act(mail?.id ?? '', { type: 'bounce' })).toMatchObject([
      { eventType: 'email.bounced', data: { kind: 'hard' } },
    ]);
  });

  it.each([
    { type: 'call', from: 'bo@example.org', text: 'Hi' },
    { type: 'write', from: 'bo', text: 'Hi' },
    { type: 'write', from: 'bo@example.org' },
  ])('is not begun by %j', async (action) => {
    await expect(outside.sandbox.begin?.(action)).rejects.toThrow();
    expect(await outside.sandbox.items({ limit: 1 })).toEqual([]);
  });
});
