import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createSealer,
  openSettings,
  sealSettings,
  secretFields,
  shownSettings,
} from './sealing.ts';

const sealer = createSealer(randomBytes(32));
const schema = {
  properties: { host: { type: 'string' }, password: { type: 'string', 'x-secret': true } },
};

describe('sealed settings', () => {
  const sealed = sealSettings(
    sealer,
    'mail',
    { host: 'h', password: 'open sesame' },
    secretFields(schema),
  );

  it('keep what is secret out of sight and give it back for a call', () => {
    expect(JSON.stringify(sealed)).not.toContain('sesame');
    expect(shownSettings(sealed)).toEqual({ host: 'h', password: { sealed: true } });
    expect(openSettings(sealer, 'mail', sealed)).toEqual({ host: 'h', password: 'open sesame' });
  });

  it('may be objects, kept whole', () => {
    const given = { host: { a: 1 }, password: { 'X-Api-Key': 'open sesame' } };
    const sealedObject = sealSettings(sealer, 'api', given, secretFields(schema));

    expect(JSON.stringify(sealedObject)).not.toMatch(/sesame|Api-Key/);
    expect(shownSettings(sealedObject)).toEqual({ host: { a: 1 }, password: { sealed: true } });
    expect(openSettings(sealer, 'api', sealedObject)).toEqual(given);
    expect(sealSettings(sealer, 'api', sealedObject, ['password'])).toEqual(sealedObject);
  });

  it('may stand within objects, where the rest stays readable (Z3)', () => {
    const nested = {
      properties: { ...schema.properties, inbound: { properties: schema.properties } },
    };
    const given = { host: 'h', password: 'one', inbound: { host: 'i', password: 'two' } };
    const sealedNested = sealSettings(sealer, 'mail', given, secretFields(nested));
    const { inbound, password } = sealedNested;

    expect(secretFields(nested)).toEqual(['password', 'inbound/password']);
    expect(shownSettings(sealedNested)).toEqual({
      ...{ host: 'h', password: { sealed: true } },
      inbound: { host: 'i', password: { sealed: true } },
    });
    expect(openSettings(sealer, 'mail', sealedNested)).toEqual(given);
    expect(() =>
      openSettings(sealer, 'mail', { inbound: { password: password ?? null } }),
    ).toThrow(); // Z2
    expect(
      sealSettings(sealer, 'mail', { inbound: inbound ?? null }, ['inbound/password']),
    ).toEqual({ inbound });
  });

  it('do not open in another place, under another key, or altered (Z2)', () => {
    const text = (sealed['password'] as { sealed: string }).sealed;

    expect(() => openSettings(sealer, 'other', sealed)).toThrow();
    expect(() => openSettings(createSealer(randomBytes(32)), 'mail', sealed)).toThrow();
    expect(() =>
      openSettings(sealer, 'mail', { password: { sealed: `${text.slice(0, -2)}AA` } }),
    ).toThrow();
  });
});
