import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { StackError } from './errors.ts';

export const loopback = '127.0.0.1';

/** Whether nothing listens on this port. */
export function isPortFree(port: number, host: string = loopback): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A port of the loopback address that nothing listens on now. From below the range that systems give out by themselves:
 * one from there may be taken by any connection before the server gets to it, or at the next start.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= 200; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (await isPortFree(port)) return port;
  }
  throw new StackError(
    'port-taken',
    `no free port was found between 20000 and 32000 of ${loopback}: stop what listens there`,
  );
}

/** Throws unless the port that a setting asks for is free. */
export async function requireFreePort(
  port: number,
  setting: string,
  host: string = loopback,
): Promise<void> {
  if (await isPortFree(port, host)) return;
  throw new StackError(
    'port-taken',
    `port ${port} of ${host} is taken: stop what uses it, or set ${setting} to a free one, such as ${setting}=${await freePort()}`,
  );
}

/** Answers as soon as something accepts connections on the port. */
export async function listening(port: number, signal: AbortSignal): Promise<void> {
  while (!(await accepts(port))) await delay(50, undefined, { signal });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: loopback });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
