import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderMood, SandboxDefinition } from '@sojourn/plugin-kit';
import { describePlugin } from '@sojourn/plugin-kit/testing';
import { http } from './plugin.ts';

const statuses = { well: 201, busy: 429, broken: 500, unauthorised: 401, refusing: 400 };
const token = 'tok-5f0c1a9b-nobody-may-see';

/** An API that keeps what it took, under the key that came with it. */
const anApi: SandboxDefinition = {
  async start() {
    const taken: IncomingHttpHeaders[] = [];
    let mood: ProviderMood = 'well';
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        if (mood === 'well') taken.push(request.headers);
        response
          .writeHead(statuses[mood], { 'content-type': 'application/json' })
          .end('{"id":"7c1e"}');
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
        settings: { baseUrl: `http://127.0.0.1:${port}/v2/`, auth: 'bearer', token },
      },
      items: () => Promise.resolve(items()),
      item: (id) => Promise.resolve(items().find((item) => item.id === id)),
      act: () => Promise.resolve([]),
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

describePlugin(http, {
  sandbox: anApi,
  actions: {
    request: {
      config: { method: 'POST', path: '/orders', outcomes: [{ port: 'ordered' }] },
      async effects(sandbox, key) {
        const items = await sandbox.items({ limit: 100_000 });
        return items.filter((item) => item['key'] === key).length;
      },
    },
  },
});
