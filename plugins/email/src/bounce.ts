import { fieldsIn, type ReceivedMail } from '@sojourn/plugin-kit/mail';
import { isProven, proofHeader } from './proof.ts';
import type { EmailSettings } from './settings.ts';

/** A mail of ours that did not arrive, or not yet. */
export interface Bounce {
  /** As we wrote it. */
  to: string;
  messageId: string;
  /** `hard`: it never will. */
  kind: 'hard' | 'soft';
  /** RFC 3463: `5.1.1` */
  code: string;
}

/** Whether a mail is a report about the delivery of another (RFC 3464), genuine or not. */
export function isDeliveryReport(mail: ReceivedMail): boolean {
  return mail.parts.some(({ type }) => type === 'message/delivery-status');
}

/** The bounce that a mail reports; undefined when it reports none, or none of a mail that was ours. */
export function bounceIn(
  mail: ReceivedMail,
  settings: Pick<EmailSettings, 'inbound' | 'dkim'>,
): Bounce | undefined {
  const status = statusIn(partOf(mail, 'message/delivery-status'));
  if (!status) return undefined;
  const [head = ''] = (
    partOf(mail, 'text/rfc822-headers') ??
    partOf(mail, 'message/rfc822') ??
    ''
  ).split(/\r?\n\r?\n/);
  const returned = fieldsIn(head);
  const messageId = returned['message-id'] ?? '';
  const to = /[^\s<>,;:"]+@[^\s<>,;:"]+/.exec(returned['to'] ?? '')?.[0] ?? '';
  const code = returned[proofHeader.toLowerCase()] ?? '';
  return isProven(settings, { messageId, to }, code) ? { to, messageId, ...status } : undefined;
}

const partOf = ({ parts }: ReceivedMail, type: string): string | undefined =>
  parts.find((part) => part.type === type)?.content;

/** How it stands with the recipient: every mail of ours has one. */
function statusIn(report: string | undefined): Pick<Bounce, 'kind' | 'code'> | undefined {
  for (const block of (report ?? '').trim().split(/\r?\n(?:[ \t]*\r?\n)+/)) {
    const { action = '', status = '' } = fieldsIn(block);
    const [code] = /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(status) ?? [];
    if (code === undefined || !/^(failed|delayed)\b/i.test(action)) continue;
    const isFinal = code.startsWith('5') && !/^delayed/i.test(action);
    return { kind: isFinal ? 'hard' : 'soft', code };
  }
  return undefined;
}
