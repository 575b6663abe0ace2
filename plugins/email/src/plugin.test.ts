import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, PerformRequest, RunningSandbox } from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageIdOf } from './message.ts';
import { email } from './plugin.ts';

const links = {
  click: (target: string) => `https://sojourn.example/t/${encodeURIComponent(target)}`,
  open: () => 'https://sojourn.example/t/pixel',
  unsubscribe: () => 'https://sojourn.example/u/secret',
};

const { send } = email.actions;

describe('the e-mail plugin against its sandbox', () => {
  let directory: string;
  let sandbox: RunningSandbox;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mail-'));
    sandbox = await email.sandbox.start({ directory });
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(directory, { recursive: true });
  });

  const context = (settings: JsonObject = {}) =>
    createTestContext({
      plugin: 'email',
      type: 'smtp',
      settings: { ...sandbox.connection.settings, ...settings },
    });
  const request = (
    config: JsonObject,
    key = 'run/m#1',
    attributes: JsonObject = { email: 'ada@example.org' },
  ): PerformRequest => ({
    config: {
      subject: 'Hello',
      body: 'Hi **Ada**, [look](https://example.org/a?b=1&c=2)',
      ...config,
    },
    subject: { type: 'patient', key: 'p1', attributes },
    idempotencyKey: key,
    attempt: 1,
    deadline: Date.now() + 10_000,
    links,
  });

  it('delivers HTML and a plain twin, with tracked links and one-click unsubscribe', async () => {
    const result = await send.perform(request({}), context());
    const [mail] = await sandbox.items({ limit: 10 });

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
    expect((await sandbox.items({ limit: 1 }))[0]?.['messageId']).toBe(
      messageIdOf('run/m#1', 'care@sojourn.example'),
    );
  });

  it('keeps its mails when it is started again', async () => {
    await send.perform(request({}), context());
    await sandbox.close();
    sandbox = await email.sandbox.start({ directory });

    expect(await sandbox.items({ limit: 10 })).toHaveLength(1);
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
    expect(await sandbox.items({ limit: 10 })).toEqual([]);
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

  it('says how a connection is', async () => {
    expect(await email.connections.smtp.check(context())).toMatchObject({ status: 'ok' });
  });

  it('reports a bounce that a person plays', async () => {
    await send.perform(request({}), context());
    const [mail] = await sandbox.items({ limit: 1 });

    expect(await sandbox.act(mail?.id ?? '', { type: 'bounce' })).toMatchObject([
      { type: 'happened', eventType: 'email.bounced', data: { kind: 'hard' } },
    ]);
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
    expect(await sandbox.items({ limit: 1 })).toEqual([]);
  });
});
