import { inboundSchema, serverProperties } from '@sojourn/plugin-kit/mail';

// JSON Schemas of the connection and of the action: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** `email/smtp`: an SMTP server, how its mails are signed, and the mailbox that answers come to. */
export const smtpConnection = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'port', 'security', 'from'],
  properties: {
    ...serverProperties(587),
    from: {
      type: 'string',
      minLength: 3,
      title: 'From',
      'x-title': text('From', '寄件者', '发件人'),
      description: 'An address, or a name and an address: Care team <care@clinic.example>.',
      'x-description': text(
        'An address, or a name and an address: Care team <care@clinic.example>.',
        '一個地址，或名稱加地址：Care team <care@clinic.example>。',
        '一个地址，或名称加地址：Care team <care@clinic.example>。',
      ),
    },
    dkim: {
      type: 'object',
      additionalProperties: false,
      required: ['domain', 'selector', 'privateKey'],
      title: 'DKIM',
      'x-title': text('DKIM signature', 'DKIM 簽章', 'DKIM 签名'),
      properties: {
        domain: {
          type: 'string',
          pattern: '^[A-Za-z0-9.-]+$',
          maxLength: 253,
          title: 'Domain',
          'x-title': text('Domain', '網域', '域名'),
        },
        selector: {
          type: 'string',
          pattern: '^[A-Za-z0-9._-]+$',
          maxLength: 63,
          title: 'Selector',
          'x-title': text('Selector', '選擇器', '选择器'),
        },
        privateKey: {
          type: 'string',
          minLength: 1,
          maxLength: 20_000,
          title: 'Private key',
          'x-title': text('Private key', '私密金鑰', '私钥'),
          description: 'RSA, in PEM form.',
          'x-description': text('RSA, in PEM form.', 'RSA，PEM 格式。', 'RSA，PEM 格式。'),
          'x-secret': true,
        },
      },
    },
    inbound: inboundSchema,
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
    attachments: {
      type: 'array',
      maxItems: 5,
      title: 'Attachments',
      'x-title': text('Attachments', '附件', '附件'),
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['filename', 'content'],
        properties: {
          filename: {
            type: 'string',
            minLength: 1,
            maxLength: 200,
            title: 'File name',
            'x-title': text('File name', '檔名', '文件名'),
            'x-template': true,
            contentMediaType: 'text/plain',
          },
          content: {
            type: 'string',
            maxLength: 200_000,
            title: 'Content',
            'x-title': text('Content', '內容', '内容'),
            'x-template': true,
            'x-multiline': true,
            contentMediaType: 'text/plain',
          },
          contentType: {
            enum: ['text/plain', 'text/csv', 'text/markdown'],
            default: 'text/plain',
            title: 'Type',
            'x-title': text('Type', '類型', '类型'),
          },
        },
      },
    },
    calendar: {
      type: 'object',
      additionalProperties: false,
      required: ['start', 'end', 'summary'],
      title: 'Appointment',
      'x-title': text('Appointment', '行事曆約會', '日历约会'),
      properties: {
        start: {
          type: 'string',
          title: 'Start',
          'x-title': text('Start', '開始', '开始'),
          description: '2027-01-05T09:30, or with an offset.',
          'x-description': text(
            '2027-01-05T09:30, or with an offset.',
            '2027-01-05T09:30，或附上時差。',
            '2027-01-05T09:30，或附上时差。',
          ),
          'x-template': true,
          contentMediaType: 'text/plain',
        },
        end: {
          type: 'string',
          title: 'End',
          'x-title': text('End', '結束', '结束'),
          'x-template': true,
          contentMediaType: 'text/plain',
        },
        timeZone: {
          type: 'string',
          title: 'Time zone',
          'x-title': text('Time zone', '時區', '时区'),
          description: 'Of times without an offset, such as Asia/Taipei. Default: UTC.',
          'x-description': text(
            'Of times without an offset, such as Asia/Taipei. Default: UTC.',
            '未附時差的時間所屬時區，例如 Asia/Taipei。預設為 UTC。',
            '未附时差的时间所属时区，例如 Asia/Shanghai。默认为 UTC。',
          ),
          'x-template': true,
          contentMediaType: 'text/plain',
        },
        summary: {
          type: 'string',
          minLength: 1,
          maxLength: 300,
          title: 'Title',
          'x-title': text('Title', '標題', '标题'),
          'x-template': true,
          contentMediaType: 'text/plain',
        },
        location: {
          type: 'string',
          maxLength: 500,
          title: 'Place',
          'x-title': text('Place', '地點', '地点'),
          'x-template': true,
          contentMediaType: 'text/plain',
        },
        description: {
          type: 'string',
          maxLength: 5_000,
          title: 'Description',
          'x-title': text('Description', '說明', '说明'),
          'x-template': true,
          'x-multiline': true,
          contentMediaType: 'text/plain',
        },
      },
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
  'email.opened': {
    title: text('E-mail opened', '已開信', '已打开邮件'),
    schema: { type: 'object', properties: aboutMessage },
  },
  'email.clicked': {
    title: text('Link clicked', '已點擊連結', '已点击链接'),
    schema: { type: 'object', properties: { ...aboutMessage, url: { type: 'string' } } },
  },
  'email.bounced': {
    title: text('E-mail bounced', '郵件退回', '邮件被退回'),
    schema: {
      type: 'object',
      properties: { ...aboutMessage, kind: { enum: ['hard', 'soft'] }, code: { type: 'string' } },
    },
  },
  'email.replied': {
    title: text('E-mail answered', '已回覆郵件', '已回复邮件'),
    schema: {
      type: 'object',
      properties: {
        subject: { type: 'string' },
        text: { type: 'string', description: 'Without what was quoted, and without a signature.' },
        inReplyTo: { type: 'string', description: 'The Message-ID that it answers.' },
      },
    },
  },
  'email.unsubscribed': {
    title: text('Unsubscribed', '已退訂', '已退订'),
    schema: { type: 'object', properties: aboutMessage },
  },
};
