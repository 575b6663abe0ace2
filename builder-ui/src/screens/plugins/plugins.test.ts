import { describe, expect, it } from 'vitest';
import type { Connection, Plugin } from '../../api/shapes.ts';
import { healthOf, isMeant } from './health.ts';
import { withoutEmpty, withoutRecipient, withSealed } from './settings.ts';
import { stepsOf } from './used-by.ts';

const sms = {
  ...{ id: 'sms', version: '1.0.0', apiVersion: 1 },
  name: { en: 'Text messages', 'zh-Hant': '簡訊' },
  connections: { smpp: { schema: {} } },
  actions: { ask: { title: { en: 'Ask by text', 'zh-Hant': '以簡訊詢問' } } },
  events: { 'sms.stopped': { schema: {} } },
} as unknown as Plugin;
const aConnection = (status?: 'ok' | 'degraded' | 'down', plugin = 'sms') =>
  ({ plugin, health: status === undefined ? null : { status } }) as Connection;

describe('the health of a plugin', () => {
  it('is the worst of its connections, and of no other', () => {
    expect(healthOf(sms, [aConnection('ok'), aConnection('down', 'email')])).toBe('ok');
    expect(healthOf(sms, [aConnection('ok'), aConnection()])).toBe('unknown');
    expect(healthOf(sms, [aConnection('degraded'), aConnection()])).toBe('degraded');
    expect(healthOf(sms, [aConnection('degraded'), aConnection('down')])).toBe('down');
  });

  it('tells a plugin that lacks a connection from one that needs none', () => {
    const { connections: _connections, ...free } = sms;

    expect(healthOf(sms, [])).toBe('lacking');
    expect(healthOf(free, [])).toBe('free');
  });
});

describe('searching plugins', () => {
  it.each([
    ['簡訊', 'zh-Hant', true],
    ['ask TEXT', 'en', true],
    ['sms.stopped', 'en', true],
    ['', 'en', true],
    ['letter', 'en', false],
  ])('by %s in %s', (searched, language, found) => {
    expect(isMeant(sms, searched, language)).toBe(found);
  });
});

describe('the settings of a connection', () => {
  it('may hold kept secrets at any depth', () => {
    const secret = { type: 'string', 'x-secret': true };
    const schema = {
      properties: { host: { type: 'string' }, inbound: { properties: { password: secret } } },
    };

    expect(withSealed(schema)).toEqual({
      properties: {
        host: { type: 'string' },
        inbound: { properties: { password: { ...secret, type: ['string', 'object'] } } },
      },
    });
  });

  it('go without what was left empty', () => {
    expect(
      withoutEmpty({ host: 'a', port: 0, dkim: {}, inbound: { tls: {}, host: undefined }, to: [] }),
    ).toEqual({ host: 'a', port: 0, to: [] });
  });

  it('of a test do not say to whom', () => {
    expect(withoutRecipient({ properties: { to: {}, text: {} } })).toEqual({
      properties: { text: {} },
    });
  });
});

describe('what uses a plugin', () => {
  it('are the steps that it does, by their names', () => {
    const steps = {
      ask: { kind: 'action', name: 'Ask Ada', uses: 'sms/ask' },
      tell: { kind: 'action', uses: 'sms/send' },
      other: { kind: 'action', uses: 'sms-gateway/send' },
      end: { kind: 'end', outcome: 'completed' },
    };

    expect(stepsOf({ steps } as never, 'sms')).toEqual(['Ask Ada', 'tell']);
    expect(stepsOf(undefined, 'sms')).toEqual([]);
  });
});
