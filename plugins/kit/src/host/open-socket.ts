import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';

import { PluginError } from '../contract.ts';

/**
 * Opens a socket to an address that was resolved and allowed. With `tls` the certificate must name `host`. Rejects with a
 * `PluginError` of kind `retryable` when nobody answers, and with the signal's reason when it is aborted.
 */
export async function openSocket(
  to: { host: string; address: string; port: number; tls?: boolean },
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const { host, address, port, tls = false } = to;
  const socket = tls
    ? connectSecure({ host: address, port, ...(isIP(host) ? {} : { servername: host }) })
    : connectPlain({ host: address, port });
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', stop));
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', { signal });
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw new PluginError({
      code: 'unreachable',
      kind: 'retryable',
      detail: `'${host}:${port}' cannot be reached`,
      cause: error,
    });
  }
  return socket;
}
