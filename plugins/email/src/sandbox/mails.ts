import type { SandboxItem, SandboxMove } from '@sojourn/plugin-kit';
import { openJournal } from '@sojourn/plugin-kit/mail';

/** How a mail stands with whom it went to; `written`: it came from them. */
export type MailState = 'delivered' | 'replied' | 'bounced' | 'soft-bounced' | 'written';

/** A mail as it arrived. */
export interface Mail {
  id: string;
  messageId: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  links: string[];
  /** RFC 3339 */
  receivedAt: string;
  headers: Record<string, string>;
  /** Where bounces of it go. */
  returnPath?: string;
  /** By name. */
  attachments?: string[];
  /** The text of its appointment. */
  calendar?: string;
  state?: MailState;
}

type Entry = Mail | { id: string; state: MailState };

/** Mails kept in one append-only file: what was answered with 250 is there after any crash of ours. */
export interface Mails {
  /** Stores a mail before it returns. Answers it with its id. */
  put(mail: Omit<Mail, 'id'>): Mail;
  become(id: string, state: MailState): Mail;
  /** Newest first. */
  list(filter: { to?: string; limit: number }): Mail[];
  get(id: string): Mail | undefined;
  has(messageId: string): boolean;
  close(): void;
}

/** Opens the mails in a folder. */
export function openMails(directory: string): Mails {
  const journal = openJournal<Entry>(directory, 'mail.jsonl');
  const mails = new Map<string, Mail>();
  const messageIds = new Set<string>();
  const remember = (entry: Entry): void => {
    if ('messageId' in entry) {
      mails.set(entry.id, entry);
      messageIds.add(entry.messageId);
      return;
    }
    const mail = mails.get(entry.id);
    if (mail) mail.state = entry.state;
  };
  const keep = (entry: Entry): void => {
    journal.write(entry);
    remember(entry);
  };
  for (const entry of journal.entries) remember(entry);
  return {
    put(given) {
      const mail = { ...given, id: `m${mails.size + 1}` };
      keep(mail);
      return mail;
    },
    become(id, state) {
      keep({ id, state });
      const mail = mails.get(id);
      if (!mail) throw new Error(`there is no mail '${id}'`);
      return mail;
    },
    list({ to, limit }) {
      const wanted = to?.toLowerCase();
      const isAsked = (mail: Mail): boolean =>
        wanted === undefined ||
        mail.to.toLowerCase().includes(wanted) ||
        (mail.state === 'written' && mail.from.toLowerCase().includes(wanted));
      const found: Mail[] = [];
      for (const mail of [...mails.values()].reverse()) {
        if (found.length >= limit) break;
        if (isAsked(mail)) found.push(mail);
      }
      return found;
    },
    get: (id) => mails.get(id),
    has: (messageId) => messageIds.has(messageId),
    close: () => journal.close(),
  };
}

const title = (en: string, hant: string, hans: string) => ({
  ...{ en, 'zh-Hant': hant, 'zh-Hans': hans },
});
const reply: SandboxMove = {
  type: 'reply',
  title: title('Reply', '回覆', '回复'),
  input: {
    ...{ type: 'object', additionalProperties: false, required: ['text'] },
    properties: {
      text: {
        ...{ type: 'string', minLength: 1, maxLength: 5_000, title: 'Text', default: 'Thank you.' },
        'x-title': title('Text', '內容', '内容'),
        'x-multiline': true,
      },
    },
  },
};
const bounce: SandboxMove = {
  ...{ type: 'bounce', title: title('No such address', '查無此地址', '查无此地址'), harm: true },
};
const softBounce: SandboxMove = {
  ...{ type: 'soft-bounce', title: title('Mailbox full', '信箱已滿', '邮箱已满'), harm: true },
};

/** What can be done with a mail now. */
export function movesOf({ state = 'delivered' }: Pick<Mail, 'state'>): SandboxMove[] {
  switch (state) {
    case 'delivered':
    case 'soft-bounced':
      return [reply, bounce, softBounce];
    case 'replied':
      return [reply];
    case 'bounced':
    case 'written':
      return [];
  }
}

/** A mail as a sandbox item. */
export function asItem({
  returnPath: _returnPath,
  state = 'delivered',
  ...mail
}: Mail): SandboxItem {
  return { ...mail, at: mail.receivedAt, state, moves: movesOf({ state }) };
}
