import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { JsonObject, ProviderMood, ReportingHabit } from '../../contract.ts';
import { lookupOffer } from '../lookup.ts';
import { openInbox } from './inbox.ts';
import { openJournal } from './journal.ts';
import { startPop3Server } from './pop3-server.ts';

// A real mail server: it takes mails over SMTP for whoever plays, and keeps a mailbox, read over POP3, for what comes back.
//
//   B1. 250 is answered only after the mail is kept.
//   B2. `refuse+…@` as a recipient is refused with 550, `later+…@` with 451: a person can try both from a journey.

/** A mail as it was handed over. */
export interface HandedMail {
  raw: Buffer;
  returnPath: string;
  recipients: string[];
}

export interface MailServerOptions {
  directory: string;
  /** Of SMTP; any free one by default. */
  port?: number;
  /** Keeps a mail, before it resolves (B1). */
  keep(mail: HandedMail): Promise<void>;
  /** Whether a Message-ID is here. */
  has(messageId: string): boolean;
}

/** A mail server that runs. */
export interface MailServer {
  /** Settings of SMTP. */
  smtp: { host: string; port: number; security: 'none' };
  /** Settings of the mailbox. */
  inbound: JsonObject & { address: string; port: number };
  /** Puts a mail into the mailbox, as the habit of reporting has it. */
  deliver(raw: Buffer): void;
  behave(mood: ProviderMood): void;
  report(habit: ReportingHabit): void;
  close(): Promise<void>;
}

const account = { username: 'replies', password: 'sandbox-mailbox' };
const address = 'replies@sojourn.example';
const lateByMs = 2_000;

/** Starts a mail server on loopback ports. The mailbox's is the same again after a restart, when it is free. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { directory, port = 0 } = options;
  let mood: ProviderMood = 'well';
  let habit: ReportingHabit = 'well';
  const late = new Set<NodeJS.Timeout>();
  const inbox = openInbox(directory);
  const server = createSmtpServer(options, () => mood);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const ports = openJournal<{ pop3: number }>(directory, 'ports.jsonl');
  const before = ports.entries.at(-1)?.pop3;
  const pop3 = await startPop3Server({
    ...{ inbox, account, port: before },
    newestFirst: () => habit === 'out-of-order',
  });
  if (pop3.port !== before) ports.write({ pop3: pop3.port });
  ports.close();
  const host = '127.0.0.1';
  return {
    smtp: { host, port: (server.server.address() as AddressInfo).port, security: 'none' },
    inbound: { address, host, port: pop3.port, security: 'none', ...account, pollSeconds: 1 },
    deliver(raw) {
      if (habit === 'twice') inbox.put(raw);
      if (habit !== 'late') {
        inbox.put(raw);
        return;
      }
      const timer = setTimeout(() => {
        late.delete(timer);
        inbox.put(raw);
      }, lateByMs);
      late.add(timer);
    },
    behave: (next) => {
      mood = next;
    },
    report: (next) => {
      habit = next;
    },
    async close() {
      for (const timer of late) clearTimeout(timer);
      await pop3.close();
      await new Promise<void>((resolve) => server.close(resolve));
      inbox.close();
    },
  };
}

/** What the server answers to a sender, by its mood; a code of 5xx to MAIL when it does not know who asks. */
const moods = {
  busy: { code: 421, text: 'Too many connections, try again later' },
  broken: { code: 451, text: 'Local error in processing' },
  unauthorised: { code: 530, text: 'Authentication required' },
  refusing: { code: 554, text: 'Not acceptable here' },
} as const;

function createSmtpServer(
  { keep, has }: Pick<MailServerOptions, 'keep' | 'has'>,
  mood: () => ProviderMood,
): SMTPServer {
  const server = new SMTPServer({
    banner: `Sojourn sandbox, ${lookupOffer}`,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    authOptional: true,
    logger: false,
    disableReverseLookup: true,
    size: 10_000_000,
    onConnect: (session, callback) => {
      for (const connection of server.connections) {
        if (connection.id === session.id) offerLookup(connection, has);
      }
      callback();
    },
    onAuth: ({ username }, _session, callback) => {
      if (mood() === 'unauthorised') callback(smtpError(535, 'Authentication failed'));
      else callback(null, { user: username ?? '' });
    },
    onMailFrom: (_address, _session, callback) => {
      const now = mood();
      if (now === 'well') callback();
      else callback(smtpError(moods[now].code, moods[now].text));
    },
    onRcptTo: (recipient, _session, callback) => {
      if (recipient.address.startsWith('refuse+'))
        callback(smtpError(550, 'No such user here')); // B2
      else if (recipient.address.startsWith('later+')) callback(smtpError(451, 'Try again later'));
      else callback();
    },
    onData: (stream, { envelope }, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        keep({
          raw: Buffer.concat(chunks),
          returnPath: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          recipients: envelope.rcptTo.map((recipient) => recipient.address),
        }).then(
          () => callback(null, 'OK: kept'), // B1
          (error: unknown) => callback(smtpError(554, `The mail cannot be read: ${String(error)}`)),
        );
      });
    },
  });
  return server;
}

interface Lookup {
  send(code: number, text: string): void;
  handler_XLOOKUP?(command: string | Buffer, callback: () => void): void;
}

/** One command more: whether a Message-ID is here. */
function offerLookup(connection: Lookup, has: (messageId: string) => boolean): void {
  connection.handler_XLOOKUP = (command, callback) => {
    const messageId = command.toString().trim().split(/\s+/)[1] ?? '';
    if (has(messageId)) connection.send(250, 'Here');
    else connection.send(550, 'Not here');
    callback();
  };
}

function smtpError(responseCode: number, text: string): Error & { responseCode: number } {
  return Object.assign(new Error(text), { responseCode });
}
