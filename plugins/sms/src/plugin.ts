import {
  accepted,
  definePlugin,
  type ActionDefinition,
  type ConnectionHealth,
  type JsonObject,
  type PerformRequest,
  type PluginContext,
  type PluginSubject,
} from '@sojourn/plugin-kit';
import { answerOf, assertAnswerable, other, silent, type ExpectedAnswer } from './answer.ts';
import { statusError } from './errors.ts';
import { settingsOf, withLine } from './line.ts';
import { listen } from './listen.ts';
import { findText } from './lookup.ts';
import { countParts, readyText } from './parts.ts';
import { sourceFields, toPhone } from './phone.ts';
import { status } from './protocol.ts';
import { smscSandbox } from './sandbox/sandbox.ts';
import { askConfig, askOutput, events, sendConfig, sendOutput, smppConnection } from './schemas.ts';
import { submitText, type OutgoingText } from './submit.ts';

interface MessageConfig {
  to?: string;
  text: string;
}

/** What both actions do alike. */
const message = {
  schemaVersion: 1,
  connection: 'smpp',
  settles: 'later',
  defaultTimeout: 'P2D',
  idempotency: 'deduplicated',
  contact: true,

  preview({ config, subject }: { config: JsonObject; subject: PluginSubject }): JsonObject {
    const { text } = config as unknown as MessageConfig;
    const to = recipientOf(config, subject);
    return {
      to: to === undefined ? null : (toPhone(to) ?? to),
      text: readyText(text),
      ...countParts(text),
    };
  },

  reconcile: async (idempotencyKey: string, context: PluginContext) =>
    await findText(idempotencyKey, context),

  async cancel(reference: string, context: PluginContext): Promise<boolean> {
    const { sourceAddress } = settingsOf(context);
    const answered = await withLine(context, (line) =>
      line.ask('cancel_sm', { message_id: reference, ...sourceFields(sourceAddress) }),
    );
    return answered.command_status === status.ok;
  },
} satisfies Partial<ActionDefinition>;

const send: ActionDefinition = {
  ...message,
  title: { en: 'Send a text message', 'zh-Hant': '傳送簡訊', 'zh-Hans': '发送短信' },
  config: sendConfig,
  output: sendOutput,
  sample: { state: 'DELIVRD' },
  outcomes: ['delivered', 'undelivered'],
  whenSuppressed: 'undelivered',

  perform: async (request, context) =>
    accepted(await submitText({ ...outgoing(request), wantsReceipt: true }, context)),
};

const ask: ActionDefinition = {
  ...message,
  title: { en: 'Ask by text message', 'zh-Hant': '以簡訊詢問', 'zh-Hans': '以短信询问' },
  config: askConfig,
  output: askOutput,
  sample: { answer: 'yes', text: 'Yes!' },
  outcomes: { from: '/answers', key: 'port', also: [other, silent] },
  whenSuppressed: silent,
  deadlineOutcome: silent,

  async perform(request, context) {
    assertAnswerable(request.config['answers'] as unknown as ExpectedAnswer[]);
    // No receipt: only an answer, or none, ends a question. How its text fared would be an outcome that it does not have.
    return accepted(await submitText({ ...outgoing(request), wantsReceipt: false }, context));
  },

  answer: answerOf,
};

function outgoing(request: PerformRequest): Omit<OutgoingText, 'wantsReceipt'> {
  const { config, subject, idempotencyKey } = request;
  const { text } = config as unknown as MessageConfig;
  return { to: recipientOf(config, subject), text, idempotencyKey };
}

/** Whom it goes to: as the step says, or the person's own number. */
function recipientOf(config: JsonObject, subject: PluginSubject): string | undefined {
  const own = subject.attributes['phone'];
  const { to } = config as unknown as MessageConfig;
  return to ?? (typeof own === 'string' ? own : undefined);
}

/** Signs in, asks whether the SMSC is there, and signs out. */
async function check(context: PluginContext): Promise<ConnectionHealth> {
  const began = context.clock();
  const answered = await withLine(context, (line) => line.ask('enquire_link'));
  if (answered.command_status !== status.ok) throw statusError(answered.command_status);
  return { status: 'ok', latencyMs: context.clock() - began };
}

/** Text messages over SMPP, with delivery receipts, answers and words that stop. */
export const sms = definePlugin({
  id: 'sms',
  version: '1.0.0',
  apiVersion: 1,
  name: { en: 'Text message', 'zh-Hant': '簡訊', 'zh-Hans': '短信' },
  description: {
    en: 'Sends text messages over SMPP and asks by them. Answers and stops come back as events.',
    'zh-Hant': '透過 SMPP 傳送簡訊並提問。回覆與退訂會以事件回報。',
    'zh-Hans': '通过 SMPP 发送短信并提问。回复与退订会以事件回报。',
  },
  icon: 'message',
  category: 'message',
  connections: {
    smpp: { title: 'SMPP', schema: smppConnection, limits: { perSecond: 20 }, check, listen },
  },
  actions: { send, ask },
  events,
  sandbox: smscSandbox,
});
