import type {
  JsonObject,
  ProviderReport,
  RunningSandbox,
  SandboxDefinition,
  SandboxItem,
  SandboxOptions,
} from '@sojourn/plugin-kit';
import { composeMail, isAddress, startMailServer, type HandedMail } from '@sojourn/plugin-kit/mail';
import PostalMime, { type Email } from 'postal-mime';
import { answerAddressOf, bounceOf, replyTo } from './answers.ts';
import { asItem, movesOf, openMails, type Mail, type MailState } from './mails.ts';

// A real mail server, and everybody who is written to.
//
//   B4. What comes back is a mail in the mailbox of the connection. A bounce of a mail whose sender has no mailbox here is
//       answered as a report: no line carries it.

/** The mail sandbox. */
export const emailSandbox: SandboxDefinition = { start };

async function start({ directory, port }: SandboxOptions): Promise<RunningSandbox> {
  const mails = openMails(directory);
  const watchers = new Set<(item: SandboxItem) => void>();
  const show = (mail: Mail): SandboxItem => {
    const item = asItem(mail);
    for (const watcher of watchers) watcher(item);
    return item;
  };
  const server = await startMailServer({
    directory,
    ...(port === undefined ? {} : { port }),
    keep: async (handed) => void show(mails.put(await mailOf(handed))),
    has: (messageId) => mails.has(messageId),
  });
  const mailbox = server.inbound.address;

  const bounce = (mail: Mail, type: 'bounce' | 'soft-bounce'): ProviderReport[] => {
    const kind = type === 'bounce' ? 'hard' : 'soft';
    show(mails.become(mail.id, kind === 'hard' ? 'bounced' : 'soft-bounced'));
    if (mail.returnPath !== mailbox) return [bounceReport(mail, kind)]; // B4
    server.deliver(bounceOf(mail, kind));
    return [];
  };
  const act = async (id: string, { type, text }: { type: string } & JsonObject) => {
    const mail = mails.get(id);
    if (!mail) throw new Error(`there is no mail '${id}'`);
    const possible = movesOf(mail).map((move) => move.type);
    if (!possible.includes(type))
      throw new Error(
        `'${type}' is nothing one can do with it now: ${possible.join(', ') || 'nothing is'}`,
      );
    if (type === 'bounce' || type === 'soft-bounce') return bounce(mail, type);
    if (typeof text !== 'string' || text === '') throw new Error('write a `text`');
    if (answerAddressOf(mail) !== mailbox)
      throw new Error('nobody reads answers to it: its connection has no mailbox here');
    server.deliver(await replyTo(mail, text));
    show(mails.become(id, 'replied'));
    return [];
  };
  const begin = async ({ type, from, subject, text }: { type: string } & JsonObject) => {
    if (type !== 'write') throw new Error(`'${type}' is nothing somebody does: write`);
    if (typeof from !== 'string' || !isAddress(from))
      throw new Error('`from` is one address, such as ada@example.org');
    if (typeof text !== 'string' || text === '') throw new Error('write a `text`');
    const raw = await composeMail({
      from: { name: '', address: from },
      to: { name: '', address: mailbox },
      subject: typeof subject === 'string' && subject !== '' ? subject : 'A question',
      text,
    });
    const mail = await mailOf({ raw, returnPath: from, recipients: [mailbox] });
    const item = show(mails.put({ ...mail, state: 'written' }));
    server.deliver(raw);
    return item;
  };

  return {
    connection: {
      type: 'smtp',
      settings: {
        ...server.smtp,
        from: 'Sojourn <care@sojourn.example>',
        inbound: server.inbound,
      },
    },
    items: ({ to, limit }) =>
      Promise.resolve(mails.list({ ...(to === undefined ? {} : { to }), limit }).map(asItem)),
    item: (id) => {
      const mail = mails.get(id);
      return Promise.resolve(mail && asItem(mail));
    },
    act,
    begin,
    behave: (mood) => server.behave(mood),
    report: (habit) => server.report(habit),
    watch: (onArrival) => {
      watchers.add(onArrival);
      return () => watchers.delete(onArrival);
    },
    close: async () => {
      await server.close();
      mails.close();
    },
  };
}

function bounceReport({ messageId, to }: Mail, kind: 'hard' | 'soft'): ProviderReport {
  return {
    type: 'happened',
    eventId: `${messageId}/${kind}`,
    eventType: 'email.bounced',
    subject: { attribute: 'email', value: to },
    data: { messageId, kind, code: kind === 'hard' ? '5.1.1' : '4.2.2' },
  };
}

async function mailOf({ raw, returnPath, recipients }: HandedMail): Promise<Omit<Mail, 'id'>> {
  const parsed = await PostalMime.parse(raw, { attachmentEncoding: 'utf8' });
  const html = parsed.html ?? '';
  const text = parsed.text ?? '';
  return {
    messageId: parsed.messageId ?? '',
    to: recipients.join(', '),
    from: parsed.from ? `${parsed.from.name} <${parsed.from.address ?? ''}>`.trim() : '',
    subject: parsed.subject ?? '',
    ...{ text, html, links: linksOf(html, text), returnPath },
    receivedAt: new Date().toISOString(),
    headers: Object.fromEntries(parsed.headers.map((header) => [header.key, header.value])),
    ...enclosedIn(parsed),
    state: 'delivered' satisfies MailState,
  };
}

/** The names of the files, and the text of the appointment. */
function enclosedIn({ attachments }: Email): Pick<Mail, 'attachments' | 'calendar'> {
  const calendar = attachments.find(({ mimeType }) => mimeType === 'text/calendar')?.content;
  const names = attachments.flatMap(({ filename }) => (filename === null ? [] : [filename]));
  return {
    ...(names.length > 0 ? { attachments: [...new Set(names)] } : {}),
    ...(typeof calendar === 'string' ? { calendar } : {}),
  };
}

function linksOf(html: string, text: string): string[] {
  const found = [...html.matchAll(/href="([^"]+)"/g)].map((match) =>
    (match[1] ?? '').replaceAll('&amp;', '&'),
  );
  const plain = [...text.matchAll(/https?:\/\/[^\s)>\]]+/g)].map((match) => match[0]);
  return [...new Set(found.length > 0 ? found : plain)];
}
