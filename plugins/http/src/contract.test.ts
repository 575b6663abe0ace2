import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  signatureHeader,
  signBody,
  type ProviderMood,
  type ReportingHabit,
  type RunningSandbox,
  type SandboxDefinition,
} from '@sojourn/plugin-kit';
import { describePlugin } from '@sojourn/plugin-kit/testing';
import { http } from './plugin.ts';

const statuses = { well: 201, busy: 429, broken: 500, unauthorised: 401, refusing: 400 };
const token = 'tok-5f0c1a9b-nobody-may-see';
const callbackSecret = 'cb-77aa-nobody-may-see';

/** An API that keeps what it took, under the key that came with it. */
const anApi: SandboxDefinition = {
  async start() {
    const taken: IncomingHttpHeaders[] = [];
    let mood: ProviderMood = 'well';
    let habit: ReportingHabit = 'well';
    /** Reports the end of a request where it was told to. */
    const report = async (index: number): Promise<void> => {
      const body = JSON.stringify({ id: `7c1e-${index}`, status: 'approved' });
      const post = () =>
        fetch(String(taken[index]?.['x-callback-url']), {
          method: 'POST',
          headers: { [signatureHeader]: signBody(body, callbackSecret, Date.now()) },
          body,
        });
      if (habit === 'late') await delay(600);
      await post();
      if (habit === 'twice') await post();
    };
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        const key = request.headers['idempotency-key'];
        const known = taken.findIndex((headers) => headers['idempotency-key'] === key);
        if (mood === 'well' && known < 0) taken.push(request.headers); // it honours the key
        const index = known < 0 ? taken.length - 1 : known;
        response
          .writeHead(statuses[mood], { 'content-type': 'application/json' })
          .end(JSON.stringify({ id: `7c1e-${index}` }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const items = () =>
      taken.map((headers, index) => ({
        ...{ id: String(index), to: '', key: String(headers['idempotency-key']) },
      }));
    return {
      connection: {
        type: 'api',
        settings: {
          ...{ baseUrl: `http://127.0.0.1:${port}/v2/`, auth: 'bearer', token },
          callbackSecret,
        },
      },
      items: () => Promise.resolve(items()),
      item: (id) => Promise.resolve(items().find((item) => item.id === id)),
      async act(id) {
        await report(Number(id));
        return [];
      },
      report: (next) => {
        habit = next;
      },
      behave: (next) => {
        mood = next;
      },
      watch: () => () => undefined,
      async close() {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  },
};

async function effects(sandbox: RunningSandbox, key: string): Promise<number> {
  const items = await sandbox.items({ limit: 100_000 });
  return items.filter((item) => item['key'] === key).length;
}

describePlugin(http, {
  sandbox: anApi,
  actions: {
    'request-and-wait': {
      config: {
        ...{ method: 'POST', path: '/orders', body: '{"callback":"{callbackUrl}"}' },
        deduplicates: true,
        ...{
          reference: '/id',
          outcomes: [{ port: 'approved', path: '/status', equals: 'approved' }],
        },
      },
      effects,
      async ends(sandbox, key) {
        const items = await sandbox.items({ limit: 100_000 });
        const asked = items.find((item) => item['key'] === key);
        await sandbox.act(asked?.id ?? '', { type: 'end' });
        return 'approved';
      },
    },
    request: {
      config: { method: 'POST', path: '/orders', outcomes: [{ port: 'ordered' }] },
      effects,
    },
  },
});
