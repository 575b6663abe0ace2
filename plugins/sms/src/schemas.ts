// JSON Schemas of the connection, of the actions and of the events: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** `sms/smpp`: an SMSC and how one signs in there. */
export const smppConnection = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'port', 'systemId', 'password', 'sourceAddress'],
  properties: {
    host: { type: 'string', minLength: 1, title: 'Host', 'x-title': text('Host', '主機', '主机') },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 2775,
      title: 'Port',
      'x-title': text('Port', '連接埠', '端口'),
    },
    systemId: {
      type: 'string',
      minLength: 1,
      maxLength: 15,
      pattern: '^[\\u0021-\\u007e]+$',
      title: 'System id',
      'x-title': text('System id', '系統識別碼', '系统标识'),
    },
    password: {
      type: 'string',
      minLength: 1,
      maxLength: 64,
      pattern: '^[\\u0020-\\u007e]+$',
      title: 'Password',
      'x-title': text('Password', '密碼', '密码'),
      description: 'SMPP has eight characters; some providers take more.',
      'x-secret': true,
    },
    sourceAddress: {
      type: 'string',
      pattern: '^(\\+[1-9]\\d{6,14}|\\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ._-]{1,11})$',
      title: 'Sender',
      'x-title': text('Sender', '發送號碼', '发送号码'),
      description: 'A number (+886912345678), a short code, or a name: nobody can answer a name.',
    },
    tls: {
      type: 'boolean',
      default: false,
      title: 'TLS',
      'x-title': text('TLS', 'TLS 加密', 'TLS 加密'),
      description: 'The certificate must name the host.',
    },
  },
} as const;

const messageFields = {
  to: {
    type: 'string',
    maxLength: 40,
    title: 'To',
    'x-title': text('To', '收訊者', '收信人'),
    description: "A number with its country, +886912345678. Default: the person's own phone.",
    'x-template': true,
    contentMediaType: 'text/plain',
  },
  text: {
    type: 'string',
    minLength: 1,
    maxLength: 10_000,
    title: 'Text',
    'x-title': text('Text', '簡訊內容', '短信内容'),
    description: 'One part has 160 characters, or 70 with any that GSM does not know, as Chinese.',
    'x-template': true,
    'x-multiline': true,
    contentMediaType: 'text/plain',
  },
} as const;

/** Config of `sms/send`. */
export const sendConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['text'],
  properties: messageFields,
} as const;

/** Output of `sms/send`. */
export const sendOutput = {
  type: 'object',
  additionalProperties: false,
  properties: {
    state: { type: 'string', description: "The SMSC's word for it: DELIVRD, UNDELIV …" },
    error: { type: 'string', description: "The network's own code of what went wrong." },
  },
} as const;

/** Names that an answer may not have: other ports of the step have them. */
const taken = '(?!(?:other|silent|failed|timeout|suppressed)$)';

/** Config of `sms/ask`. */
export const askConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['text', 'answers'],
  properties: {
    ...messageFields,
    answers: {
      type: 'array',
      minItems: 1,
      maxItems: 12,
      title: 'Answers',
      'x-title': text('Answers', '預期回覆', '预期回复'),
      description:
        'What people may write: each is a port of the step. A number is the nth of them; anything else is other.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['port', 'words'],
        properties: {
          port: {
            type: 'string',
            pattern: `^${taken}[a-z][a-z0-9-]*$`,
            maxLength: 64,
            title: 'Port',
            'x-title': text('Port', '出口', '出口'),
          },
          words: {
            type: 'array',
            minItems: 1,
            maxItems: 30,
            title: 'Words',
            'x-title': text('Words', '關鍵字', '关键词'),
            description:
              'Any of them, with nothing else. Case, width and punctuation do not count.',
            items: { type: 'string', minLength: 1, maxLength: 100 },
          },
          label: {
            type: 'string',
            maxLength: 100,
            title: 'Label',
            'x-title': text('Label', '標籤', '标签'),
          },
        },
      },
    },
  },
} as const;

/** Output of `sms/ask`. */
export const askOutput = {
  type: 'object',
  additionalProperties: false,
  properties: {
    answer: { type: 'string', description: 'The port of the answer, or other.' },
    text: { type: 'string', description: 'What was written.' },
  },
} as const;

/** Data of the events that text messages bring. */
export const events = {
  'sms.replied': {
    title: text('Text message received', '收到簡訊', '收到短信'),
    schema: {
      type: 'object',
      properties: {
        text: { type: 'string' },
        parts: { type: 'integer', description: 'Of how many messages it was put together.' },
        help: { type: 'boolean', description: 'Whether it asks for help, and nothing else.' },
      },
    },
  },
  'sms.stopped': {
    title: text('Stopped by text message', '以簡訊退訂', '以短信退订'),
    schema: {
      type: 'object',
      properties: {
        word: { type: 'string' },
        language: { type: 'string', description: 'Of the word: en, zh-Hant, zh-Hans, zh.' },
      },
    },
  },
};
