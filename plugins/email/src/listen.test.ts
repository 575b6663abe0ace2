import { composeMail, readMail, type ReceivedMail } from '@sojourn/plugin-kit/mail';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportsOf } from './listen.ts';
import { isAutomatic } from './reply.ts';
import { bounceOf } from './sandbox/answers.ts';
import type { Mail } from './sandbox/mails.ts';
import { openOutside, type Outside } from './test-support/outside.ts';

let outside: Outside;
beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  await outside.close();
});
const settings = () => outside.context().connection.settings as never;

describe('a bounce', () => {
  it.each([
    ['bounce', 'hard', '5.1.1'],
    ['soft-bounce', 'soft', '4.2.2'],
  ])('of type %s is %s, and about whom the mail went to (I1)', async (type, kind, code) => {
    const mail = await outside.sent();
    expect(await outside.sandbox.act(mail.id, { type })).toEqual([]);

    expect(await outside.heard(1)).toEqual([
      {
        ...{ type: 'happened', eventType: 'email.bounced' },
        eventId: `${mail['messageId'] as string}/${kind}`,
        subject: { attribute: 'email', value: 'ada@example.org' },
        data: { messageId: mail['messageId'], kind, code },
      },
    ]);
  });

  it('that comes twice is one event', async () => {
    outside.sandbox.report?.('twice');
    const mail = await outside.sent();
    await outside.sandbox.act(mail.id, { type: 'bounce' });
    const [first, second] = await outside.heard(2);

    expect(first?.eventId).toBe(second?.eventId);
  });

  const asMail = (item: object): Mail => ({ returnPath: 'r@x.example', ...item }) as Mail;
  const said = async (raw: Buffer) => reportsOf(await readMail(raw), settings());

  it('is believed of no mail that was not ours', async () => {
    const mail = asMail(await outside.sent());
    const { 'x-sojourn-proof': proof = '', ...rest } = mail.headers;
    const forged = { ...mail, headers: { ...mail.headers, to: 'eve@example.org' } };
    const elsewhere = { ...mail, headers: { ...mail.headers, 'message-id': '<other@x.example>' } };

    expect(proof).toHaveLength(32);
    expect(await said(bounceOf(mail, 'hard'))).toHaveLength(1);
    for (const odd of [forged, elsewhere, { ...mail, headers: rest }])
      expect(await said(bounceOf(odd, 'hard'))).toEqual([]);
  });

  it('is none when the report says that the mail arrived', async () => {
    const mail = asMail(await outside.sent());
    const raw = bounceOf(mail, 'hard').toString().replace('Action: failed', 'Action: delivered');

    expect(await said(Buffer.from(raw))).toEqual([]);
  });

  it('is soft as long as it is tried, or when it was given up for something passing', async () => {
    const mail = asMail(await outside.sent());
    const raw = bounceOf(mail, 'soft').toString();
    const givenUp = raw.replace('Action: delayed', 'Action: failed');
    const whole = raw.replace('text/rfc822-headers', 'message/rfc822');

    for (const text of [raw, givenUp, whole])
      expect(await said(Buffer.from(text))).toMatchObject([{ data: { kind: 'soft' } }]);
  });
});

describe('a reply', () => {
  it('is what the person wrote, without the mail that they answer', async () => {
    const mail = await outside.sent();
    await outside.sandbox.act(mail.id, { type: 'reply', text: 'I feel dizzy.\nShould I stop?' });

    const text = 'I feel dizzy.\nShould I stop?';
    expect(await outside.heard(1)).toMatchObject([
      {
        ...{ type: 'happened', eventType: 'email.replied' },
        subject: { attribute: 'email', value: 'ada@example.org' },
        data: { subject: 'Re: Hello', text, inReplyTo: mail['messageId'] },
        message: { text },
      },
    ]);
  });

  it('may come from somebody who was written nothing', async () => {
    await outside.sandbox.begin?.({
      type: 'write',
      from: 'Bo@example.org',
      text: '請問藥到了嗎？',
    });
    const [report] = await outside.heard(1);

    expect(report).toMatchObject({
      subject: { attribute: 'email', value: 'bo@example.org' },
      data: { text: '請問藥到了嗎？' },
    });
    expect(report).not.toHaveProperty('data.inReplyTo');
  });

  const received = async (mail: object): Promise<ReceivedMail> =>
    await readMail(await composeMail({ from: 'ada@example.org', to: 'r@x.example', ...mail }));

  it.each([
    ['says that it is automatic', { headers: { 'Auto-Submitted': 'auto-replied' } }],
    ['is a mass mail', { headers: { Precedence: 'bulk' } }],
    ['is from a list', { headers: { 'List-Id': '<news.example>' } }],
    ['has no way back', { headers: { 'Return-Path': '<>' } }],
    ['is our own', { from: 'Sojourn <Care@sojourn.example>' }],
  ])('is none when the mail %s (I2)', async (_, mail) => {
    expect(reportsOf(await received({ text: 'Away', ...mail }), settings())).toEqual([]);
    expect(reportsOf(await received({ text: 'Away' }), settings())).toHaveLength(1);
  });

  it('is one when the mail says that a person sent it', () => {
    expect(isAutomatic({ headers: { 'auto-submitted': 'no' } })).toBe(false);
  });

  it('is read from HTML where there is nothing else', async () => {
    const mail = await received({ html: '<p>Yes, <b>I did</b></p>' });

    expect(reportsOf({ ...mail, text: '' }, settings())).toMatchObject([
      { message: { text: 'Yes, I did' } },
    ]);
  });

  it('to nobody’s mailbox is not possible: it says so', async () => {
    const mail = await outside.sent({ replyTo: 'nurse@clinic.example' });

    await expect(outside.sandbox.act(mail.id, { type: 'reply', text: 'Hi' })).rejects.toThrow(
      'nobody reads answers',
    );
  });
});

describe('a connection without a mailbox', () => {
  it('hears nothing until it is stopped', async () => {
    const { inbound: _inbound, ...rest } = outside.sandbox.connection.settings;
    const context = outside.context();
    const stopping = new AbortController();
    const { listen } = await import('./listen.ts');
    const next = listen({
      ...context,
      signal: stopping.signal,
      connection: { ...context.connection, settings: rest },
    }).next();
    setTimeout(() => stopping.abort(), 20);

    expect(await next).toEqual({ done: true, value: undefined });
  });
});
