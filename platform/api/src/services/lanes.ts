/** Runs work in lanes: one after the other within a lane, several lanes at once. */
export interface Lanes {
  run<Answer>(lane: string, work: () => Promise<Answer>): Promise<Answer>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** Lanes of which at most `width` work at once. What concerns one person is done in order; people do not wait for each other. */
export function createLanes(width: number): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  const waiting: (() => void)[] = [];
  let working = 0;

  const enter = async (): Promise<void> => {
    if (working >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else working += 1;
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else working -= 1;
  };

  return {
    async run(lane, work) {
      const before = tails.get(lane) ?? Promise.resolve();
      const own = before.then(enter).then(work).finally(leave);
      const settled = own.then(
        () => undefined,
        () => undefined, // the caller sees the failure; whoever comes after in the lane does not
      );
      tails.set(lane, settled);
      void settled.then(() => {
        if (tails.get(lane) === settled) tails.delete(lane);
      });
      return await own;
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}
