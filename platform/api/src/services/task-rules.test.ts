import type { TaskAttempt, TaskRecord } from '@sojourn/store';
import { describe, expect, it } from 'vitest';
import { attemptsOf, faultsIn, rungOf, timesAfter, tooEarly } from './task-rules.ts';

const now = Date.parse('2027-01-31T09:00:00Z');
const hour = 3_600_000;
const tried = (outcome: string): TaskAttempt => ({
  ...{ type: 'attempted', at: now, by: 'ada', outcome, backAt: now },
});
const outcomes = [
  { port: 'reached' },
  { port: 'no-answer', again: ['PT4H', 'P1D', 'P3D'] },
  { port: 'busy', again: ['PT15M'] },
];

describe('the ladder of an outcome (L1)', () => {
  it.each<[string, string[], string | undefined]>([
    ['no-answer', [], 'PT4H'],
    ['no-answer', ['no-answer'], 'P1D'],
    ['no-answer', ['no-answer', 'no-answer'], 'P3D'],
    ['no-answer', ['no-answer', 'no-answer', 'no-answer'], undefined],
    ['no-answer', ['busy'], 'PT4H'],
    ['busy', ['no-answer', 'busy'], undefined],
    ['reached', ['no-answer'], undefined],
    ['unknown', [], undefined],
  ])('%s after %j puts it back for %s', (outcome, before, rung) => {
    expect(rungOf({ outcomes, history: before.map(tried) }, outcome)).toBe(rung);
  });

  it('is not climbed by a hand-over', () => {
    const moved = { type: 'handed-over', at: now, by: 'ada', fromQueue: 'a', queue: 'b' } as const;
    const history = [tried('no-answer'), moved];

    expect(rungOf({ outcomes, history }, 'no-answer')).toBe('P1D');
    expect([attemptsOf({ history }), attemptsOf({})]).toEqual([1, 0]);
  });
});

describe('a task that is put back (L4)', () => {
  it('is due as long after it is back as it was at first', () => {
    const task = { createdAt: now - 9 * hour, dueAt: now - 7 * hour };

    expect(timesAfter(task, 'PT4H', now)).toEqual({
      ...{ backAt: now + 4 * hour, dueAt: now + 6 * hour },
    });
    expect(timesAfter({ ...task, notBefore: now - hour, dueAt: now + hour }, 'P1D', now)).toEqual({
      backAt: now + 24 * hour,
      dueAt: now + 26 * hour,
    });
  });

  it('is due when it is back if it had no due time', () => {
    expect(timesAfter({ createdAt: now }, 'P1W', now)).toEqual({
      ...{ backAt: now + 168 * hour, dueAt: now + 168 * hour },
    });
  });
});

describe('an answer before a task is back (L3)', () => {
  it.each([
    ['open', now + 1, 'task-later'],
    ['open', now, undefined],
    ['open', undefined, undefined],
    ['claimed', now + 1, undefined],
  ] as const)('to one that is %s until %s is refused as %s', (status, notBefore, code) => {
    const task = { status, ...(notBefore === undefined ? {} : { notBefore }) };

    expect(tooEarly(task, now)?.code).toBe(code);
  });
});

describe('the form of an outcome with a ladder (L5)', () => {
  const task = {
    outcomes,
    form: { type: 'object', required: ['mood'], properties: { mood: { enum: ['good', 'bad'] } } },
  } as unknown as TaskRecord;
  const pointers = (...given: [outcome: string, values: object]) =>
    faultsIn(task, given[0], given[1] as never).map(({ pointer }) => pointer);

  it('asks for nothing, and checks what is given', () => {
    expect(pointers('no-answer', {})).toEqual([]);
    expect(pointers('no-answer', { mood: 'fair' })).toEqual(['/values/mood']);
    expect(pointers('reached', {})).toEqual(['/values']);
    expect(pointers('lost', { mood: 'good' })).toEqual(['/outcome']);
  });
});
