/** Numbers for accepted events, each higher than the last. */
export interface Order {
  next(acceptedAt: number): number;
}

/**
 * Numbers from the instant of acceptance, in microseconds, and from the last number when that is not higher.
 *
 * Not a counter in the database: that would be one document that every event of every process writes. The instant
 * survives restarts; `last`, the highest number not handled yet, keeps order when the clock was set back meanwhile.
 */
export function createOrder(last = 0): Order {
  let highest = last;
  return {
    next(acceptedAt) {
      highest = Math.max(highest + 1, acceptedAt * 1_000);
      return highest;
    },
  };
}
