import type { RunRecord } from '@sojourn/store';
import { describe, expect, it } from 'vitest';
import { createPace } from './pace.ts';

/** Begins so many runs, each walked so long after it began; answers when each was begun, in milliseconds. */
async function beginning(
  count: number,
  walkedAfter: number | ((index: number) => number),
  { closedAtMs = Infinity, isAway = false } = {},
): Promise<number[]> {
  const delayOf = typeof walkedAfter === 'number' ? () => walkedAfter : walkedAfter;
  let now = 0;
  const begun = new Map<string, number>();
  const pace = createPace({
    runs: {
      get: (id) => {
        if (isAway) return Promise.reject(new Error('the store is away'));
        const revision = now >= (begun.get(id) ?? 0) + delayOf(Number(id.slice(1))) ? 1 : 0;
        return Promise.resolve({ status: 'active', revision } as RunRecord);
      },
    },
    pause: (ms) => {
      now += Math.max(0, ms);
      return Promise.resolve();
    },
    isClosed: () => now >= closedAtMs,
    now: () => now,
  });
  for (let index = 0; index < count; index += 1) {
    begun.set(`r${index}`, now);
    pace.began(`r${index}`);
    await pace.next();
  }
  return [...begun.values()];
}

describe('the pace of many', () => {
  it('is fifteen a second where runs are walked at once (R1)', async () => {
    const times = await beginning(151, 20);

    expect(times.at(-1)).toBeCloseTo(10_000, 0);
  });

  it('is what the machine can do where they are not: never more than eight unwalked (R2)', async () => {
    const times = await beginning(101, 1_600);

    expect(times.at(-1)).toBeGreaterThan(18_000);
    expect(times.at(-1)).toBeLessThan(24_000);
    for (const [index, at] of times.entries())
      expect(
        times.filter((other, place) => place < index && other > at - 1_600).length,
      ).toBeLessThan(8);
  });

  it('waits for no single one: who comes after a slow one counts too (R2)', async () => {
    const times = await beginning(151, (index) => (index % 10 === 0 ? 4_000 : 20));

    expect(times.at(-1)).toBeLessThan(11_000);
  });

  it.each([{ isAway: false }, { isAway: true }])(
    'goes on slowly where nobody walks them, or nobody can look (R3)',
    async ({ isAway }) => {
      const times = await beginning(18, Infinity, { isAway });

      expect(times.at(-1)).toBeLessThanOrEqual(60_000);
      expect(times.at(-1)).toBeGreaterThan(40_000);
    },
  );

  it('keeps nobody waiting once the service is closed', async () => {
    const times = await beginning(18, Infinity, { closedAtMs: 500 });

    expect(times.at(-1)).toBeLessThan(2_000);
  });
});
