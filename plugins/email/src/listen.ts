import { once } from 'node:events';
import { happened, type PluginContext, type ProviderReport } from '@sojourn/plugin-kit';
import { listenToMailbox, parseSender, type ReceivedMail } from '@sojourn/plugin-kit/mail';
import { bounceIn, isDeliveryReport } from './bounce.ts';
import { toText } from './content.ts';
import { isAutomatic, writtenIn } from './reply.ts';
import { settingsOf, type EmailSettings } from './settings.ts';

// What comes to the mailbox, as reports.
//
//   I1. A bounce is believed when it brings back a mail of ours (see proof.ts). `send` is over by then, so no reference leads from
//       it to an effect: it is about whoever has the address that the mail went to.
//   I2. Nothing is answered, so nothing can go in circles; what no person wrote is no reply.

const mostText = 20_000;

/** Reports bounces and replies until `context.signal` aborts; nothing when the connection has no mailbox. */
export async function* listen(context: PluginContext): AsyncGenerator<ProviderReport, void> {
  const settings = settingsOf(context);
  const { inbound } = settings;
  if (inbound) yield* listenToMailbox(inbound, context, (mail) => reportsOf(mail, settings));
  else if (!context.signal.aborted) await once(context.signal, 'abort');
}

/** What a mail says. */
export function reportsOf(mail: ReceivedMail, settings: EmailSettings): ProviderReport[] {
  if (isDeliveryReport(mail)) {
    const bounce = bounceIn(mail, settings);
    return bounce ? [reportOfBounce(bounce)] : [];
  }
  const own = [settings.inbound?.address, parseSender(settings.from)?.address];
  const isOwn = own.some((address) => address?.toLowerCase() === mail.from);
  if (mail.from === '' || isOwn || isAutomatic(mail)) return []; // I2
  return [reportOfReply(mail)];
}

function reportOfBounce({ to, messageId, kind, code }: NonNullable<ReturnType<typeof bounceIn>>) {
  const subject = { attribute: 'email', value: to }; // I1
  const eventId = `${messageId}/${kind}`;
  return happened('email.bounced', subject, { messageId, kind, code }, { eventId });
}

function reportOfReply({ id, from, subject, text, html, answersTo }: ReceivedMail): ProviderReport {
  const written = writtenIn(text.trim() === '' ? toText(html) : text).slice(0, mostText);
  const [inReplyTo] = answersTo;
  return happened(
    'email.replied',
    { attribute: 'email', value: from },
    {
      subject: subject.slice(0, 500),
      text: written,
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
    },
    { eventId: `reply/${id}`, message: { text: written } },
  );
}
