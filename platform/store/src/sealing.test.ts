import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedRoots } from './roots.ts';
import {
  createSealer,
  generationsIn,
  openSettings,
  rewrapSettings,
  sealSettings,
  secretFields,
  shownSettings,
} from './sealing.ts';

const sealer = createSealer(fixedRoots(randomBytes(32)));
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
    expect(() => openSettings(createSealer(fixedRoots(randomBytes(32))), 'mail', sealed)).toThrow();
    expect(() =>
      openSettings(sealer, 'mail', { password: { sealed: `${text.slice(0, -2)}AA` } }),
    ).toThrow();
  });
});

describe('secrets of several generations', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const earlier = createSealer(fixedRoots(first));
  const roots = fixedRoots(first, second);
  const later = createSealer(roots);
  const password = ({ password: value }: Record<string, unknown>) =>
    (value as { sealed: string }).sealed;
  const settingsBy = (by: typeof later) =>
    sealSettings(by, 'mail', { host: 'h', password: 'open sesame' }, ['password']);

  it('stay readable, those of an earlier release too (Z4)', () => {
    const kept =
      '1.k5t6LxtIT8W4P3Yx1vhsL_-Z7oPEck0tiWBohvP27ol_4jHfB6d7lQ0cEcunEAZEybomVD4Gj8Da2Vjt.Q2PmJF-YR3B_0n_ZF54XH27o9c4asZ_OGY1PjOQcbv2J3Lk2xFH4';
    const old = createSealer(fixedRoots(Buffer.alloc(32, 7), second));

    expect(old.open(kept, 'connection/mail/password')).toBe('open sesame');
    expect(openSettings(later, 'mail', settingsBy(earlier))['password']).toBe('open sesame');
  });

  it('are sealed under the newest, and say so (Z4)', () => {
    expect(password(settingsBy(earlier))).toMatch(/^1\.[^.]+\.[^.]+$/);
    expect(password(settingsBy(later))).toMatch(/^2\.2\.[^.]+\.[^.]+$/);
    expect(generationsIn({ a: settingsBy(earlier), b: settingsBy(later), c: 1 })).toEqual([1, 2]);
    expect(() => openSettings(earlier, 'mail', settingsBy(later))).toThrow('generation 2');
  });

  it('are wrapped anew without being sealed anew, and open under the new one alone (Z4)', () => {
    const before = settingsBy(earlier);
    const anew = rewrapSettings(roots, roots.newest(), 'mail', before);
    const root = { ...roots, known: (generation: number) => roots.known(generation === 1 ? 0 : 2) };

    expect(password(anew).split('.').at(-1)).toBe(password(before).split('.').at(-1));
    expect(openSettings(createSealer(root), 'mail', anew)).toEqual({
      ...{ host: 'h', password: 'open sesame' },
    });
    expect(() => openSettings(createSealer(root), 'mail', before)).toThrow('generation 1');
    expect(rewrapSettings(roots, roots.newest(), 'mail', anew)).toEqual(anew);
    expect(() => rewrapSettings(roots, roots.newest(), 'other', before)).toThrow(); // Z2
  });

  it('come through any number of generations, wherever in the settings they stand (Z4)', () => {
    const value = fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.integer()));
    fc.assert(
      fc.property(value, value, fc.nat(6), fc.nat(6), (outer, inner, from, more) => {
        const secrets = Array.from({ length: from + more + 1 }, () => randomBytes(32));
        const settings = { host: 'h', password: outer, inbound: { password: inner, port: 1 } };
        const fields = ['password', 'inbound/password'];
        let stored = sealSettings(
          createSealer(fixedRoots(...secrets.slice(0, from + 1))),
          ...(['mail', settings, fields] as const),
        );
        for (let known = from + 1; known <= secrets.length; known += 1) {
          const now = fixedRoots(...secrets.slice(0, known));
          stored = rewrapSettings(now, now.newest(), 'mail', stored);
          expect(generationsIn(stored)).toEqual([known, known]);
        }
        expect(openSettings(createSealer(fixedRoots(...secrets)), 'mail', stored)).toEqual(
          settings,
        );
      }),
      { numRuns: 50 },
    );
  });
});
