import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEgress } from './egress.ts';
import { guardedFetch } from './guarded-fetch.ts';

let server: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const asked: { url: string; method: string; headers: IncomingMessage['headers']; body: string }[] =
  [];

beforeEach(async () => {
  asked.length = 0;
  answer = (_request, response) => response.end('{"ok":true}');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { url = '', method = '', headers } = request;
      asked.push({ url, method, headers, body });
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const fetchWith = (open: boolean) =>
  guardedFetch(createEgress({ allows: (_host, asking) => open && asking === port }));

describe('the fetch of plugins', () => {
  it('asks as it is told, and answers status, headers and body', async () => {
    answer = (_request, response) =>
      response.writeHead(201, { 'x-a': ['1', '2'], 'content-type': 'application/json' }).end('{}');

    const response = await fetchWith(true)(`http://127.0.0.1:${port}/a%2Fb?c=d`, {
      ...{ method: 'POST', body: '{"é":1}', headers: { 'x-key': 'k' } },
    });

    expect([response.status, response.headers.get('x-a')]).toEqual([201, '1, 2']);
    expect(await response.json()).toEqual({});
    expect(asked).toMatchObject([
      { url: '/a%2Fb?c=d', method: 'POST', body: '{"é":1}', headers: { 'x-key': 'k' } },
    ]);
    expect(asked[0]?.headers).toMatchObject({ host: `127.0.0.1:${port}`, 'content-length': '8' });
  });

  it.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]', 'https://127.0.0.1'])(
    'refuses %s before a line is opened',
    async (origin) => {
      await expect(fetchWith(false)(`${origin}:${port}/`)).rejects.toMatchObject({
        code: 'egress-refused',
      });
      expect(asked).toEqual([]);
    },
  );

  it('takes a redirect for an answer, and asks nobody else (G2)', async () => {
    answer = (_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end();

    const response = await fetchWith(true)(`http://127.0.0.1:${port}/`);

    expect([response.status, response.headers.get('location')]).toEqual([
      ...[302, 'http://169.254.169.254/'],
    ]);
    expect(asked).toHaveLength(1);
  });

  it.each(['before the answer', 'in the middle of it'])('ends at the abort, %s', async (when) => {
    answer = (_request, response) => {
      if (when !== 'before the answer') response.writeHead(200).write('{"half":');
    };
    const stop = new AbortController();
    const began = Date.now();
    setTimeout(() => stop.abort(), 100);

    await expect(
      fetchWith(true)(`http://127.0.0.1:${port}/`, { signal: stop.signal }).then((response) =>
        response.text(),
      ),
    ).rejects.toThrow();
    expect(Date.now() - began).toBeLessThan(1_000);
  });

  it('rejects when the line breaks half-way', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setTimeout(() => request.socket.destroy(), 20);
    };

    const response = await fetchWith(true)(`http://127.0.0.1:${port}/`);

    await expect(response.text()).rejects.toThrow();
  });

  it('answers without a body where there is none', async () => {
    answer = (_request, response) => response.writeHead(204).end();
    expect((await fetchWith(true)(`http://127.0.0.1:${port}/`)).body).toBeNull();

    answer = (_request, response) => response.writeHead(200, { 'content-length': '7' }).end();
    const head = await fetchWith(true)(`http://127.0.0.1:${port}/`, { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, null]);
  });

  it('speaks nothing but http and https', async () => {
    await expect(fetchWith(true)('data:text/plain,x')).rejects.toThrow('http');
  });
});
