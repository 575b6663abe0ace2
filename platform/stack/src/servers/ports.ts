import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { StackError } from './errors.ts';

export const loopback = '127.0.0.1';

/** Whether nothing listens on this port. */
export async function isPortFree(port: number, host: string = loopback): Promise<boolean> {
  return (await listenOnce(port, host)) !== undefined;
}

/** A port of the loopback address that nothing listens on now. */
export async function freePort(): Promise<number> {
  const port = await listenOnce(0, loopback);
  if (port === undefined) throw new StackError('port-taken', `no port of ${loopback} is free`);
  return port;
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

function listenOnce(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}
