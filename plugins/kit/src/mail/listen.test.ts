import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { happened, type ProviderReport } from '../contract.ts';
import { createTestContext } from '../testing/context.ts';
import { listenToMailbox, type InboundSettings } from './listen.ts';
import { openPop3 } from './pop3.ts';
import type { ReceivedMail } from './received-mail.ts';
import { composeMail } from './sandbox/compose.ts';
import { startMailServer, type MailServer } from './sandbox/mail-server.ts';

let directory: string;
let server: MailServer;
const start = () => startMailServer({ directory, keep: () => Promise.resolve(), has: () => false });
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mailbox-'));
  server = await start();
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const inbound = (change: Partial<InboundSettings> = {}): InboundSettings => ({
  ...(server.inbound as unknown as InboundSettings),
  ...change,
});
const context = (signal?: AbortSignal, heard?: (text: string) => void) =>
  createTestContext({
    plugin: 'mail',
    ...(signal ? { signal } : {}),
    ...(heard ? { heard } : {}),
  });
const written = (text: string, more: object = {}) =>
  composeMail({ from: 'ada@example.org', to: 'replies@sojourn.example', text, ...more });
const deliver = async (...texts: string[]) => {
  for (const text of texts) server.deliver(await written(text));
};
const asReport = ({ id, text }: ReceivedMail): ProviderReport[] =>
  text.startsWith('nothing') ? [] : [happened('m', undefined, { text }, { eventId: id })];

/** Somebody who listens, and how they stop. */
function aListener(read = asReport, heard?: (text: string) => void) {
  const stopping = new AbortController();
  const reports = listenToMailbox(inbound(), context(stopping.signal, heard), read);
  return {
    next: async () => {
      const { value } = await reports.next();
      const text = value?.type === 'happened' ? value.data['text'] : undefined;
      return typeof text === 'string' ? text.trim() : undefined;
    },
    stop: async () => {
      await reports.return();
      stopping.abort();
    },
  };
}
const waiting = async (): Promise<number> => {
  const session = await openPop3(inbound(), context());
  const found = await session.list();
  session.close();
  return found.length;
};

describe('a mailbox that is listened to', () => {
  it('has a mail until the next is asked for (M1)', async () => {
    await deliver('one', 'two');
    const first = aListener();

    expect(await first.next()).toBe('one');
    await first.stop();
    expect(await waiting()).toBe(2);

    const second = aListener();
    expect([await second.next(), await second.next()]).toEqual(['one', 'two']);
    await second.stop();
    expect(await waiting()).toBe(1);
  });

  it('gives a mail the same id whenever it comes again', async () => {
    server.report('twice');
    await deliver('one');
    const ids: string[] = [];
    const listener = aListener((mail) => {
      ids.push(mail.id);
      return asReport(mail);
    });
    await listener.next();
    await listener.next();
    await listener.stop();

    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(2);
  });

  it('loses what says nothing (M2)', async () => {
    await deliver('nothing', 'nothing more', 'one');
    const listener = aListener();
    await listener.next();
    await listener.stop();

    expect(await waiting()).toBe(1);
  });

  it('brings lines that begin with a dot, and other scripts, as they were', async () => {
    const text = '.\n..two\n今天吃了藥';
    await deliver(text);
    const listener = aListener();

    expect(await listener.next()).toBe(text);
    await listener.stop();
  });

  it('is emptied in several sessions when it is full', async () => {
    await deliver(...Array.from({ length: 45 }, (_, index) => `mail ${index}`));
    const listener = aListener();
    const heard = new Set<unknown>();
    for (let count = 0; count < 45; count += 1) heard.add(await listener.next());
    await listener.stop();

    expect(heard.size).toBe(45);
    expect(await waiting()).toBe(1); // the last was not stored
  });

  it('keeps what nobody fetched when the server starts again, at the same port', async () => {
    await deliver('one');
    const { port } = inbound();
    await server.close();
    server = await start();

    expect(inbound().port).toBe(port);
    expect(await waiting()).toBe(1);
  });

  it('ends quietly when it is stopped', async () => {
    const stopping = new AbortController();
    const reports = listenToMailbox(inbound(), context(stopping.signal), asReport);
    const next = reports.next();
    setTimeout(() => stopping.abort(), 50);

    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe('a mailbox that cannot be used', () => {
  const failure = (settings: InboundSettings) =>
    listenToMailbox(settings, context(), asReport)
      .next()
      .then(
        () => undefined,
        (error: unknown) => error,
      );

  it('refuses a password as an error of credentials, which tells nothing of them (M3)', async () => {
    const error = await failure(inbound({ password: 'not-the-password' }));

    expect(error).toMatchObject({ name: 'PluginError', kind: 'auth' });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/not-the-password|replies/);
  });

  it('may be tried again when nobody answers, or the line closes', async () => {
    const closing = createServer((socket) => socket.end('+OK\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => closing.once('listening', resolve));
    const { port } = closing.address() as AddressInfo;

    expect(await failure(inbound({ port: 1 }))).toMatchObject({ kind: 'retryable' });
    expect(await failure(inbound({ port }))).toMatchObject({ kind: 'retryable' });
    closing.close();
  });

  it.each([
    ['refuses to', '-ERR not here'],
    ['cannot', '+OK'],
  ])('is told no password when the server %s encrypt the line', async (_, answer) => {
    const heard: string[] = [];
    const plain = createServer((socket) => {
      socket.write('+OK\r\n');
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk: Buffer) => {
        heard.push(chunk.toString('latin1'));
        if (heard.length === 1) socket.write(`${answer}\r\n`);
        else socket.end('+OK this is no handshake\r\n');
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => plain.once('listening', resolve));
    const { port } = plain.address() as AddressInfo;
    const error = await failure(inbound({ port, security: 'starttls' }));
    plain.close();

    expect(error).toMatchObject({ name: 'PluginError', kind: 'retryable' });
    expect(heard[0]).toBe('STLS\r\n');
    expect(heard.join('')).not.toMatch(/USER|PASS/);
  });

  it('takes no credentials that would be commands', async () => {
    const error = await failure(inbound({ username: 'a\r\nDELE 1' }));

    expect(error).toMatchObject({ kind: 'auth' });
  });
});
