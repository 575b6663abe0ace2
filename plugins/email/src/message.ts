import { createHash } from 'node:crypto';
import { PluginError, type LinkMaker } from '@sojourn/plugin-kit';
import { isAddress } from './address.ts';
import { escaped, toHtml, toText, trackedBy } from './content.ts';

/** A rendered config of `email/send`. */
export interface SendConfig {
  to?: string;
  subject: string;
  body: string;
  text?: string;
  replyTo?: string;
  track?: boolean;
}

/** A message ready for SMTP. */
export interface Message {
  to: string;
  subject: string;
  html: string;
  text: string;
  replyTo?: string;
  messageId: string;
  headers: Record<string, string>;
}

/**
 * The Message-ID of an effect: a hash of its idempotency key, so that every attempt has the same and it tells nothing. The
 * domain is the sender's, as RFC 5322 (3.6.4) recommends.
 */
export function messageIdOf(idempotencyKey: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'sojourn.invalid';
  return `<${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40)}@${domain}>`;
}

/** Makes the message of a config. Throws `PluginError` of kind `config` or `permanent` when there is no usable address. */
export function composeMessage(
  config: SendConfig,
  given: { address: string | undefined; from: string; idempotencyKey: string; links?: LinkMaker },
): Message {
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
  const links = given.links;
  const tracked = links !== undefined && config.track !== false;
  const html = tracked ? trackedBy(content, (target) => links.click(target)) : content;
  const unsubscribe = links?.unsubscribe();
  return {
    to,
    subject: config.subject.replace(/[\r\n]+/g, ' '),
    html: layout(html, unsubscribe, tracked ? links.open() : undefined),
    text:
      (config.text ?? toText(content)) +
      (unsubscribe === undefined ? '' : `\n\n--\nUnsubscribe: ${unsubscribe}\n`),
    ...(config.replyTo === undefined || config.replyTo === '' ? {} : { replyTo: config.replyTo }),
    messageId: messageIdOf(given.idempotencyKey, given.from),
    headers:
      unsubscribe === undefined
        ? {}
        : {
            'List-Unsubscribe': `<${unsubscribe}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }, // RFC 8058
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
