import { describePlugin } from '@sojourn/plugin-kit/testing';
import { messageIdOf } from './message.ts';
import { email } from './plugin.ts';

describePlugin(email, {
  settings: { username: 'clinic', password: 'a-password-nobody-may-see' },
  actions: {
    send: {
      config: { subject: 'Hello', body: 'Hi **Ada**' },
      subject: { type: 'patient', key: 'p1', attributes: { email: 'ada@example.org' } },
      purpose: 'support',
      async effects(sandbox, key) {
        const mails = await sandbox.items({ limit: 100_000 });
        const id = messageIdOf(key, 'care@sojourn.example');
        return mails.filter(({ messageId }) => messageId === id).length;
      },
    },
  },
});
