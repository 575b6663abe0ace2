// JSON Schemas of the action and of its event: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** The outcome of a task that was not done in time. */
export const overdue = 'overdue';

/** A rung: from a minute to 99 weeks or 999 days, as exact as a minute. */
const rung = '^P(?=.*[1-9])(\\d{1,2}W)?(\\d{1,3}D)?(T(?=\\d)(\\d{1,3}H)?(\\d{1,4}M)?)?$';

/** Names that a designer's outcome may not have: other ports of the step have them. */
const taken = `(?!(?:${overdue}|failed|timeout|suppressed)$)`;

/** Config of `task/assign`. */
export const assignConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['queue', 'title', 'outcomes'],
  properties: {
    queue: {
      type: 'string',
      pattern: '^[a-z][a-z0-9-]*$',
      maxLength: 64,
      title: 'Queue',
      'x-title': text('Queue', '佇列', '队列'),
      description: 'Whose list it goes to: nurses, benefits, regional-lead …',
    },
    title: {
      type: 'string',
      minLength: 1,
      maxLength: 300,
      title: 'Title',
      'x-title': text('Title', '標題', '标题'),
      'x-template': true,
      contentMediaType: 'text/plain',
    },
    script: {
      type: 'string',
      maxLength: 50_000,
      title: 'Script',
      'x-title': text('Script', '作業指引', '作业指引'),
      description: 'What to say or do, in Markdown.',
      'x-template': true,
      'x-multiline': true,
      contentMediaType: 'text/markdown',
    },
    due: {
      type: 'string',
      pattern: '^P(?=.)(\\d+Y)?(\\d+M)?(\\d+W)?(\\d+D)?(T(?=.)(\\d+H)?(\\d+M)?(\\d+S)?)?$',
      maxLength: 64,
      title: 'Due',
      'x-title': text('Due', '期限', '期限'),
      description:
        "From when it is assigned, such as P2D: shown in the list. The step's deadline or timeout makes it overdue.",
    },
    priority: {
      enum: ['low', 'normal', 'high'],
      default: 'normal',
      title: 'Priority',
      'x-title': text('Priority', '優先順序', '优先级'),
    },
    form: {
      type: 'object',
      title: 'Form',
      'x-title': text('Form', '表單', '表单'),
      description: 'A JSON Schema of an object: what the person who does it fills in.',
    },
    outcomes: {
      type: 'array',
      minItems: 1,
      maxItems: 12,
      title: 'Outcomes',
      'x-title': text('Outcomes', '結果', '结果'),
      description: 'How it may end: each is a port of the step.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['port'],
        properties: {
          port: {
            type: 'string',
            pattern: `^${taken}[a-z][a-z0-9-]*$`,
            maxLength: 64,
            title: 'Port',
            'x-title': text('Port', '出口', '出口'),
          },
          label: {
            type: 'string',
            maxLength: 100,
            title: 'Label',
            'x-title': text('Label', '名稱', '名称'),
            description: 'What the button says. Default: the name of the port.',
          },
          again: {
            type: 'array',
            minItems: 1,
            maxItems: 10,
            title: 'Try again after',
            'x-title': text('Try again after', '再次嘗試間隔', '再次尝试间隔'),
            description:
              'Such as PT4H, P1D, P3D: so long it is off the list each time, and only after the last of them does the step end this way.',
            'x-description': text(
              'Such as PT4H, P1D, P3D: so long it is off the list each time, and only after the last of them does the step end this way.',
              '例如 PT4H、P1D、P3D：每次離開清單這麼久，最後一次之後步驟才以此結果結束。',
              '例如 PT4H、P1D、P3D：每次离开列表这么久，最后一次之后步骤才以此结果结束。',
            ),
            items: {
              type: 'string',
              pattern: rung,
              maxLength: 20,
              examples: ['PT4H', 'P1D'],
              title: 'Duration',
              'x-title': text('Duration', '時間長度', '时间长度'),
            },
          },
        },
      },
    },
  },
} as const;

/** Output of `task/assign`. */
export const assignOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['outcome', 'values'],
  properties: {
    outcome: { type: 'string', description: 'The port by which it ended.' },
    by: { type: 'string', description: 'Who did it.' },
    doneAt: { type: 'string', format: 'date-time' },
    values: { type: 'object', description: "The form's answers." },
    note: { type: 'string' },
    attempts: {
      type: 'integer',
      minimum: 1,
      description: 'How often somebody tried, the last time included.',
    },
  },
} as const;

/** Data of the events that a task brings. */
export const events = {
  'task.attempted': {
    title: text('Task attempted', '任務已嘗試', '任务已尝试'),
    schema: {
      type: 'object',
      properties: {
        task: { type: 'string' },
        queue: { type: 'string' },
        by: { type: 'string' },
        outcome: { type: 'string' },
        attempt: { type: 'integer' },
        backAt: { type: 'string', format: 'date-time' },
      },
    },
  },
  'task.claimed': {
    title: text('Task claimed', '任務已認領', '任务已认领'),
    schema: {
      type: 'object',
      properties: {
        task: { type: 'string' },
        queue: { type: 'string' },
        by: { type: 'string' },
      },
    },
  },
} as const;
