import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type {
  ProviderMood,
  RunningSandbox,
  SandboxDefinition,
  SandboxItem,
} from '@sojourn/plugin-kit';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { lookupOffer } from '../lookup.ts';
import { asItem, openMailbox, type Mail, type Mailbox } from './mailbox.ts';

// A real SMTP server that keeps what it is given, and that can be asked and played with.
//
//   B1. 250 is answered only after the mail is on disk.
//   B2. `refuse+…@` as a recipient is refused with 550, `later+…@` with 451: a person can try both from a journey.

/** The mail sandbox. */
export const emailSandbox: SandboxDefinition = { start };

async function start(options: { directory: string; port?: number }): Promise<RunningSandbox> {
  const mailbox = openMailbox(options.directory);
  const watchers = new Set<(item: SandboxItem) => void>();
  let mood: ProviderMood = 'well';
  const server = createServer(mailbox, {
    onMail: (mail) => {
      for (const watcher of watchers) watcher(asItem(mail));
    },
    mood: () => mood,
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    connection: {
      type: 'smtp',
      settings: {
        host: '127.0.0.1',
        port,
        security: 'none',
        from: 'Sojourn <care@sojourn.example>',
      },
    },
    items: ({ to, limit }) =>
      Promise.resolve(mailbox.list({ ...(to === undefined ? {} : { to }), limit }).map(asItem)),
    item: (id) => {
      const mail = mailbox.get(id);
      return Promise.resolve(mail && asItem(mail));
    },
    act: (id, action) => Promise.resolve(act(mailbox, id, action.type)),
    behave: (next) => {
      mood = next;
    },
    watch: (onArrival) => {
      watchers.add(onArrival);
      return () => watchers.delete(onArrival);
    },
    close: async () => {
      await new Promise<void>((resolve) => server.close(resolve));
      mailbox.close();
    },
  };
}

function act(
  mailbox: Mailbox,
  id: string,
  type: string,
): Awaited<ReturnType<RunningSandbox['act']>> {
  const mail = mailbox.get(id);
  if (!mail) throw new Error(`there is no mail '${id}'`);
  if (type !== 'bounce' && type !== 'soft-bounce')
    throw new Error(`'${type}' is nothing one can do with a mail: bounce or soft-bounce`);
  const kind = type === 'bounce' ? 'hard' : 'soft';
  return [
    {
      type: 'happened',
      eventId: `${mail.messageId}/${type}`,
      eventType: 'email.bounced',
      data: { messageId: mail.messageId, kind, code: kind === 'hard' ? '5.1.1' : '4.2.2' },
    },
  ];
}

/** What the server answers to a recipient, by its mood; a code of 5xx to MAIL when it does not know who asks. */
const moods = {
  busy: { code: 421, text: 'Too many connections, try again later' },
  broken: { code: 451, text: 'Local error in processing' },
  unauthorised: { code: 530, text: 'Authentication required' },
  refusing: { code: 554, text: 'Not acceptable here' },
} as const;

function createServer(
  mailbox: Mailbox,
  { onMail, mood }: { onMail: (mail: Mail) => void; mood: () => ProviderMood },
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
        if (connection.id === session.id) offerLookup(connection, mailbox);
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
    onRcptTo: (address, _session, callback) => {
      if (address.address.startsWith('refuse+'))
        callback(smtpError(550, 'No such user here')); // B2
      else if (address.address.startsWith('later+')) callback(smtpError(451, 'Try again later'));
      else callback();
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
        parse(Buffer.concat(chunks), recipients).then(
          (mail) => {
            onMail(mailbox.put(mail)); // B1
            callback(null, 'OK: kept');
          },
          (error: unknown) =>
            callback(smtpError(554, `The message cannot be read: ${String(error)}`)),
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
function offerLookup(connection: Lookup, mailbox: Mailbox): void {
  connection.handler_XLOOKUP = (command, callback) => {
    const messageId = command.toString().trim().split(/\s+/)[1] ?? '';
    if (mailbox.has(messageId)) connection.send(250, 'Here');
    else connection.send(550, 'Not here');
    callback();
  };
}

function smtpError(responseCode: number, text: string): Error & { responseCode: number } {
  return Object.assign(new Error(text), { responseCode });
}

async function parse(raw: Buffer, recipients: string[]): Promise<Omit<Mail, 'id'>> {
  const parsed = await PostalMime.parse(raw);
  const html = parsed.html ?? '';
  const text = parsed.text ?? '';
  return {
    messageId: parsed.messageId ?? '',
    to: recipients.join(', '),
    from: parsed.from ? `${parsed.from.name} <${parsed.from.address ?? ''}>`.trim() : '',
    subject: parsed.subject ?? '',
    text,
    html,
    links: linksOf(html, text),
    receivedAt: new Date().toISOString(),
    headers: Object.fromEntries(parsed.headers.map((header) => [header.key, header.value])),
  };
}

function linksOf(html: string, text: string): string[] {
  const found = [...html.matchAll(/href="([^"]+)"/g)].map((match) =>
    (match[1] ?? '').replaceAll('&amp;', '&'),
  );
  const plain = [...text.matchAll(/https?:\/\/[^\s)>\]]+/g)].map((match) => match[0]);
  return [...new Set(found.length > 0 ? found : plain)];
}
