import {
  definePlugin,
  done,
  type ActionDefinition,
  type ConnectionHealth,
  type PluginContext,
} from '@sojourn/plugin-kit';
import {
  assertSigns,
  hasMessage,
  messageIdOf,
  openPop3,
  sendMail,
  verifyServer,
} from '@sojourn/plugin-kit/mail';
import { listen } from './listen.ts';
import { composeMessage, type SendConfig } from './message.ts';
import { emailSandbox } from './sandbox/sandbox.ts';
import { events, sendConfig, sendOutput, smtpConnection } from './schemas.ts';
import { settingsOf } from './settings.ts';

const send: ActionDefinition = {
  title: { en: 'Send an e-mail', 'zh-Hant': '寄送電子郵件', 'zh-Hans': '发送电子邮件' },
  schemaVersion: 1,
  connection: 'smtp',
  config: sendConfig,
  output: sendOutput,
  sample: { messageId: '<5f0c1a@clinic.example>', response: '250 OK' },
  outcomes: ['sent'],
  whenSuppressed: 'sent',
  settles: 'now',
  idempotency: 'none',
  contact: true,

  async perform(request, context) {
    const settings = settingsOf(context);
    const address = request.subject.attributes['email'];
    const message = composeMessage(request.config as unknown as SendConfig, {
      address: typeof address === 'string' ? address : undefined,
      ...{ settings, idempotencyKey: request.idempotencyKey, links: request.links },
      now: context.clock(),
    });
    const response = await sendMail(settings, message, context);
    return done('sent', { messageId: message.messageId, response: response.slice(0, 200) });
  },

  preview({ config, subject }) {
    const address = subject.attributes['email'];
    const { to, ...message } = config as unknown as SendConfig;
    const composed = composeMessage(
      { ...message, to: to ?? (typeof address === 'string' ? address : 'nobody@preview.example') },
      {
        ...{ address: undefined, idempotencyKey: 'preview', now: 0 },
        settings: { from: 'preview@preview.example' },
      },
    );
    return {
      to: to ?? address ?? null,
      subject: composed.subject,
      html: composed.html,
      text: composed.text,
      attachments: [
        ...(composed.attachments ?? []).map(({ filename }) => filename),
        ...(composed.calendar ? ['invite.ics'] : []),
      ],
    };
  },

  async reconcile(idempotencyKey, context) {
    const settings = settingsOf(context);
    const messageId = messageIdOf(idempotencyKey, settings.from);
    return (await hasMessage(settings, messageId, context))
      ? done('sent', { messageId })
      : { type: 'not-found' };
  },
};

/** Says hello to the server, and signs in to the mailbox when there is one. */
async function check(context: PluginContext): Promise<ConnectionHealth> {
  const began = context.clock();
  const settings = settingsOf(context);
  if (settings.dkim) assertSigns(settings.dkim);
  await verifyServer(settings, context);
  if (settings.inbound) {
    const session = await openPop3(settings.inbound, context);
    await session.quit().finally(() => session.close());
  }
  return { status: 'ok', latencyMs: context.clock() - began };
}

/** E-mail over SMTP, with one-click unsubscribe and signed links. */
export const email = definePlugin({
  id: 'email',
  version: '1.0.0',
  apiVersion: 1,
  name: { en: 'E-mail', 'zh-Hant': '電子郵件', 'zh-Hans': '电子邮件' },
  description: {
    en: 'Sends e-mail over SMTP. Opens, clicks, bounces, replies and unsubscribes come back as events.',
    'zh-Hant': '透過 SMTP 寄送電子郵件。開信、點擊、退信、回覆與退訂會以事件回報。',
    'zh-Hans': '通过 SMTP 发送电子邮件。打开、点击、退信、回复与退订会以事件回报。',
  },
  icon: 'mail',
  category: 'message',
  connections: {
    smtp: { title: 'SMTP', schema: smtpConnection, limits: { perSecond: 20 }, check, listen },
  },
  actions: { send },
  events,
  sandbox: emailSandbox,
});
