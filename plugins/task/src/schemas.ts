// JSON Schemas of the action and of its event: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** The outcome of a task that was not done in time. */
export const overdue = 'overdue';

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
  },
} as const;

/** Data of the event that a task brings. */
export const events = {
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
