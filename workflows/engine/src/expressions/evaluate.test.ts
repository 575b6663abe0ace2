import { afterEach, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';

const { stackTraceLimit } = Error;
afterEach(() => {
  Object.defineProperty(Error, 'stackTraceLimit', { value: stackTraceLimit, writable: true });
});

it('evaluates where the globals are frozen, as they are in a workflow', () => {
  Object.defineProperty(Error, 'stackTraceLimit', { writable: false });

  expect(evaluate('1 + 1', {})).toEqual({ ok: true, value: 2 });
  expect(evaluate('subject.missing', { subject: {} })).toMatchObject({ ok: false, absent: true });
});

it('leaves the length of stack traces as it was', () => {
  evaluate('1 + 1', {});

  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});
