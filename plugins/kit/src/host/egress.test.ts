import { describe, expect, it } from 'vitest';
import { createEgress } from './egress.ts';

const egress = createEgress({ allows: (host, port) => host === '127.0.0.1' && port === 2525 });

describe('the egress rule', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '192.168.0.9',
    '169.254.169.254',
    '::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    'localhost',
  ])('refuses %s', async (host) => {
    await expect(egress.resolve(host, 80)).rejects.toMatchObject({
      code: 'egress-refused',
      kind: 'config',
    });
  });

  it('lets a public address and the sandbox’s own port pass', async () => {
    expect(await egress.resolve('203.0.113.9', 25)).toEqual({ address: '203.0.113.9', port: 25 });
    expect(await egress.resolve('127.0.0.1', 2525)).toEqual({ address: '127.0.0.1', port: 2525 });
  });
});
