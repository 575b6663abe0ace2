import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ActionStep, JourneyDocument } from '@sojourn/schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

interface Run {
  id: string;
  status: string;
  outcome: string | null;
  incidents: { code: string; detail: string }[];
}

const token = 'tok-5f0c1a9b7e';
const apiKey = 'key-24680acf';
let api: Server;
let stack: StackUnderTest;
let asked: { method: string; url: string; headers: IncomingMessage['headers'] }[];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  api = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    if (url !== '/v1/') asked.push({ method, url, headers }); // there it is only asked how it is
    request.resume().on('end', () => answer(response));
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { port } = api.address() as AddressInfo;
  stack = await stackUnderTest({ SOJOURN_EGRESS_ALLOW: `127.0.0.1:${port}` });
  await stack.start();
  await connect('benefits', port, true);
  await connect('inside', port + 1, false);
});
afterAll(async () => {
  api.closeAllConnections();
  api.close();
  await stack.remove();
});
beforeEach(() => {
  asked = [];
  answer = (response) => response.end(JSON.stringify({ status: 'active', sent: [token, apiKey] }));
});

async function connect(id: string, port: number, isDefault: boolean): Promise<void> {
  await stack.call('POST', '/connections', {
    ...{ id, plugin: 'http', type: 'api', name: id, default: isDefault },
    settings: {
      ...{ baseUrl: `http://127.0.0.1:${port}/v1`, auth: 'bearer', token },
      headers: { 'X-Api-Key': apiKey },
    },
  });
}

let count = 0;

/** Publishes a journey of one request and lets somebody in; answers the run. */
async function asks(method: string, step: Partial<ActionStep> = {}): Promise<Run> {
  const key = `ask-${(count += 1)}`;
  const document: JourneyDocument = {
    ...{ format: 1, key, name: key, subject: 'patient', entry: [{ on: 'manual' }], start: 'ask' },
    steps: {
      ask: {
        ...{ kind: 'action', uses: 'http/request', ...step },
        with: {
          ...{ method, path: '/people/{{ subject.key }}' },
          outcomes: [{ port: 'covered', path: '/status', equals: 'active' }],
        },
      },
      ...{ yes: { kind: 'end', outcome: 'covered' }, no: { kind: 'end', outcome: 'open' } },
    },
    edges: [
      { from: 'ask', port: 'covered', to: 'yes' },
      { from: 'ask', port: 'other', to: 'no' },
    ],
  };
  await stack.publish(document);
  return await stack.call<Run>('POST', `/journeys/${key}/runs`, { subject: `patient/a b/${key}` });
}

const until = (run: Run, isSo: (run: Run) => boolean) =>
  eventually(() => stack.call<Run>('GET', `/runs/${run.id}`), isSo);

describe('a journey that asks an API', () => {
  it('goes on by what it answers, and shows no secret anywhere', async () => {
    const run = await asks('POST');

    await until(run, ({ outcome }) => outcome === 'covered');

    expect(asked).toMatchObject([
      {
        ...{ method: 'POST', url: `/v1/people/a%20b%2Fask-${count}` },
        headers: {
          ...{ authorization: `Bearer ${token}`, 'x-api-key': apiKey },
          'idempotency-key': `${run.id}/ask#1`,
        },
      },
    ]);
    const shown = JSON.stringify([
      await stack.call('GET', `/runs/${run.id}/trail`),
      await stack.call('GET', '/connections'),
      await readFile(join(stack.home, 'logs/sojourn.log'), 'utf8'),
    ]);
    expect(shown).toContain('[secret]');
    expect(shown).not.toMatch(new RegExp(`${token}|${apiKey}`));
  });

  it('reaches no address of this machine that is not listed', async () => {
    const run = await asks('GET', { connection: 'inside' });

    const { incidents } = await until(run, (item) => item.incidents.length > 0);

    expect(incidents).toMatchObject([{ code: 'egress-refused' }]);
    expect(asked).toEqual([]);
  });

  it('stops for a person when nobody knows whether a POST arrived', async () => {
    answer = (response) => response.destroy();
    const run = await asks('POST');

    const { incidents } = await until(run, (item) => item.incidents.length > 0);

    expect(incidents).toMatchObject([{ code: 'api-unknown-outcome' }]);
    expect(asked).toHaveLength(1);
  });

  it('asks again by itself after a crash when it only reads, and not when it writes', async () => {
    answer = () => undefined; // it hangs
    const reads = await asks('GET');
    const writes = await asks('POST');
    await eventually(
      () => Promise.resolve(asked.length),
      (length) => length === 2,
    );

    await stack.kill();
    answer = (response) => response.end('{"status":"active"}');
    await stack.start();

    await until(reads, ({ outcome }) => outcome === 'covered');
    const { incidents } = await until(writes, (item) => item.incidents.length > 0);
    expect(incidents).toMatchObject([{ code: 'api-unknown-outcome' }]);
    expect(asked.map(({ method }) => method).sort()).toEqual(['GET', 'GET', 'POST']);
  });
});
