import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { checkValue, type JsonObject, type PluginContext } from '@sojourn/plugin-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sms } from './plugin.ts';
import { sendConfig, smppConnection } from './schemas.ts';
import { aListener, aRequest, openOutside, phone, type Outside } from './test-support/sandbox.ts';

const { send, ask } = sms.actions;
const question = {
  text: 'Taken? 1 yes 2 no',
  answers: [
    { port: 'taken', words: ['yes'] },
    { port: 'not-yet', words: ['no'] },
  ],
};

let outside: Outside;
beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  await outside.close();
});

describe('sending a text', () => {
  it('is accepted under the id of the SMSC, with what was written', async () => {
    const result = await send.perform(aRequest({ text: 'Hé €5 [now]' }), outside.context());

    const text = await outside.theText();
    expect(result).toEqual({ type: 'accepted', reference: text.id });
    expect(text).toMatchObject({
      ...{ to: phone, from: '27300', text: 'Hé €5 [now]', direction: 'out' },
      ...{ encoding: 'gsm-7', parts: 1 },
    });
  });

  it.each<[string, string, string, number]>([
    ['what takes an escape', '^{}\\[~]|€ @_Ç\n', 'gsm-7', 1],
    ['Chinese and emoji', '您的藥已備妥 👍', 'ucs-2', 1],
    ['many septets', `${'word € '.repeat(60)}end`, 'gsm-7', 4],
    ['many characters of Chinese', '中文👍'.repeat(60), 'ucs-2', 4],
  ])('arrives as it was written: %s', async (_what, words, encoding, parts) => {
    const result = await send.perform(aRequest({ text: words }), outside.context());

    const items = await outside.sandbox.items({ limit: 10 });
    expect(items).toMatchObject([{ text: words, encoding, parts }]);
    expect(result).toEqual({ type: 'accepted', reference: items[0]?.id });
  });

  it('goes to the number that the step gives, however it is written', async () => {
    await send.perform(aRequest({ to: '+886 933-000-111' }), outside.context());

    expect(await outside.theText()).toMatchObject({ to: '+886933000111' });
  });

  it.each<[string, JsonObject, JsonObject, string, string]>([
    ['nobody', {}, {}, 'no-number', 'permanent'],
    ['a blank', { to: ' ' }, { phone }, 'no-number', 'permanent'],
    ['a number without its country', {}, { phone: '0912345678' }, 'bad-number', 'permanent'],
    ['two numbers', { to: `${phone} ${phone}` }, {}, 'bad-number', 'permanent'],
    ['eleven parts', { text: 'a'.repeat(153 * 10 + 1) }, { phone }, 'text-too-long', 'config'],
  ])(
    'fails when it is for %s, and sends nothing',
    async (_what, config, attributes, code, kind) => {
      const request = aRequest(config, 'k', attributes);

      await expect(send.perform(request, outside.context())).rejects.toMatchObject({ code, kind });
      expect(await outside.sandbox.items({ limit: 1 })).toEqual([]);
    },
  );

  it('takes as many as ten parts', async () => {
    await send.perform(aRequest({ text: 'a'.repeat(153 * 10) }), outside.context());

    expect(await outside.theText()).toMatchObject({ parts: 10 });
  });

  it.each<[string, JsonObject, string]>([
    ['the password is wrong', { password: 'wrong-pw' }, 'smpp-0x0e'],
    ['the system id is unknown', { systemId: 'somebody' }, 'smpp-0x0f'],
  ])('is refused when %s, which it does not tell', async (_what, settings, code) => {
    const error: unknown = await send
      .perform(aRequest({}), outside.context(settings))
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code, kind: 'auth' });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/wrong-pw|somebody|886/);
  });

  it('may be tried again when nobody is there', async () => {
    await expect(send.perform(aRequest({}), outside.context({ port: 1 }))).rejects.toMatchObject({
      kind: 'retryable',
    });
  });

  it('opens a line with TLS when the connection says so', async () => {
    const asked: unknown[] = [];
    const plain = outside.context();
    const context: PluginContext = {
      ...outside.context({ tls: true }),
      connect: (host, port, options) => {
        asked.push(host, options);
        return plain.connect(host, port);
      },
    };
    await send.perform(aRequest({}), context);

    expect(asked).toEqual(['127.0.0.1', { tls: true }]);
  });

  it('keeps the rest of a text that was cut off one text, with the same key', async () => {
    const text = 'a'.repeat(300);
    const line = await aProxy(outside, { answers: 1 }); // signed in; the first part is taken, which is not heard
    const cutOff = send.perform(aRequest({ text }), outside.context({ port: line.port }));
    await expect(cutOff).rejects.toMatchObject({ kind: 'unknown-outcome' });
    line.server.close();

    expect(await send.reconcile?.('run/s#1', outside.context(), {})).toEqual({ type: 'not-found' });
    await send.perform(aRequest({ text }), outside.context());
    expect(await outside.sandbox.items({ limit: 10 })).toMatchObject([{ text, parts: 2 }]);
  });
});

describe('after an unknown outcome', () => {
  it('a text is found by the key of its effect, and no other is', async () => {
    const line = await aProxy(outside, { answers: 1 }); // signed in; the answer to the text is lost
    const cutOff = send.perform(aRequest({}), outside.context({ port: line.port }));
    await expect(cutOff).rejects.toMatchObject({ kind: 'unknown-outcome' });
    line.server.close();

    const { id } = await outside.theText();
    expect(await send.reconcile?.('run/s#1', outside.context(), {})).toEqual({
      ...{ type: 'accepted', reference: id },
    });
    expect(await send.reconcile?.('run/s#2', outside.context(), {})).toEqual({ type: 'not-found' });
  });

  it('a text is found after the SMSC was started again', async () => {
    await send.perform(aRequest({}), outside.context());
    await outside.restart();

    expect(await send.reconcile?.('run/s#1', outside.context(), {})).toMatchObject({
      type: 'accepted',
    });
  });

  it('an SMSC that cannot be reached is asked again later', async () => {
    await expect(
      send.reconcile?.('run/s#1', outside.context({ port: 1 }), {}),
    ).rejects.toMatchObject({ kind: 'retryable' });
  });
});

describe('leaving a step whose text is on its way', () => {
  it('stops it when its phone is off, once', async () => {
    const sent = await send.perform(aRequest({ to: '+886912000999' }), outside.context());
    const reference = sent.type === 'accepted' ? sent.reference : '';

    expect(await send.cancel?.(reference, outside.context())).toBe(true);
    expect(await send.cancel?.(reference, outside.context())).toBe(false);
    expect(await outside.theText()).toMatchObject({ state: 'cancelled', moves: [] });
  });

  it('does not stop what was delivered', async () => {
    const sent = await send.perform(aRequest({}), outside.context());
    await outside.theText(({ state }) => state === 'delivered');
    const reference = sent.type === 'accepted' ? sent.reference : '';

    expect(await send.cancel?.(reference, outside.context())).toBe(false);
  });
});

describe('asking by text', () => {
  it('asks for no receipt: only an answer ends it', async () => {
    const listener = aListener(outside);
    await ask.perform(aRequest(question), outside.context());
    const text = await outside.theText(({ state }) => state === 'delivered');
    await outside.sandbox.act(text.id, { type: 'reply', text: 'Yes!' });
    const report = await listener.next();
    await listener.stop();

    expect(report).toMatchObject({ type: 'happened', message: { text: 'Yes!' } });
    if (report.type !== 'happened' || !report.message) throw new Error('nobody wrote');
    expect(ask.answer?.(report.message, question)).toEqual({
      ...{ outcome: 'taken', output: { answer: 'taken', text: 'Yes!' } },
    });
  });

  it('refuses a word that would never be heard, and sends nothing', async () => {
    const answers = [{ port: 'no-more', words: ['Stop'] }];

    await expect(
      ask.perform(aRequest({ ...question, answers }), outside.context()),
    ).rejects.toMatchObject({ code: 'word-reserved', kind: 'config' });
    expect(await outside.sandbox.items({ limit: 1 })).toEqual([]);
  });
});

describe('the preview of a text', () => {
  const { subject } = aRequest({});

  it('says what it costs, and sends nothing', async () => {
    expect(send.preview?.({ config: { text: '中文\r\n👍' }, subject })).toEqual({
      ...{ to: phone, text: '中文\n👍', encoding: 'ucs-2', parts: 1, left: 65 },
    });
    expect(ask.preview?.({ config: question, subject })).toMatchObject({
      ...{ encoding: 'gsm-7', parts: 1, left: 143 },
    });
    expect(await outside.sandbox.items({ limit: 1 })).toEqual([]);
  });

  it('is there without a number, and with one that cannot be used', () => {
    const nobody = { ...subject, attributes: {} };

    expect(send.preview?.({ config: { text: 'a' }, subject: nobody })).toMatchObject({ to: null });
    expect(send.preview?.({ config: { text: 'a', to: '12' }, subject })).toMatchObject({
      ...{ to: '12' },
    });
  });
});

describe('a connection to an SMSC', () => {
  const check = (context: PluginContext) => sms.connections.smpp.check(context);

  it('is well when one can sign in, and says how long it took', async () => {
    const health = await check(outside.context());

    expect(health).toEqual({ status: 'ok', latencyMs: expect.any(Number) as number });
  });

  it('is not when the password is wrong, or nobody is there', async () => {
    await expect(check(outside.context({ password: 'wrong' }))).rejects.toMatchObject({
      kind: 'auth',
    });
    await expect(check(outside.context({ port: 1 }))).rejects.toMatchObject({ kind: 'retryable' });
  });

  it.each<[string, JsonObject]>([
    ['a sender of twelve letters', { sourceAddress: 'ClinicOfSixx' }],
    ['a sender in Chinese', { sourceAddress: '診所' }],
    ['a number without a country and too long', { sourceAddress: '1234567890123456' }],
    ['a password in Chinese', { password: '密碼' }],
    ['no password', { password: '' }],
    ['a field that is not known', { more: 1 }],
  ])('has settings that refuse %s', (_what, change) => {
    const settings = outside.sandbox.connection.settings;

    expect(checkValue(smppConnection, settings)).toEqual([]);
    expect(checkValue(smppConnection, { ...settings, ...change })).not.toEqual([]);
  });

  it.each(['+886912345678', '27300', 'Clinic 7'])('may send as %s', (sourceAddress) => {
    const settings = { ...outside.sandbox.connection.settings, sourceAddress };

    expect(checkValue(smppConnection, settings)).toEqual([]);
  });
});

it('a text is not empty', () => {
  expect(checkValue(sendConfig, { text: '' })).not.toEqual([]);
});

/** A line to the sandbox that breaks after so many of its answers. */
async function aProxy(
  to: Outside,
  { answers }: { answers: number },
): Promise<{ server: Server; port: number }> {
  const { host, port } = to.sandbox.connection.settings as { host: string; port: number };
  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    void to
      .context()
      .connect(host, port)
      .then((far) => {
        let left = answers;
        near.pipe(far);
        far.on('close', () => near.destroy());
        far.on('data', (chunk) => {
          if (left > 0) near.write(chunk);
          else near.destroy();
          left -= 1;
        });
        near.on('close', () => far.destroy());
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}
