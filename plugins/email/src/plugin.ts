import {
  definePlugin,
  done,
  type ActionDefinition,
  type ConnectionHealth,
  type PluginContext,
} from '@sojourn/plugin-kit';
import { hasMessage } from './lookup.ts';
import { composeMessage, messageIdOf, type SendConfig } from './message.ts';
import { emailSandbox } from './sandbox/sandbox.ts';
import { events, sendConfig, sendOutput, smtpConnection } from './schemas.ts';
import { sendOnce, settingsOf, verifyLine } from './smtp.ts';

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
    const { from } = settingsOf(context);
    const address = request.subject.attributes['email'];
    const message = composeMessage(request.config as unknown as SendConfig, {
      address: typeof address === 'string' ? address : undefined,
      from,
      idempotencyKey: request.idempotencyKey,
      links: request.links,
    });
    const response = await sendOnce(message, context);
    return done('sent', { messageId: message.messageId, response: response.slice(0, 200) });
  },

  preview({ config, subject }) {
    const address = subject.attributes['email'];
    const { to, ...message } = config as unknown as SendConfig;
    const composed = composeMessage(
      { ...message, to: to ?? (typeof address === 'string' ? address : 'nobody@preview.example') },
      { address: undefined, from: 'preview@preview.example', idempotencyKey: 'preview' },
    );
    return {
      to: to ?? address ?? null,
      subject: composed.subject,
      html: composed.html,
      text: composed.text,
    };
  },

  async reconcile(idempotencyKey, context) {
    const messageId = messageIdOf(idempotencyKey, settingsOf(context).from);
    return (await hasMessage(messageId, context))
      ? done('sent', { messageId })
      : { type: 'not-found' };
  },
};

async function check(context: PluginContext): Promise<ConnectionHealth> {
  const began = context.clock();
  await verifyLine(context);
  return { status: 'ok', latencyMs: context.clock() - began };
}

/** E-mail over SMTP, with one-click unsubscribe and signed links. */
export const email = definePlugin({
  id: 'email',
  version: '1.0.0',
  apiVersion: 1,
  name: { en: 'E-mail', 'zh-Hant': '電子郵件', 'zh-Hans': '电子邮件' },
  description: {
    en: 'Sends e-mail over SMTP. Opens, clicks, bounces and unsubscribes come back as events.',
    'zh-Hant': '透過 SMTP 寄送電子郵件。開信、點擊、退信與退訂會以事件回報。',
    'zh-Hans': '通过 SMTP 发送电子邮件。打开、点击、退信与退订会以事件回报。',
  },
  icon: 'mail',
  category: 'message',
  connections: {
    smtp: { title: 'SMTP', schema: smtpConnection, limits: { perSecond: 20 }, check },
  },
  actions: { send },
  events,
  sandbox: emailSandbox,
});
