import { describe, expect, it } from 'vitest';
import { differencesOf } from './expectations.ts';
import type { PersonAnswer } from './person.ts';

const person = {
  key: 'p1',
  outcome: 'completed',
  entered: '2027-01-04T02:00:00.000Z',
  endedAt: '2027-01-05T02:00:00.000Z',
  ...{ path: [], effects: [], policy: [], goals: [], incidents: [] },
} as unknown as PersonAnswer;

describe('what is expected of a person', () => {
  it('may name an instant in any zone', () => {
    expect(differencesOf(person, { key: 'p1', endedAt: '2027-01-05T10:00:00+08:00' })).toEqual([]);
  });

  it('is shown as it is written when it is no instant', () => {
    expect(differencesOf(person, { key: 'p1', endedAt: 'tomorrow' })).toEqual([
      'p1: endedAt is "2027-01-05T02:00:00.000Z", not "tomorrow"',
    ]);
  });
});
