import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sms } from './plugin.ts';
import {
  aListener,
  aRequest,
  openOutside,
  phone,
  type Listener,
  type Outside,
} from './test-support/sandbox.ts';

const { send } = sms.actions;

let outside: Outside;
const listeners: Listener[] = [];
const listening = (): Listener => {
  const listener = aListener(outside);
  listeners.push(listener);
  return listener;
};
const sent = async (to: string = phone): Promise<string> => {
  const result = await send.perform(aRequest({ to }), outside.context());
  return result.type === 'accepted' ? result.reference : '';
};
const written = (text: string) => outside.sandbox.begin?.({ type: 'write', from: phone, text });
const delivered = (text: string) =>
  outside.theText((item) => item['text'] === text && item.state === 'delivered');

beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.stop();
  await outside.close();
});

describe('a receipt', () => {
  it('settles what was delivered', async () => {
    const reference = await sent();

    expect(await listening().next()).toEqual({
      ...{ type: 'settled', eventId: `${reference}/DELIVRD`, reference, outcome: 'delivered' },
      output: { state: 'DELIVRD' },
    });
  });

  it('settles what was not, with the reason of the network', async () => {
    const reference = await sent('+886912000000');

    expect(await listening().next()).toEqual({
      ...{ type: 'settled', eventId: `${reference}/UNDELIV`, reference, outcome: 'undelivered' },
      output: { state: 'UNDELIV', error: '001' },
    });
  });

  it('comes once for a text of several parts, about the id that was accepted', async () => {
    const long = aRequest({ text: 'a'.repeat(400) });
    const result = await send.perform(long, outside.context());
    const reference = await (async () => {
      await outside.theText(({ state }) => state === 'delivered');
      return await sent('+886912345999');
    })();
    await outside.sandbox.act(reference, { type: 'fail' });
    const listener = listening();

    expect([await listener.next(), await listener.next()]).toMatchObject([
      { outcome: 'delivered', reference: result.type === 'accepted' ? result.reference : '' },
      { outcome: 'undelivered', reference },
    ]);
  });

  it('that comes twice is one event, and one of what is under way none', async () => {
    outside.sandbox.report?.('twice');
    const first = await sent();
    await outside.theText(({ state }) => state === 'delivered');
    outside.sandbox.report?.('out-of-order'); // the end, and then that it was accepted
    const second = await sent();
    await outside.theText(({ id, state }) => id === second && state === 'delivered');
    outside.sandbox.report?.('well');
    await written('after all of it');
    const listener = listening();
    const heard = [];
    for (let count = 0; count < 4; count += 1) heard.push((await listener.next()).eventId);

    const [last = ''] = heard.splice(-1);
    expect(heard).toEqual([`${first}/DELIVRD`, `${first}/DELIVRD`, `${second}/DELIVRD`]);
    expect(last).toMatch(/^text\//);
  });
});

describe('a text that somebody writes', () => {
  it('is about whoever has that phone', async () => {
    await written('Is it ready?');

    expect(await listening().next()).toMatchObject({
      ...{ type: 'happened', eventType: 'sms.replied', message: { text: 'Is it ready?' } },
      ...{
        subject: { attribute: 'phone', value: phone },
        data: { text: 'Is it ready?', parts: 1 },
      },
    });
  });

  it('that stops is kept as a message as well', async () => {
    const reference = await sent();
    await outside.theText(({ state }) => state === 'delivered');
    await outside.sandbox.act(reference, { type: 'stop' });
    const listener = listening();
    await listener.next();

    expect(await listener.next()).toMatchObject({
      ...{ eventType: 'sms.stopped', data: { word: 'stop', language: 'en' } },
      ...{ subject: { attribute: 'phone', value: phone }, message: { text: 'STOP' } },
    });
  });

  it.each([
    ['septets', 'long € '.repeat(60).trim(), 4],
    ['Chinese', '我今天有一點頭暈👍'.repeat(20), 3],
  ])('is put together when it is long, in %s', async (_what, text, parts) => {
    await written(text);
    const listener = listening();
    const report = await listener.next();
    listener.store();
    await delivered(text);

    expect(report).toMatchObject({ message: { text }, data: { text, parts } });
  });
});

describe('the SMSC', () => {
  it('is told that a text is taken only when the next is asked for (L1)', async () => {
    await written('one');
    const listener = listening();
    const first = await listener.next();
    await sms.connections.smpp.check(outside.context()); // time to hear of it, if it were told
    const before = (await outside.theText()).state;
    listener.store();
    await delivered('one');

    expect(first).toMatchObject({ message: { text: 'one' } });
    expect(before).toBe('sent');
  });

  it('tells again what was not stored, under the same id, over the next line', async () => {
    await written('one');
    const first = listening();
    const before = await first.next();
    await first.stop();
    const after = await listening().next();

    expect(after).toEqual(before);
  });

  it('tells after a restart what nobody had heard', async () => {
    await written('one');
    await outside.restart();

    expect(await listening().next()).toMatchObject({ message: { text: 'one' } });
  });

  it('delivers after a restart what was on its way', async () => {
    const reference = await sent();
    await outside.restart();

    expect(await listening().next()).toMatchObject({ outcome: 'delivered', reference });
  });
});

describe('listening', () => {
  it('ends quietly when it is stopped', async () => {
    const stopping = new AbortController();
    const reports = sms.connections.smpp.listen(outside.context({}, stopping.signal));
    const next = reports.next();
    await sms.connections.smpp.check(outside.context());
    stopping.abort();

    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('ends quietly when it is stopped before it began', async () => {
    const reports = sms.connections.smpp.listen(outside.context({}, AbortSignal.abort()));

    expect(await reports.next()).toEqual({ done: true, value: undefined });
  });

  it('says so when the line breaks, so that it is begun again (L2)', async () => {
    await written('one');
    const reports = sms.connections.smpp.listen(outside.context());
    await reports.next();
    const next = reports.next();
    next.catch(() => undefined);
    await outside.restart();

    await expect(next).rejects.toMatchObject({ code: 'smpp-unreachable', kind: 'retryable' });
  });

  it('says so when it may not sign in', async () => {
    const reports = sms.connections.smpp.listen(outside.context({ password: 'wrong' }));

    await expect(reports.next()).rejects.toMatchObject({ kind: 'auth' });
  });
});
