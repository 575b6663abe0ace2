import type { RunningSandbox } from '@sojourn/plugin-kit';
import { describePlugin } from '@sojourn/plugin-kit/testing';
import { keyHash } from './lookup.ts';
import { sms } from './plugin.ts';

const howOften = async (sandbox: RunningSandbox, key: string): Promise<number> => {
  const items = await sandbox.items({ limit: 100_000 });
  return items.filter((item) => item['key'] === keyHash(key)).length;
};
const subject = { type: 'patient', key: 'p1', attributes: { phone: '+886912345678' } };

describePlugin(sms, {
  actions: {
    send: {
      config: { text: 'Your medicine is ready, Ada' },
      subject,
      purpose: 'support',
      effects: howOften,
    },
    ask: {
      config: {
        text: '今天的藥吃了嗎？1 吃了 2 還沒',
        answers: [
          { port: 'taken', words: ['吃了', 'yes'] },
          { port: 'not-yet', words: ['還沒', 'no'] },
        ],
      },
      subject,
      purpose: 'support',
      effects: howOften,
    },
  },
});
