import { generateKeyPairSync } from 'node:crypto';
import { describePlugin } from '@sojourn/plugin-kit/testing';
import { messageIdOf } from '@sojourn/plugin-kit/mail';
import { email } from './plugin.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describePlugin(email, {
  settings: {
    ...{ username: 'clinic', password: 'a-password-nobody-may-see' },
    dkim: { domain: 'clinic.example', selector: 'main', privateKey },
  },
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
