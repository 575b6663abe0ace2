import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Inbox, WaitingRaw } from './inbox.ts';

// A POP3 server over one mailbox.
//
//   B3. A mail is gone only when the session that deleted it ends with QUIT.

/** A POP3 server that runs. */
export interface Pop3Server {
  port: number;
  close(): Promise<void>;
}

export interface Pop3ServerOptions {
  inbox: Inbox;
  account: { username: string; password: string };
  /** Tried first; when it is taken, any other. */
  port?: number | undefined;
  /** Whether the mailbox lists the newest mail first. */
  newestFirst: () => boolean;
}

/** Starts the server on a loopback port. */
export async function startPop3Server(options: Pop3ServerOptions): Promise<Pop3Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, options);
  });
  const listening = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listening(options.port ?? 0).catch(() => listening(0));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, { inbox, account, newestFirst }: Pop3ServerOptions): void {
  let user = '';
  let mails: WaitingRaw[] | undefined;
  const deleted = new Set<string>();
  const say = (line: string): void => void socket.write(`${line}\r\n`, 'latin1');
  const sayBlock = (lines: string[]): void => say(['+OK', ...lines, '.'].join('\r\n'));
  const answer = (command: string, argument: string): void => {
    if (command === 'QUIT') {
      for (const id of deleted) inbox.remove(id); // B3
      socket.end('+OK\r\n');
      return;
    }
    if (command === 'USER') {
      user = argument;
      say('+OK');
      return;
    }
    if (command === 'PASS') {
      if (user !== account.username || argument !== account.password) {
        say('-ERR [AUTH] not known here');
        return;
      }
      mails = newestFirst() ? inbox.list().reverse() : inbox.list();
      say('+OK');
      return;
    }
    if (!mails) {
      say('-ERR sign in first');
      return;
    }
    const mail = mails[Number(argument) - 1];
    if (command === 'LIST') sayBlock(mails.map(({ raw }, index) => `${index + 1} ${raw.length}`));
    else if (command === 'UIDL') sayBlock(mails.map(({ id }, index) => `${index + 1} ${id}`));
    else if (command === 'RETR' && mail) sayBlock([stuffed(mail.raw)]);
    else if (command === 'DELE' && mail) {
      deleted.add(mail.id);
      say('+OK');
    } else say('-ERR');
  };
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
      const [command = '', ...rest] = received.slice(0, end).split(' ');
      received = received.slice(end + 2);
      answer(command.toUpperCase(), rest.join(' '));
    }
  });
  say('+OK Sojourn sandbox');
}

/** A mail with CRLF at the end of each line, and a dot more before one that begins a line. */
function stuffed(raw: Buffer): string {
  return raw
    .toString('latin1')
    .replace(/\r?\n/g, '\r\n')
    .replace(/\r\n$/, '')
    .replace(/^\./gm, '..');
}
