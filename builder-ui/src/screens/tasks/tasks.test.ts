import { describe, expect, it } from 'vitest';
import type { Task } from '../../api/shapes.ts';
import { answerFaults, backIn, dueIn, filterOf, formFaults, given, stateOf } from './rules.ts';

const now = Date.parse('2027-01-05T09:00:00Z');
const aTask = (change: Partial<Task> = {}): Task => ({
  ...{ id: 't', runId: 'r', step: 'call', visit: 1, subject: 'patient/ada', queue: 'nurses' },
  ...{ title: 'Call', priority: 'normal', outcomes: [], status: 'open', history: [] },
  ...{ createdAt: '2027-01-05T08:00:00Z', dueAt: null, notBefore: null, assignee: null },
  ...{ claimedAt: null, closedAt: null },
  ...change,
});
const later = '2027-01-05T13:00:00Z';

describe('a task on the list', () => {
  it.each<[string, Partial<Task>, number | undefined]>([
    ['later', { notBefore: later }, 4 * 3_600_000],
    ['open', { notBefore: '2027-01-05T09:00:00Z' }, undefined],
    ['claimed', { status: 'claimed', notBefore: later }, 4 * 3_600_000],
    ['done', { status: 'done', notBefore: later }, undefined],
    ['open', {}, undefined],
  ])('is %s with %o', (state, change, back) => {
    const task = aTask(change);

    expect([stateOf(task, now), backIn(task, now)]).toEqual([state, back]);
  });

  it('is due, overdue, or never', () => {
    expect(dueIn(aTask({ dueAt: later }), now)).toBe(4 * 3_600_000);
    expect(dueIn(aTask({ dueAt: '2027-01-05T08:59:00Z' }), now)).toBe(-60_000);
    expect(dueIn(aTask(), now)).toBeUndefined();
  });

  it('stands in the view that its address names', () => {
    expect(filterOf('later', 'nurses')).toEqual({ status: 'open', when: 'later', queue: 'nurses' });
    expect(filterOf('mine')).toMatchObject({ status: 'claimed', assignee: 'me' });
  });
});

describe('an answer', () => {
  const schema = {
    type: 'object',
    required: ['mood'],
    properties: { mood: { enum: ['good', 'bad'] }, pain: { type: 'integer', maximum: 10 } },
  } as const;
  const faultsOf = (values: Record<string, unknown>, needed: boolean) =>
    formFaults(schema as never, values, { needed, required: 'Needed here.' });

  it('has its faults at the fields', () => {
    expect(faultsOf({}, true)).toEqual({ '/mood': 'Needed here.' });
    expect(Object.keys(faultsOf({ mood: 'good', pain: 11 }, true))).toEqual(['/pain']);
    expect(faultsOf({ mood: 'good' }, true)).toEqual({});
  });

  it('that needs no form is only checked where something is given', () => {
    expect(faultsOf({}, false)).toEqual({});
    expect(Object.keys(faultsOf({ pain: 11 }, false))).toEqual(['/pain']);
  });

  it('shows what the API found at the fields, and the rest above', () => {
    const found = [
      { pointer: '/values/mood', detail: 'wrong' },
      { pointer: '/values', detail: 'lacks something' },
      { pointer: '/outcome', detail: 'is none' },
    ];

    expect(answerFaults(found)).toEqual({
      ...{ fields: { '/mood': 'wrong' }, others: ['lacks something', 'is none'] },
    });
  });

  it('is sent without what was emptied', () => {
    expect(given({ mood: 'good', pain: undefined, next: '', zero: 0, no: false })).toEqual({
      ...{ mood: 'good', zero: 0, no: false },
    });
  });
});
