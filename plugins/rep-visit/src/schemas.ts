import { inboundSchema, serverProperties } from '@sojourn/plugin-kit/mail';

// JSON Schemas of the connection, of the action and of its events: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });
const titled = (en: string, hant: string, hans: string) => ({
  ...{ title: en, 'x-title': text(en, hant, hans) },
});
const described = (en: string, hant: string, hans: string) => ({
  ...{ description: en, 'x-description': text(en, hant, hans) },
});
const channel = { enum: ['face-to-face', 'online', 'phone'] } as const;
const channels = {
  type: 'array',
  minItems: 1,
  maxItems: 3,
  uniqueItems: true,
  items: channel,
} as const;
const words = { type: 'string', 'x-template': true, contentMediaType: 'text/plain' } as const;

/** `rep-visit/calendar`: who invites, by which server, and who can be sent. */
export const calendarConnection = {
  type: 'object',
  additionalProperties: false,
  required: ['organizer', 'smtp', 'representatives'],
  properties: {
    organizer: {
      ...{ type: 'string', minLength: 3, maxLength: 300 },
      ...titled('Organizer', '召集人', '组织者'),
      ...described(
        'Who invites, an address or a name and an address: Visits <visits@clinic.example>. Calendars answer to it.',
        '邀請的發送者，一個地址或名稱加地址：Visits <visits@clinic.example>。行事曆會回覆至此。',
        '邀请的发送者，一个地址或名称加地址：Visits <visits@clinic.example>。日历会回复至此。',
      ),
    },
    smtp: {
      ...{ type: 'object', additionalProperties: false, required: ['host', 'port', 'security'] },
      ...titled('Mail server', '郵件伺服器', '邮件服务器'),
      properties: serverProperties(587),
    },
    inbound: inboundSchema,
    representatives: {
      ...{ type: 'array', minItems: 1, maxItems: 500 },
      ...titled('Representatives', '業務代表', '代表'),
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'name', 'email', 'territories', 'channels', 'timeZone'],
        properties: {
          id: {
            ...{ type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 60 },
            ...titled('Id', '代碼', '代码'),
            ...described(
              'Names their list of tasks, `rep:<id>`. It stays.',
              '其任務清單名稱為 `rep:<代碼>`，設定後請勿更改。',
              '其任务清单名称为 `rep:<代码>`，设定后请勿更改。',
            ),
          },
          name: {
            ...{ type: 'string', minLength: 1, maxLength: 200 },
            ...titled('Name', '姓名', '姓名'),
          },
          email: {
            ...{ type: 'string', minLength: 3, maxLength: 254 },
            ...titled('E-mail', '電子郵件', '电子邮件'),
          },
          territories: {
            ...{ type: 'array', minItems: 1, maxItems: 100 },
            items: { type: 'string', minLength: 1, maxLength: 100 },
            ...titled('Territories', '負責區域', '负责区域'),
          },
          channels: { ...channels, ...titled('Channels', '管道', '渠道') },
          timeZone: {
            ...{ type: 'string', minLength: 1, maxLength: 60 },
            ...titled('Time zone', '時區', '时区'),
          },
        },
      },
    },
    rules: {
      ...{ type: 'object', additionalProperties: false },
      ...titled('Rules', '規則', '规则'),
      properties: {
        noPrescriptionData: {
          ...{ type: 'boolean', default: false },
          ...titled('No prescription data', '不收集處方資料', '不收集处方数据'),
          ...described(
            'No report asks a representative about prescriptions or sales.',
            '拜訪報告不得詢問處方量或銷售量。',
            '拜访报告不得询问处方量或销售量。',
          ),
        },
      },
    },
  },
} as const;

/** Config of `rep-visit/request`. */
export const requestConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['topic'],
  properties: {
    topic: {
      ...{ type: 'string', minLength: 1, maxLength: 200 },
      ...titled('Topic', '主題', '主题'),
      ...described(
        'What the invitation says. As it is written, for everybody.',
        '邀請上的文字，對所有人相同。',
        '邀请上的文字，对所有人相同。',
      ),
    },
    brief: {
      ...{ type: 'string', maxLength: 20_000, 'x-multiline': true },
      contentMediaType: 'text/markdown',
      ...titled('Brief', '拜訪說明', '拜访说明'),
      ...described(
        'What the representative reads in their list, in Markdown. As it is written, for everybody.',
        '代表在任務清單中讀到的說明（Markdown），對所有人相同。',
        '代表在任务清单中读到的说明（Markdown），对所有人相同。',
      ),
    },
    purpose: {
      ...{ enum: ['unsolicited', 'requested', 'safety-follow-up', 'group-meeting'] },
      ...{ default: 'unsolicited', ...titled('Purpose', '目的', '目的') },
      ...described(
        'Only an unsolicited visit counts towards a call rate.',
        '僅主動拜訪計入拜訪頻率。',
        '仅主动拜访计入拜访频率。',
      ),
    },
    territory: {
      ...words,
      ...titled('Territory', '區域', '区域'),
      ...described(
        "Default: the person's own `territory`.",
        '預設為此人的 `territory`。',
        '默认为此人的 `territory`。',
      ),
    },
    channels: {
      ...channels,
      ...titled('Channels', '管道', '渠道'),
      ...described(
        'The best first. The first that a representative of the territory offers is taken.',
        '依偏好排序，採用該區域代表可提供的第一個。',
        '按偏好排序，采用该区域代表可提供的第一个。',
      ),
    },
    class: {
      ...words,
      ...titled('Class', '分級', '分级'),
      ...described(
        "A, B, C or D. Default: the person's own `class`.",
        'A、B、C 或 D。預設為此人的 `class`。',
        'A、B、C 或 D。默认为此人的 `class`。',
      ),
    },
    mix: {
      ...{ type: 'object', additionalProperties: false },
      ...titled('Channels by class', '依分級的管道', '按分级的渠道'),
      properties: {
        A: { ...channels, title: 'A' },
        B: { ...channels, title: 'B' },
        C: { ...channels, title: 'C' },
        D: { ...channels, title: 'D' },
      },
    },
    window: {
      ...{ type: 'object', additionalProperties: false, required: ['from', 'to'] },
      ...titled('Window', '期間', '期间'),
      ...described(
        "Dates, or dates and times: local ones are the representative's.",
        '日期或日期時間，以代表的當地時間為準。',
        '日期或日期时间，以代表的当地时间为准。',
      ),
      properties: {
        from: { ...words, ...titled('From', '從', '从') },
        to: { ...words, ...titled('To', '到', '到') },
      },
    },
    within: {
      type: 'string',
      pattern: '^P(?=.)(\\d+W)?(\\d+D)?$',
      maxLength: 20,
      default: 'P14D',
      ...titled('Within', '期限', '期限'),
      ...described(
        'From tomorrow, such as P14D. Where there is a window, that counts.',
        '自明日起算，例如 P14D。若已設定期間則以期間為準。',
        '自明日起算，例如 P14D。若已设定期间则以期间为准。',
      ),
    },
    durationMinutes: {
      ...{ type: 'integer', minimum: 5, maximum: 180, default: 30 },
      ...titled('Minutes', '分鐘數', '分钟数'),
    },
    place: {
      ...words,
      maxLength: 300,
      ...titled('Place', '地點', '地点'),
      ...described(
        'Told in the invitation; never for a patient.',
        '會寫入邀請；病人不得使用。',
        '会写入邀请；患者不得使用。',
      ),
    },
    questions: {
      ...{ type: 'array', maxItems: 20 },
      ...titled('Questions of the report', '報告問題', '报告问题'),
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'title'],
        properties: {
          name: {
            type: 'string',
            pattern: '^(?!(?:needsHeard|tags|nextTask|note)$)[a-z][A-Za-z0-9]*$',
            maxLength: 60,
            ...titled('Name', '名稱', '名称'),
          },
          title: {
            ...{ type: 'string', minLength: 1, maxLength: 200 },
            ...titled('Question', '問題', '问题'),
          },
          type: {
            ...{ enum: ['text', 'number', 'yes-no', 'choice'], default: 'text' },
            ...titled('Answer', '回答', '回答'),
          },
          choices: {
            ...{ type: 'array', maxItems: 20 },
            items: { type: 'string', minLength: 1, maxLength: 100 },
            ...titled('Choices', '選項', '选项'),
          },
        },
      },
    },
  },
} as const;

/** Output of `rep-visit/request`: the report. */
export const requestOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['outcome', 'values'],
  properties: {
    outcome: { type: 'string', description: 'The port by which it ended.' },
    by: { type: 'string', description: 'Who wrote the report.' },
    doneAt: { type: 'string', format: 'date-time' },
    values: {
      type: 'object',
      description: 'The report: what every report has, and the answers to the questions.',
      properties: {
        needsHeard: { type: 'array', items: { type: 'string' } },
        tags: { type: 'array', items: { type: 'string' } },
        nextTask: { type: 'string' },
        note: { type: 'string' },
      },
    },
    note: { type: 'string' },
    attempts: {
      type: 'integer',
      minimum: 1,
      description: 'How often somebody tried, the last time included.',
    },
  },
} as const;

const representative = { type: 'string', description: 'The id of the representative.' } as const;

/** Data of the events that visits bring. */
export const events = {
  'visit.accepted': {
    title: text('Visit accepted', '已接受拜訪', '已接受拜访'),
    schema: { type: 'object', properties: { representative } },
  },
  'visit.rescheduled': {
    title: text('Visit rescheduled', '拜訪改期', '拜访改期'),
    schema: {
      type: 'object',
      properties: {
        representative,
        start: { type: 'string', format: 'date-time' },
        end: { type: 'string', format: 'date-time' },
      },
    },
  },
} as const;
