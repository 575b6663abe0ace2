import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSameText, isSigned, signBody } from './signature.ts';

const secret = 'whsec-clinic';
const nowMs = Date.parse('2026-11-28T08:00:00Z');
const body = '{"resourceType":"Bundle"}';
const header = signBody(body, secret, nowMs);

describe('a signed callback', () => {
  it('is signed as anybody can compute it', () => {
    const seconds = nowMs / 1_000;
    const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    expect(header).toBe(`t=${seconds},v1=${digest}`);
  });

  it('is genuine, whether its body is text or bytes', () => {
    expect(isSigned(header, body, { secret, nowMs })).toBe(true);
    expect(isSigned(header, new TextEncoder().encode(body), { secret, nowMs })).toBe(true);
  });

  it('is refused when a byte of it changes, or its moment, or its secret (G1)', () => {
    const later = header.replace(/t=\d+/, `t=${nowMs / 1_000 + 1}`);

    expect(isSigned(header, `${body} `, { secret, nowMs })).toBe(false);
    expect(isSigned(later, body, { secret, nowMs })).toBe(false);
    expect(isSigned(header, body, { secret: 'whsec-other', nowMs })).toBe(false);
  });

  it.each([
    [300_000, true],
    [300_001, false],
    [-300_000, true],
    [-300_001, false],
  ])('is taken for five minutes around its moment: %i ms after it (G2)', (afterMs, isTaken) => {
    expect(isSigned(header, body, { secret, nowMs: nowMs + afterMs })).toBe(isTaken);
  });

  it.each([undefined, '', 'v1=', `t=1,v1=zz`, `${header},v1=00`, header.toUpperCase()])(
    'is refused with the header %j',
    (wrong) => {
      expect(isSigned(wrong, body, { secret, nowMs })).toBe(false);
    },
  );

  it('is never genuine without a secret', () => {
    const unsigned = signBody(body, '', nowMs);
    expect(isSigned(unsigned, body, { secret: '', nowMs })).toBe(false);
  });
});

describe('texts that are compared', () => {
  it('are the same or not, of whatever length', () => {
    expect(isSameText('tok-1', 'tok-1')).toBe(true);
    expect(isSameText('tok-1', 'tok-2')).toBe(false);
    expect(isSameText('tok-1', 'tok-11')).toBe(false);
  });
});
