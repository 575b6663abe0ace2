import { describe, expect, it } from 'vitest';
import { entryByHand, entryOfEvent } from './entry.ts';
import { journey, planOf } from './test-support/journeys.ts';

const ada = { type: 'patient', key: 'p-1', attributes: {} };
const plan = planOf(
  journey({
    entry: [
      { on: 'event', event: 'filled', key: 'event.data.rx' },
      { on: 'manual', key: 'entry.rx' },
    ],
    start: 'end',
    steps: { end: { kind: 'end', outcome: 'done' } },
    edges: [],
  }),
);
const answers = (rx: string) => {
  const event = { id: 'e-1', type: 'filled', source: 's', data: { rx } };
  return [entryOfEvent(plan, event, ada), entryByHand(plan, ada, { rx })];
};

describe('a run key', () => {
  it.each([1, 512])('may have %i characters', (length) => {
    const key = 'k'.repeat(length);

    for (const answer of answers(key)) expect(answer).toMatchObject({ type: 'enters', key });
  });

  it.each([0, 513])('lets nobody in with %i characters, and says so', (length) => {
    for (const answer of answers('k'.repeat(length)))
      expect(answer).toMatchObject({
        type: 'refused',
        reason: 'key-failed',
        detail: expect.stringContaining(
          `gives ${length} characters: a run key has 1 to 512`,
        ) as string,
      });
  });
});
