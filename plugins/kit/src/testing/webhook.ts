import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawRequest } from '../contract.ts';

/** An address for callbacks, as the host has one: it keeps what comes, raw, and answers 200. */
export interface Webhook {
  url: string;
  /** Everything that has come. */
  heard(): RawRequest[];
  /** What came since so many had come, as soon as `isEnough`. Rejects after so many milliseconds. */
  hears(
    since: number,
    isEnough: (requests: RawRequest[]) => Promise<boolean>,
    withinMs?: number,
  ): Promise<RawRequest[]>;
  close(): Promise<void>;
}

/** Opens an address for callbacks on a free loopback port. */
export async function openWebhook(): Promise<Webhook> {
  const came: RawRequest[] = [];
  const ears = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      came.push({
        method: request.method ?? '',
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, value?.toString() ?? '']),
        ),
        query: {},
        body: Buffer.concat(chunks),
      });
      response.end();
      for (const ear of ears) ear();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/callbacks`,
    heard: () => [...came],
    async hears(since, isEnough, withinMs = 6_000) {
      const late = AbortSignal.timeout(withinMs);
      while (!(await isEnough(came.slice(since)))) {
        await new Promise<void>((resolve) => {
          const go = (): void => {
            ears.delete(go);
            late.removeEventListener('abort', go);
            resolve();
          };
          ears.add(go);
          late.addEventListener('abort', go);
        });
        if (late.aborted)
          throw new Error(
            `not enough came within ${withinMs} ms: ${came.length - since} callbacks`,
          );
      }
      return came.slice(since);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
