import { setTimeout as delay } from 'node:timers/promises';
import { accepted, definePlugin, done, happened, PluginError } from '../../index.ts';

// A plugin for the tests of processes: it does what plugins must not.

let performed = 0;

export const odd = definePlugin({
  ...{ id: 'odd', version: '1.0.0', apiVersion: 1, name: 'Odd' },
  connections: {
    line: {
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: { token: { type: 'string', 'x-secret': true } },
      },
      check: ({ connection }) =>
        Promise.resolve({ status: 'ok', latencyMs: 1, detail: connection.id }),
      async *listen({ signal }) {
        for (let index = 1; !signal.aborted; index += 1) {
          yield happened('odd.heard', undefined, { index }, { eventId: String(index) });
          await delay(5);
        }
      },
    },
  },
  actions: {
    act: {
      ...{ title: 'Act', schemaVersion: 2, config: {}, output: {}, outcomes: ['done'] },
      settles: 'now',
      earlier: {
        1: {
          ...{ title: 'Act', schemaVersion: 1, config: {}, output: {}, outcomes: ['done'] },
          ...{ settles: 'now', perform: () => Promise.resolve(done('done', { version: 1 })) },
        },
      },
      async perform({ config, links, idempotencyKey }, { connection, log, fetch, signal }) {
        performed += 1;
        switch (config['how']) {
          case 'links':
            return done('done', {
              click: links.click('https://example.org'),
              out: links.unsubscribe(),
            });
          case 'environment':
            return done('done', { env: Object.keys(process.env), cwd: process.cwd() });
          case 'known':
            throw new PluginError({
              ...{ code: 'busy', kind: 'rate-limited', detail: 'later', retryAfterMs: 7 },
            });
          case 'own error':
            throw new TypeError(JSON.stringify(connection.settings));
          case 'hang':
            for (;;);
          case 'crash':
            process.exit(3);
            break;
          case 'large':
            return done('done', { text: 'x'.repeat(1_100_000) });
          case 'wait':
            await delay(60_000, undefined, { signal });
            break;
          case 'fetch':
            return done('done', { status: (await fetch(config['url'] as string)).status });
          case 'later':
            return accepted(`ref of ${idempotencyKey}`);
          default:
            log.info('acted', { performed });
        }
        return done('done', { performed, connection: connection.id });
      },
      options: {
        places: ({ search }) =>
          Promise.resolve({ items: [{ value: search, label: `Place ${search}` }] }),
      },
      reconcile: (key, { connection }, written) =>
        Promise.resolve(done('done', { key, connection: connection.id, written })),
    },
  },
  callbacks: {
    verify: ({ body }) => Promise.resolve(body[0] === 7),
    receive: ({ body }) =>
      Promise.resolve([happened('odd.heard', undefined, { size: body.length }, { eventId: 'e' })]),
  },
  events: { 'odd.heard': { schema: {} } },
});
