// JSON Schemas of the connection and of the action: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** `email/smtp`: an SMTP server. */
export const smtpConnection = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'port', 'security', 'from'],
  properties: {
    host: { type: 'string', minLength: 1, title: 'Host', 'x-title': text('Host', '主機', '主机') },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 587,
      title: 'Port',
      'x-title': text('Port', '連接埠', '端口'),
    },
    security: {
      enum: ['none', 'starttls', 'tls'],
      default: 'starttls',
      title: 'Security',
      'x-title': text('Security', '加密', '加密'),
      description: 'How the line is encrypted. `none` is for servers on this machine only.',
    },
    username: {
      type: 'string',
      title: 'User name',
      'x-title': text('User name', '使用者名稱', '用户名'),
    },
    password: {
      type: 'string',
      title: 'Password',
      'x-title': text('Password', '密碼', '密码'),
      'x-secret': true,
    },
    from: {
      type: 'string',
      minLength: 3,
      title: 'From',
      'x-title': text('From', '寄件者', '发件人'),
      description: 'An address, or a name and an address: Care team <care@clinic.example>.',
    },
  },
} as const;

/** Config of `email/send`. */
export const sendConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['subject', 'body'],
  properties: {
    to: {
      type: 'string',
      title: 'To',
      'x-title': text('To', '收件者', '收件人'),
      description: "An address. Default: the person's own e-mail address.",
      'x-template': true,
      contentMediaType: 'text/plain',
    },
    subject: {
      type: 'string',
      minLength: 1,
      maxLength: 500,
      title: 'Subject',
      'x-title': text('Subject', '主旨', '主题'),
      'x-template': true,
      contentMediaType: 'text/plain',
    },
    body: {
      type: 'string',
      minLength: 1,
      maxLength: 200_000,
      title: 'Body',
      'x-title': text('Body', '內文', '正文'),
      description: 'Markdown, or HTML when it begins with a tag.',
      'x-template': true,
      'x-multiline': true,
      contentMediaType: 'text/markdown',
    },
    text: {
      type: 'string',
      maxLength: 200_000,
      title: 'Plain text',
      'x-title': text('Plain text', '純文字', '纯文本'),
      description: 'For readers without HTML. Default: made from the body.',
      'x-template': true,
      'x-multiline': true,
      contentMediaType: 'text/plain',
    },
    replyTo: {
      type: 'string',
      title: 'Reply to',
      'x-title': text('Reply to', '回覆至', '回复至'),
      'x-template': true,
      contentMediaType: 'text/plain',
    },
    track: {
      type: 'boolean',
      default: true,
      title: 'Notice opens and clicks',
      'x-title': text('Notice opens and clicks', '記錄開信與點擊', '记录打开与点击'),
    },
  },
} as const;

/** Output of `email/send`. */
export const sendOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['messageId'],
  properties: {
    messageId: { type: 'string', description: 'The Message-ID: made from the idempotency key.' },
    response: { type: 'string', description: "The server's answer." },
  },
} as const;

const aboutMessage = { messageId: { type: 'string' } };

/** Data of the events that e-mail brings. */
export const events = {
  'email.opened': { title: 'E-mail opened', schema: { type: 'object', properties: aboutMessage } },
  'email.clicked': {
    title: 'Link clicked',
    schema: { type: 'object', properties: { ...aboutMessage, url: { type: 'string' } } },
  },
  'email.bounced': {
    title: 'E-mail bounced',
    schema: {
      type: 'object',
      properties: { ...aboutMessage, kind: { enum: ['hard', 'soft'] }, code: { type: 'string' } },
    },
  },
  'email.unsubscribed': {
    title: 'Unsubscribed',
    schema: { type: 'object', properties: aboutMessage },
  },
};
