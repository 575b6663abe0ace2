import { once } from 'node:events';
import { connect as connectSecure } from 'node:tls';
import { isIP, type Socket } from 'node:net';
import { PluginError, type PluginContext } from '../contract.ts';
import type { MailServerSettings } from './smtp.ts';

// A client of POP3 (RFC 1939, 2449, 2595).
//
// Why POP3, and written here: a mailbox that a machine empties needs a list, a mail and a deletion, and nothing of what IMAP has
// besides. POP3 has exactly these: a unique id for each mail, and deletions that count only once the session ends well, so that
// a crash brings everything again. It is offered wherever IMAP is, needs no dependency, and its server fits in the sandbox.

/** A mail that waits. */
export interface WaitingMail {
  number: number;
  /** The server's own id of it, in this mailbox. */
  uid: string;
  bytes: number;
}

/** A session with a mailbox. */
export interface Pop3Session {
  list(): Promise<WaitingMail[]>;
  retrieve(number: number): Promise<Buffer>;
  /** Counts once the session has ended well. */
  delete(number: number): Promise<void>;
  /** Ends the session well. */
  quit(): Promise<void>;
  close(): void;
}

const answerMs = 15_000;
const mostBytes = 15_000_000;

/** Signs in to a mailbox. Throws `PluginError`. */
export async function openPop3(
  { host, port, security, username = '', password = '' }: MailServerSettings,
  context: PluginContext,
): Promise<Pop3Session> {
  let socket = await context.connect(host, port, { tls: security === 'tls' });
  let reader = createReader(socket);
  const ask = async (command: string): Promise<string> => {
    socket.write(`${command}\r\n`);
    return okay(await reader.line());
  };
  const askLines = async (command: string): Promise<Buffer> => {
    await ask(command);
    return await reader.block();
  };
  try {
    okay(await reader.line());
    if (security === 'starttls') {
      await ask('STLS');
      reader.release();
      socket = connectSecure({ socket, ...(isIP(host) ? {} : { servername: host }) });
      reader = createReader(socket);
      await once(socket, 'secureConnect', { signal: AbortSignal.timeout(answerMs) });
    }
    await signIn(ask, username, password);
  } catch (error) {
    socket.destroy();
    throw error instanceof PluginError ? error : unreachable(error);
  }
  return {
    async list() {
      const sizes = new Map(rowsOf(await askLines('LIST')));
      return rowsOf(await askLines('UIDL')).map(([number, uid]) => ({
        ...{ number: Number(number), uid },
        bytes: Number(sizes.get(number) ?? 0),
      }));
    },
    retrieve: (number) => askLines(`RETR ${number}`),
    async delete(number) {
      await ask(`DELE ${number}`);
    },
    async quit() {
      await ask('QUIT');
    },
    close: () => {
      socket.destroy();
    },
  };
}

async function signIn(
  ask: (command: string) => Promise<string>,
  username: string,
  password: string,
): Promise<void> {
  if (/[\r\n]/.test(username + password)) throw refusedUser();
  try {
    await ask(`USER ${username}`);
    await ask(`PASS ${password}`);
  } catch (error) {
    throw error instanceof PluginError && error.code === 'pop3-refused' ? refusedUser() : error;
  }
}

const refusedUser = (): PluginError =>
  new PluginError({
    code: 'pop3-auth',
    kind: 'auth',
    detail: 'the mailbox refused the user name or password',
  });

const unreachable = (cause?: unknown): PluginError =>
  new PluginError({
    code: 'pop3-unreachable',
    kind: 'retryable',
    detail: 'the mailbox cannot be reached, or does not answer',
    cause,
  });

/** The rest of an answer that says yes. Somebody else in the mailbox, or a server that has no time, is a passing matter. */
function okay(line: string): string {
  if (line.startsWith('+OK')) return line.slice(4);
  const isPassing = /^-ERR \[(?:IN-USE|LOGIN-DELAY|SYS\/TEMP)\]/i.test(line);
  throw new PluginError({
    code: isPassing ? 'pop3-busy' : 'pop3-refused',
    kind: 'retryable',
    detail: isPassing ? 'the mailbox is in use, or busy' : 'the mailbox refused a command',
  });
}

const rowsOf = (block: Buffer): [string, string][] =>
  block
    .toString('latin1')
    .split('\r\n')
    .flatMap((row) => {
      const [number, value] = row.split(' ');
      return number === undefined || value === undefined ? [] : [[number, value]];
    });

/** Reads what a server says: a line, or a block that ends with a dot alone. */
function createReader(socket: Socket) {
  let received = Buffer.alloc(0);
  let chunks: Buffer[] = [];
  let isOver = false;
  let wake = (): void => undefined;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    wake();
  };
  const onEnd = (): void => {
    isOver = true;
    wake();
  };
  socket.on('data', onData);
  socket.on('close', onEnd);
  socket.on('error', onEnd);
  /** Everything up to a mark, once it has come. */
  const until = async (mark: string): Promise<Buffer> => {
    const before = Date.now() + answerMs;
    for (;;) {
      if (chunks.length > 0) received = Buffer.concat([received, ...chunks.splice(0)]);
      const end = received.indexOf(mark);
      if (end >= 0) {
        const found = received.subarray(0, end);
        received = received.subarray(end + mark.length);
        return found;
      }
      if (isOver || Date.now() >= before || received.length > mostBytes) throw unreachable();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, before - Date.now());
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  return {
    line: async () => (await until('\r\n')).toString('latin1'),
    async block(): Promise<Buffer> {
      received = Buffer.concat([Buffer.from('\r\n'), received, ...chunks.splice(0)]); // an empty block is a dot alone, too
      const stuffed = (await until('\r\n.\r\n')).subarray(2);
      return Buffer.from(stuffed.toString('latin1').replaceAll(/^\.\./gm, '.'), 'latin1');
    },
    release(): void {
      socket.off('data', onData);
      socket.off('close', onEnd);
      chunks = [];
    },
  };
}
