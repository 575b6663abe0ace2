import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCallbackQueue, type CallbackQueue } from './callback-queue.ts';
import { isSigned } from './signature.ts';

const secret = 'whsec-clinic';

let server: Server;
let url: string;
let came: { body: string; header: string | undefined; atMs: number }[];
/** What is answered to each call: by default 200. */
let answers: (body: string) => number;
let onCame: (() => void)[];
let answered: string[];
let queue: CallbackQueue;

beforeEach(async () => {
  [came, answered, onCame] = [[], [], []];
  answers = () => 200;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      came.push({ body, header: request.headers['x-signature']?.toString(), atMs: Date.now() });
      response.writeHead(answers(body)).end();
      for (const hear of onCame) hear();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  queue = createCallbackQueue({
    ...{ secret, pausesMs: [10, 20], holdMs: 60 },
    onAnswered: (id) => {
      answered.push(id);
      for (const hear of onCame) hear();
    },
  });
});
afterEach(async () => {
  await queue.close();
  server.closeAllConnections();
  server.close();
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => (onCame = [resolve]));
}
const push = (...ids: string[]): void => {
  for (const id of ids) queue.push({ id, url, body: id });
};
const bodies = (): string[] => came.map(({ body }) => body);

describe('a queue of callbacks', () => {
  it('sends them in order, signed, and says which were answered', async () => {
    push('a', 'b', 'c');
    await until(() => answered.length === 3);

    expect(bodies()).toEqual(['a', 'b', 'c']);
    expect(answered).toEqual(['a', 'b', 'c']);
    for (const { body, header, atMs } of came)
      expect(isSigned(header, body, { secret, nowMs: atMs })).toBe(true);
  });

  it('sends again what is not answered, waiting longer, and holds up nobody else (Q1, Q3)', async () => {
    answers = (body) =>
      body === 'a' && bodies().filter((one) => one === 'a').length < 4 ? 503 : 200;
    push('a', 'b');
    await until(() => answered.length === 2);

    expect(answered).toEqual(['b', 'a']);
    const times = came.filter(({ body }) => body === 'a').map(({ atMs }) => atMs);
    expect(times).toHaveLength(4);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(19);
  });

  it('is done with what nobody waits for any more (Q1)', async () => {
    answers = () => 410;
    push('a');
    await until(() => answered.length === 1);
    expect(bodies()).toEqual(['a']);
  });

  it('waits for an address where none is named', async () => {
    queue.push({ id: 'a', body: 'a' });
    push('b');
    await until(() => answered.length === 1);
    expect(bodies()).toEqual(['b']);

    queue.goTo(url);
    await until(() => answered.length === 2);
    expect(bodies()).toEqual(['b', 'a']);
  });

  it('may report everything twice', async () => {
    queue.report('twice');
    push('a');
    await until(() => answered.length === 1);
    expect(bodies()).toEqual(['a', 'a']);
  });

  it('may report late', async () => {
    queue.report('late');
    const before = Date.now();
    push('a');
    await until(() => answered.length === 1);
    expect(came[0]!.atMs - before).toBeGreaterThanOrEqual(59);
  });

  it('may report the later first', async () => {
    queue.report('out-of-order');
    push('a', 'b', 'c');
    await until(() => answered.length === 3);
    expect(bodies()).toEqual(['c', 'a', 'b']);
  });

  it('knows what was being answered when it was closed', async () => {
    push('a', 'b');
    await until(() => came.length === 1);
    await queue.close();
    expect(answered).toEqual(['a']);
  });

  it('sends nothing after it was closed', async () => {
    queue.report('late');
    push('a');
    await queue.close();
    push('b');
    expect(answered).toEqual([]);
    expect(bodies()).toEqual([]);
  });
});
