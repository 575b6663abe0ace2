// Quantiles of how long people stay, in memory that does not grow with their number.
//
//   Q1. Exact while there are at most 4,096 different values: most waits have few. Beyond that, values share buckets of
//       0.5 % of their size, and an answer is at most so far off.

const mostDistinct = 4_096;
const growth = 1.005;

/** Counts of whole, non-negative values. */
export interface Quantiles {
  add(value: number): void;
  /** The smallest value that at least a share `q` of all lie at or below; undefined when there are none. */
  at(q: number): number | undefined;
}

/** An empty count. */
export function createQuantiles(): Quantiles {
  let counts = new Map<number, number>();
  let bounds: number[] | undefined; // set once values share buckets
  let total = 0;

  const bucketOf = (value: number): number => {
    if (!bounds || value <= 200) return value;
    let low = 0;
    let high = bounds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle] ?? Infinity) >= value) high = middle;
      else low = middle + 1;
    }
    return bounds[low] ?? value;
  };
  const put = (value: number, times: number): void => {
    counts.set(value, (counts.get(value) ?? 0) + times);
  };

  return {
    add(value) {
      total += 1;
      put(bucketOf(value), 1);
      if (bounds || counts.size <= mostDistinct) return;
      bounds = boundaries();
      const exact = counts;
      counts = new Map();
      for (const [known, times] of exact) put(bucketOf(known), times);
    },
    at(q) {
      let passed = 0;
      for (const [value, times] of [...counts].sort(([one], [other]) => one - other)) {
        passed += times;
        if (passed >= q * total) return value;
      }
      return undefined;
    },
  };
}

/** Whole numbers, each 0.5 % above the one before: about 5,000 up to a hundred years in milliseconds. */
function boundaries(): number[] {
  const list: number[] = [];
  for (let bound = 200; bound < 3.2e12; bound = Math.ceil(bound * growth)) list.push(bound);
  return list;
}
