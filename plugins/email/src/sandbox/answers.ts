import { randomUUID } from 'node:crypto';
import { composeMail } from '@sojourn/plugin-kit/mail';
import type { Mail } from './mails.ts';

// The mails that come back, as mail programs and servers write them.

const statuses = {
  hard: { action: 'failed', status: '5.1.1', words: '550 5.1.1 no such user here' },
  soft: { action: 'delayed', status: '4.2.2', words: '452 4.2.2 mailbox full' },
};

/** A report that a mail did not arrive (RFC 3464), with the headers of the mail. */
export function bounceOf(mail: Mail, kind: 'hard' | 'soft'): Buffer {
  const { action, status, words } = statuses[kind];
  const boundary = `bounce-${randomUUID()}`;
  const part = (type: string, lines: string[]) => [
    ...[`--${boundary}`, `Content-Type: ${type}`, ''],
    ...[...lines, ''],
  ];
  const lines = [
    ...['Return-Path: <>', 'From: Mail Delivery System <mailer-daemon@sandbox.example>'],
    `To: ${mail.returnPath ?? ''}`,
    `Subject: ${kind === 'hard' ? 'Undelivered mail returned to sender' : 'Delayed mail'}`,
    `Date: ${new Date().toUTCString()}`,
    `Message-ID: <${randomUUID()}@sandbox.example>`,
    ...['Auto-Submitted: auto-replied', 'MIME-Version: 1.0'],
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    ...part('text/plain; charset=utf-8', ['Your mail could not be delivered.']),
    ...part('message/delivery-status', [
      ...['Reporting-MTA: dns; sandbox.example', ''],
      ...[`Final-Recipient: rfc822; ${mail.to}`, `Action: ${action}`, `Status: ${status}`],
      `Diagnostic-Code: smtp; ${words}`,
    ]),
    ...part(
      'text/rfc822-headers',
      Object.entries(mail.headers).map(([name, value]) => `${name}: ${value}`),
    ),
    ...[`--${boundary}--`, ''],
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** What somebody answers to a mail, with the mail quoted. */
export async function replyTo(mail: Mail, text: string): Promise<Buffer> {
  const quoted = mail.text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
  return await composeMail({
    from: { name: '', address: mail.to },
    to: { name: '', address: answerAddressOf(mail) },
    subject: `Re: ${mail.subject}`,
    ...{ inReplyTo: mail.messageId, references: mail.messageId },
    text: `${text}\n\nOn ${new Date(mail.receivedAt).toUTCString()}, ${mail.from} wrote:\n${quoted}\n`,
  });
}

/** Where an answer to a mail goes. */
export function answerAddressOf({ headers, from }: Pick<Mail, 'headers' | 'from'>): string {
  const to = headers['reply-to'] ?? from;
  return /[^\s<>]+@[^\s<>]+/.exec(to)?.[0] ?? '';
}
