import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * What a line does to connections that are opened from now on (those that are open are closed): it lets everything through; it
 * takes them and never says a word; it closes them at once; it lets so many of the provider's answers through and breaks at
 * the next; or it says something else in the place of the provider's first answer.
 */
export type LineState =
  'through' | 'silent' | 'closed' | { breaksAfter: number } | { saysInstead: string };

/** A line between a plugin and its provider that can be disturbed, whatever is spoken over it. */
export interface Line {
  port: number;
  become(state: LineState): Promise<void>;
  /** How many connections were opened over it. */
  opened(): number;
  close(): Promise<void>;
}

/** Opens a line on a free loopback port that leads to a provider. */
export async function openLine(provider: { host: string; port: number }): Promise<Line> {
  let state: LineState = 'through';
  let count = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay();
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // the other side went: so does this one
  };
  const server = createServer((near) => {
    count += 1;
    keep(near);
    if (state === 'closed') {
      near.destroy();
      return;
    }
    if (state === 'silent') {
      near.resume();
      return;
    }
    const far = connect(provider);
    keep(far);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    const now = state;
    let left = typeof now === 'object' && 'breaksAfter' in now ? now.breaksAfter : Infinity;
    far.on('data', (chunk: Buffer) => {
      if (typeof now === 'object' && 'saysInstead' in now) near.end(now.saysInstead);
      else if (left > 0) near.write(chunk);
      else near.destroy(); // the provider said it; nobody heard
      left -= 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async become(next) {
      state = next;
      const open = [...sockets];
      for (const socket of open) socket.destroy(); // one that was kept for later would know nothing of it
      for (const socket of open) if (!socket.closed) await once(socket, 'close');
      await delay(20); // until the other end has seen it
    },
    opened: () => count,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
