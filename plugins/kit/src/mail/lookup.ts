import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { PluginError, type PluginContext } from '../contract.ts';
import type { MailServerSettings } from './smtp.ts';

// SMTP has no way to ask whether a message arrived. The sandbox's server offers one command more, and says so in its
// greeting; of any other server the outcome stays unknown.

/** The word in a greeting that offers `XLOOKUP <message-id>`: 250 when the message is there, 550 when it is not. */
export const lookupOffer = 'XLOOKUP';

/** Whether the server has a message. Throws `PluginError` of kind `unknown-outcome` when it cannot be asked. */
export async function hasMessage(
  server: MailServerSettings,
  messageId: string,
  context: PluginContext,
): Promise<boolean> {
  const { address, port } = await context.resolve(server.host, server.port);
  return await new Promise<boolean>((resolve, reject) => {
    const socket =
      server.security === 'tls'
        ? connectTls({ host: address, port, servername: server.host })
        : connectPlain({ host: address, port });
    let received = '';
    let asked = false;
    const fail = (code: string, kind: PluginError['kind'], detail: string): void => {
      socket.destroy();
      reject(new PluginError({ code, kind, detail }));
    };
    const unreachable = (): void =>
      fail(
        'smtp-unreachable',
        'retryable',
        'the server cannot be reached to ask what became of the message',
      );
    socket.setTimeout(5_000, unreachable);
    socket.on('error', unreachable);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const line = /^(\d{3}) ([^\r\n]*)\r\n/m.exec(received);
      if (!line) return;
      received = '';
      if (!asked) {
        if (!line[2]?.includes(lookupOffer)) {
          fail(
            'smtp-unknown-outcome',
            'unknown-outcome',
            'the server cannot be asked whether it took the message',
          );
          return;
        }
        asked = true;
        socket.write(`${lookupOffer} ${messageId}\r\n`);
        return;
      }
      socket.end('QUIT\r\n');
      resolve(line[1] === '250');
    });
  });
}
