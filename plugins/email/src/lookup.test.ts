import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { email } from './plugin.ts';

let server: SMTPServer | undefined;
afterEach(async () => {
  const closing = server;
  server = undefined;
  if (closing) await new Promise<void>((resolve) => closing.close(resolve));
});

const contextFor = (port: number) =>
  createTestContext({
    plugin: 'email',
    type: 'smtp',
    settings: { host: '127.0.0.1', port, security: 'none', from: 'a@clinic.example' },
  });

describe('an SMTP server that offers no look-up', () => {
  it('leaves the outcome unknown, so that a person decides', async () => {
    server = new SMTPServer({
      logger: false,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const { port } = server.server.address() as AddressInfo;

    await expect(
      email.actions.send.reconcile?.('r/s#1', contextFor(port), {}),
    ).rejects.toMatchObject({
      kind: 'unknown-outcome',
    });
  });

  it('that cannot be reached is asked again later', async () => {
    await expect(email.actions.send.reconcile?.('r/s#1', contextFor(1), {})).rejects.toMatchObject({
      kind: 'retryable',
    });
  });
});
