import { PluginError, type LinkMaker } from '@sojourn/plugin-kit';
import { isAddress, messageIdOf, parseSender, type OutgoingMail } from '@sojourn/plugin-kit/mail';
import { escaped, toHtml, toText, trackedBy } from './content.ts';
import {
  enclosedCalendar,
  enclosedFiles,
  type Attachment,
  type CalendarConfig,
} from './enclosed.ts';
import { proofHeader, proofOf } from './proof.ts';
import type { EmailSettings } from './settings.ts';

/** A rendered config of `email/send`. */
export interface SendConfig {
  to?: string;
  subject: string;
  body: string;
  text?: string;
  replyTo?: string;
  track?: boolean;
  attachments?: Attachment[];
  calendar?: CalendarConfig;
}

/** A message ready for SMTP. */
export type Message = OutgoingMail & { html: string };

/** What a message is made with beside its config. */
export interface Sending {
  /** The person's own. */
  address: string | undefined;
  settings: Pick<EmailSettings, 'from' | 'dkim' | 'inbound'>;
  idempotencyKey: string;
  links?: LinkMaker;
  /** Milliseconds since 1970. */
  now: number;
}

/** Makes the message of a config. Throws `PluginError` of kind `config` or `permanent` when there is no usable address. */
export function composeMessage(config: SendConfig, given: Sending): Message {
  const { settings, links, idempotencyKey, now } = given;
  const from = parseSender(settings.from);
  if (!from) {
    throw new PluginError({
      code: 'bad-sender',
      kind: 'config',
      detail: "the connection's 'from' is no address",
    });
  }
  const to = config.to ?? given.address;
  if (to === undefined || to === '') {
    throw new PluginError({
      code: 'no-address',
      kind: 'permanent',
      detail: "the person has no attribute 'email', and the step gives no 'to'",
    });
  }
  if (!isAddress(to)) {
    throw new PluginError({
      code: 'bad-address',
      kind: 'permanent',
      detail: 'the recipient is not one plain e-mail address',
    });
  }
  if (config.replyTo !== undefined && config.replyTo !== '' && !isAddress(config.replyTo)) {
    throw new PluginError({
      code: 'bad-reply-to',
      kind: 'config',
      detail: "'replyTo' is not one plain e-mail address",
    });
  }
  const content = toHtml(config.body);
  const tracked = links !== undefined && config.track !== false;
  const html = tracked ? trackedBy(content, (target) => links.click(target)) : content;
  const unsubscribe = links?.unsubscribe();
  const replyTo = config.replyTo === '' ? undefined : config.replyTo;
  const answersGoTo = replyTo ?? settings.inbound?.address;
  const messageId = messageIdOf(idempotencyKey, settings.from);
  const proof = proofOf(settings, { messageId, to });
  return {
    ...{ from, to, messageId },
    subject: config.subject.replace(/[\r\n]+/g, ' '),
    html: layout(html, unsubscribe, tracked ? links.open() : undefined),
    text:
      (config.text ?? toText(content)) +
      (unsubscribe === undefined ? '' : `\n\n--\nUnsubscribe: ${unsubscribe}\n`),
    ...(answersGoTo === undefined ? {} : { replyTo: answersGoTo }),
    ...(settings.inbound ? { returnPath: settings.inbound.address } : {}),
    ...(settings.dkim ? { dkim: settings.dkim } : {}),
    ...(config.attachments ? { attachments: enclosedFiles(config.attachments) } : {}),
    ...(config.calendar
      ? {
          calendar: enclosedCalendar(config.calendar, {
            ...{ idempotencyKey, now },
            from: settings.from,
          }),
        }
      : {}),
    headers: {
      'Auto-Submitted': 'auto-generated', // RFC 3834: nobody's absence has to be told to us
      ...(proof === undefined ? {} : { [proofHeader]: proof }),
      ...(unsubscribe === undefined
        ? {}
        : {
            'List-Unsubscribe': `<${unsubscribe}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }), // RFC 8058
    },
  };
}

/** A layout that every mail program shows: one column, 600 px, inline styles only. */
function layout(
  content: string,
  unsubscribe: string | undefined,
  pixel: string | undefined,
): string {
  const footer =
    unsubscribe === undefined
      ? ''
      : `<p style="margin:24px 0 0;padding-top:12px;border-top:1px solid #e2e7e8;font-size:12px;color:#627076"><a href="${escaped(unsubscribe)}" style="color:#627076">Unsubscribe · 取消訂閱 · 取消订阅</a></p>`;
  const image =
    pixel === undefined
      ? ''
      : `<img src="${escaped(pixel)}" width="1" height="1" alt="" style="display:block">`;
  return `<!doctype html><html><body style="margin:0;background:#f6f7f7"><div style="max-width:600px;margin:0 auto;padding:24px;background:#ffffff;color:#172024;font:16px/1.55 -apple-system,'Segoe UI',Roboto,'Noto Sans','PingFang TC','Microsoft JhengHei',sans-serif">${content}${footer}</div>${image}</body></html>`;
}
