import PostalMime, { type Attachment } from 'postal-mime';
import { hashOf } from './message-id.ts';

/** A mail that came in. */
export interface ReceivedMail {
  /** The same for the same mail, however often it is delivered. */
  id: string;
  messageId: string;
  /** The address it says it comes from, in lower case; empty when it names none. */
  from: string;
  subject: string;
  text: string;
  html: string;
  /** The Message-IDs that it answers to. */
  answersTo: string[];
  /** By their names in lower case; of several with one name the first. */
  headers: Record<string, string>;
  parts: MailPart[];
}

/** A part of a mail that is neither its text nor its HTML. */
export interface MailPart {
  type: string;
  content: string;
}

/** Takes a mail apart. */
export async function readMail(raw: Uint8Array): Promise<ReceivedMail> {
  const mail = await PostalMime.parse(raw);
  const headers: Record<string, string> = {};
  for (const { key, value } of mail.headers) headers[key] ??= value;
  const from = mail.from?.address?.toLowerCase() ?? '';
  const messageId = mail.messageId ?? '';
  return {
    id: hashOf(messageId === '' ? raw : `${from} ${messageId}`),
    ...{ messageId, from, headers },
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    answersTo:
      `${headers['in-reply-to'] ?? ''} ${headers['references'] ?? ''}`.match(/<[^<>\s]+>/g) ?? [],
    parts: mail.attachments.map((part) => ({ type: part.mimeType, content: textOf(part) })),
  };
}

/** Fields of a header block by their names in lower case, unfolded; of several with one name the first. */
export function fieldsIn(block: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields[name.toLowerCase()] ??= value?.trim() ?? '';
  }
  return fields;
}

function textOf({ content }: Attachment): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
