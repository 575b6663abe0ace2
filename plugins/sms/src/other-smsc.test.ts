import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ProviderReport } from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import smpp, { type Pdu, type Server, type Session } from 'smpp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sms } from './plugin.ts';
import { keyField } from './protocol.ts';
import { aRequest } from './test-support/sandbox.ts';

// An SMSC that is not our sandbox: it offers no look-up.

let server: Server;
let submitted: Pdu[];
let answerTo: (pdu: Pdu, session: Session) => void;
let onBound: (session: Session) => void;

beforeEach(async () => {
  submitted = [];
  onBound = () => undefined;
  answerTo = (pdu, session) =>
    void session.send(pdu.response({ message_id: `id-${submitted.length}` }));
  server = smpp.createServer((session) => {
    session.on('error', () => session.destroy());
    for (const kind of ['bind_transmitter', 'bind_transceiver'])
      session.on(kind, (pdu) => {
        session.send(pdu.response({ system_id: 'SMSC' }));
        onBound(session);
      });
    for (const kind of ['unbind', 'enquire_link'])
      session.on(kind, (pdu) => void session.send(pdu.response()));
    session.on('submit_sm', (pdu) => {
      submitted.push(pdu);
      answerTo(pdu, session);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const session of [...server.sessions]) session.destroy();
  server.close();
  await once(server, 'close');
});

const context = (signal?: AbortSignal) =>
  createTestContext({
    ...{ plugin: 'sms', type: 'smpp' },
    settings: {
      ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      ...{ systemId: 'us', password: 'secret-1', sourceAddress: '+886900000001' },
    },
    ...(signal ? { signal } : {}),
  });
const sendWith = (status: number) => {
  answerTo = (pdu, session) => void session.send(pdu.response({ command_status: status }));
  return sms.actions.send.perform(aRequest({}), context());
};

/** A text from a phone, alone or with the header of a part. */
const aText = (text: string, header = Buffer.alloc(0)) =>
  new smpp.PDU('deliver_sm', {
    ...{ source_addr_ton: 1, source_addr: '886912345678', destination_addr: '27300' },
    ...{ esm_class: header.length > 0 ? 0x40 : 0, data_coding: 0 },
    short_message: Buffer.concat([header, Buffer.from(text)]),
  });

describe('an SMSC that offers no look-up', () => {
  it('cannot be asked what became of a text, so that a person decides', async () => {
    await expect(sms.actions.send.reconcile?.('r/s#1', context(), {})).rejects.toMatchObject({
      kind: 'unknown-outcome',
    });
  });

  it('is sent no parameter that it does not know', async () => {
    await sms.actions.send.perform(aRequest({}), context());

    expect(submitted[0]).not.toHaveProperty(keyField);
    expect(Object.keys(submitted[0] ?? {}).filter((name) => /^\d+$/.test(name))).toEqual([]);
  });

  it('is asked for one receipt, with the last of the parts (S2)', async () => {
    const result = await sms.actions.send.perform(aRequest({ text: 'a'.repeat(400) }), context());

    expect(submitted.map((pdu) => pdu['registered_delivery'])).toEqual([0, 0, 1]);
    expect(submitted.map((pdu) => pdu['esm_class'])).toEqual([0x40, 0x40, 0x40]);
    expect(result).toEqual({ type: 'accepted', reference: 'id-3' });
  });

  it('is asked for none by a question', async () => {
    const answers = [{ port: 'yes', words: ['yes'] }];
    await sms.actions.ask.perform(aRequest({ answers }), context());

    expect(submitted.map((pdu) => pdu['registered_delivery'])).toEqual([0]);
  });

  it('is given the same number for the parts of a text at every attempt, and others for others (S3)', async () => {
    const send = (key: string) =>
      sms.actions.send.perform(aRequest({ text: 'a'.repeat(200) }, key), context());
    for (const key of ['r/s#1', 'r/s#1', 'r/s#2']) await send(key);

    const references = submitted.map(
      (pdu) => (pdu['short_message'] as { udh: Buffer[] }).udh[0]?.[2],
    );
    expect(new Set(references.slice(0, 4)).size).toBe(1);
    expect(references[4]).not.toBe(references[0]);
  });

  it.each([
    [0x58, 'rate-limited'],
    [0x14, 'rate-limited'],
    [0x0b, 'permanent'],
    [0x0a, 'permanent'],
    [0x45, 'permanent'],
    [0x401, 'permanent'],
    [0x08, 'retryable'],
    [0x64, 'retryable'],
    [0xff, 'unknown-outcome'],
  ])('that answers %i means %s', async (status, kind) => {
    const error: unknown = await sendWith(status).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'PluginError', kind });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/medicine|912345678|secret-1/);
  });

  it('that says it has no time is left alone for a while', async () => {
    await expect(sendWith(0x58)).rejects.toMatchObject({ retryAfterMs: 1_000 });
  });

  it('that breaks the line after it was given a text leaves it unknown', async () => {
    answerTo = (_pdu, session) => session.destroy();

    await expect(sms.actions.send.perform(aRequest({}), context())).rejects.toMatchObject({
      kind: 'unknown-outcome',
    });
  });

  it('that breaks the line before it was given one leaves nothing', async () => {
    server.prependListener('session', (session: Session) => session.destroy());

    await expect(sms.actions.send.perform(aRequest({}), context())).rejects.toMatchObject({
      kind: 'retryable',
    });
    expect(submitted).toEqual([]);
  });

  it('that breaks the line within its answer leaves it unknown: half an id is none', async () => {
    answerTo = (pdu, session) => {
      const answer = pdu.response({ message_id: 'id-123456789' }).toBuffer();
      session.socket.end(answer.subarray(0, -3));
    };

    await expect(sms.actions.send.perform(aRequest({}), context())).rejects.toMatchObject({
      kind: 'unknown-outcome',
    });
  });

  it('that takes a text without an id leaves it unknown', async () => {
    answerTo = (pdu, session) => void session.send(pdu.response({ message_id: '' }));

    await expect(sms.actions.send.perform(aRequest({}), context())).rejects.toMatchObject({
      kind: 'unknown-outcome',
    });
  });

  it('that does not answer is given up when the attempt is stopped, and the outcome is unknown', async () => {
    const stopping = new AbortController();
    answerTo = () => stopping.abort();

    await expect(
      sms.actions.send.perform(aRequest({}), context(stopping.signal)),
    ).rejects.toMatchObject({ kind: 'unknown-outcome' });
  });

  it('is told that it has our attention when it asks', async () => {
    const answered = new Promise<number>((resolve) => {
      onBound = (session) => {
        session.send(new smpp.PDU('enquire_link'), (response) => resolve(response.command_status));
      };
    });
    const stopping = new AbortController();
    const next = sms.connections.smpp.listen(context(stopping.signal)).next();

    expect(await answered).toBe(0);
    stopping.abort();
    await next;
  });
});

describe('a line that is listened to', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'clearInterval', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  /** Listens, and answers the next report once the SMSC has heard the sign-in. */
  const listening = async () => {
    const bound = new Promise<Session>((resolve) => {
      onBound = resolve;
    });
    const stopping = new AbortController();
    const next = sms.connections.smpp.listen(context(stopping.signal)).next();
    next.catch(() => undefined);
    const session = await bound;
    await sms.connections.smpp.check(context()); // until our side has heard the answer
    return { session, next, stopping };
  };

  it('is kept alive', async () => {
    const { session, next, stopping } = await listening();
    const asked = once(session, 'enquire_link');
    vi.advanceTimersByTime(30_000);

    expect(await asked).toHaveLength(1);
    stopping.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('is given up when nobody answers over it', async () => {
    const { session, next } = await listening();
    session.removeAllListeners('enquire_link');
    const asked = once(session, 'enquire_link');
    vi.advanceTimersByTime(30_000);
    await asked;
    vi.advanceTimersByTime(10_000);

    await expect(next).rejects.toMatchObject({ code: 'smpp-unreachable' });
  });
});

describe('an SMSC that brings more than is stored', () => {
  it('is told to keep the rest (L3)', async () => {
    const answers = new Promise<number[]>((resolve) => {
      onBound = (session) => {
        const statuses: number[] = [];
        const last = 1_100;
        for (let count = 1; count <= last; count += 1)
          session.send(aText(`text ${count}`), ({ command_status }) => {
            statuses.push(command_status);
            if (count === last) resolve(statuses);
          });
      };
    });
    const stopping = new AbortController();
    const reports = sms.connections.smpp.listen(context(stopping.signal));
    const { value } = await reports.next();
    const statuses = await answers;
    stopping.abort();
    await reports.return();

    expect(value).toMatchObject({ message: { text: 'text 1' } });
    expect(new Set(statuses)).toEqual(new Set([0x14]));
    expect(statuses.length).toBeLessThanOrEqual(100);
  });
});

describe('an SMSC that sends one message at a time', () => {
  it('sends the next part of a text when the first is answered though it is not whole (M2)', async () => {
    const part = (number: number, text: string) =>
      aText(text, Buffer.from([5, 0, 3, 9, 2, number]));
    onBound = (session) => {
      session.send(part(1, 'Hello '), () => void session.send(part(2, 'world')));
    };
    const stopping = new AbortController();
    const reports = sms.connections.smpp.listen(context(stopping.signal));
    const heard: ProviderReport[] = [];
    const { value } = await reports.next();
    if (value) heard.push(value);
    stopping.abort();
    await reports.return();

    expect(heard).toMatchObject([{ message: { text: 'Hello world' }, data: { parts: 2 } }]);
  });
});
