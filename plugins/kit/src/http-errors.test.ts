import { describe, expect, it } from 'vitest';
import { PluginError } from './contract.ts';
import { errorOfLine, errorOfStatus, pauseOf } from './http-errors.ts';

const nowMs = Date.parse('2026-11-28T08:00:00Z');
const broken = (code?: string): Error =>
  new TypeError('fetch failed at https://clinic.example/p1', {
    cause: Object.assign(new Error(), code === undefined ? {} : { code }),
  });

describe('an answer that is no success', () => {
  it.each<[number, boolean, string]>([
    [400, true, 'permanent'],
    [401, true, 'auth'],
    [403, true, 'auth'],
    [408, false, 'retryable'],
    [422, true, 'permanent'],
    [429, false, 'rate-limited'],
    [500, false, 'retryable'],
    [502, true, 'retryable'],
    [502, false, 'unknown-outcome'],
    [504, false, 'unknown-outcome'],
  ])('of %i, when it may come twice: %s, is %s (F1)', (status, isRepeatable, kind) => {
    expect(errorOfStatus(status, { isRepeatable })).toMatchObject({ kind, code: `http-${status}` });
  });

  it('is no more than a pause when a 503 says how long', () => {
    const asked = { isRepeatable: false, retryAfterMs: 5_000 };
    expect(errorOfStatus(503, asked)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 5_000 });
    expect(errorOfStatus(503, { isRepeatable: false }).kind).toBe('retryable');
  });

  it.each([
    ['120', 120_000],
    ['0', 1_000],
    ['9999999', 86_400_000],
    ['Sat, 28 Nov 2026 08:01:00 GMT', 60_000],
    ['soon', undefined],
    [null, undefined],
  ])('asks for a pause of %j', (header, pauseMs) => {
    expect(pauseOf(header, nowMs)).toBe(pauseMs);
  });
});

describe('a line that broke', () => {
  const signal = new AbortController().signal;

  it('may be tried again when it was never open, whatever was to be sent (F1)', () => {
    const error = errorOfLine(broken('ECONNREFUSED'), { isRepeatable: false, signal });
    expect(error).toMatchObject({ kind: 'retryable', code: 'api-unreachable' });
  });

  it('leaves an unknown outcome, unless the request may come twice (F1)', () => {
    const kindOf = (isRepeatable: boolean) =>
      errorOfLine(broken('ECONNRESET'), { isRepeatable, signal }).kind;
    expect([kindOf(true), kindOf(false)]).toEqual(['retryable', 'unknown-outcome']);
  });

  it('is for its owner to mend when the certificate is wrong', () => {
    const given = broken('CERT_HAS_EXPIRED');
    expect(errorOfLine(given, { isRepeatable: true, signal }).kind).toBe('config');
  });

  it('names no address (F2), and keeps what a plugin said itself', () => {
    const own = new PluginError({ code: 'own', kind: 'permanent', detail: 'as it is' });
    const error = errorOfLine(broken(), { isRepeatable: true, signal });

    expect(`${error.message} ${String(error.cause)}`).not.toContain('clinic.example');
    expect(errorOfLine(own, { isRepeatable: true, signal })).toBe(own);
  });
});
