import type { JsonObject } from '@sojourn/plugin-kit';
import type { Question } from './rules.ts';

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });
const list = (title: ReturnType<typeof text>): JsonObject => ({
  ...{ type: 'array', maxItems: 20, title: title.en, 'x-title': title },
  items: { type: 'string', minLength: 1, maxLength: 200 },
});
const multiline = (title: ReturnType<typeof text>): JsonObject => ({
  ...{ type: 'string', maxLength: 5_000, title: title.en, 'x-title': title, 'x-multiline': true },
});

/** The form of a visit report: what every report has, and the questions of the step. */
export function reportForm(questions: readonly Question[]): JsonObject {
  return {
    ...{ type: 'object', additionalProperties: false },
    properties: {
      needsHeard: list(text('Needs heard', '聽到的需求', '听到的需求')),
      tags: list(text('Tags', '標籤', '标签')),
      nextTask: multiline(text('Next task', '下一步任務', '下一步任务')),
      note: multiline(text('Note', '備註', '备注')),
      ...Object.fromEntries(questions.map((question) => [question.name, fieldOf(question)])),
    },
  };
}

function fieldOf({ title, type = 'text', choices = [] }: Question): JsonObject {
  switch (type) {
    case 'text':
      return { type: 'string', maxLength: 5_000, title };
    case 'number':
      return { type: 'number', title };
    case 'yes-no':
      return { type: 'boolean', title };
    case 'choice':
      return choices.length > 0 ? { enum: choices, title } : { type: 'string', title };
  }
}
