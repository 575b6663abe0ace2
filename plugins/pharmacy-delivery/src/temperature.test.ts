import { describe, expect, it } from 'vitest';
import { extremesOf, isExcursion } from './temperature.ts';

/** Readings as minutes and degrees. */
const readings = (...pairs: [minute: number, celsius: number][]) =>
  pairs.map(([minute, celsius]) => ({ atMs: minute * 60_000, celsius }));

describe('a cold chain of 2 to 8 °C', () => {
  it.each<[string, [number, number][], boolean]>([
    ['nobody has read anything', [], false],
    [
      'it is always in range, at its edges too (T1)',
      [
        [0, 2],
        [60, 8],
        [120, 5],
      ],
      false,
    ],
    [
      'it is warm for thirty minutes (T3)',
      [
        [0, 5],
        [10, 8.1],
        [40, 7.9],
      ],
      false,
    ],
    [
      'it is warm for a minute more (T3)',
      [
        [0, 5],
        [10, 8.1],
        [41, 7.9],
      ],
      true,
    ],
    [
      'it is too cold for long (T1)',
      [
        [0, 1.9],
        [31, 1.9],
      ],
      true,
    ],
    [
      'it is warm, then frozen, and never in range (T2)',
      [
        [0, 9],
        [20, 1],
        [40, 5],
      ],
      true,
    ],
    [
      'it is warm until somebody looks again, long after (T2)',
      [
        [0, 9],
        [600, 5],
      ],
      true,
    ],
    [
      'it is warm at the last reading (T2)',
      [
        [0, 5],
        [600, 9],
      ],
      false,
    ],
    [
      'it is warm twice, each time not for long (T3)',
      [
        [0, 9],
        [20, 5],
        [25, 9],
        [50, 5],
      ],
      false,
    ],
    [
      'a hot reading is alone between cool ones (T2)',
      [
        [0, 5],
        [10, 40],
        [20, 5],
      ],
      false,
    ],
  ])('is judged when %s', (_, pairs, isWarm) => {
    expect(isExcursion(readings(...pairs))).toBe(isWarm);
    expect(isExcursion(readings(...pairs.toReversed())), 'in any order').toBe(isWarm);
  });

  it('is told by its coldest and its warmest reading', () => {
    expect(extremesOf(readings([0, 5.1], [10, -0.5], [20, 14.5]))).toEqual({
      min: -0.5,
      max: 14.5,
    });
    expect(extremesOf([])).toBeUndefined();
  });
});
