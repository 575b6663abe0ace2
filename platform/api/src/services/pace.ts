import type { RunStore } from '@sojourn/store';

// The pace at which many are let in.
//
//   R1. At most so many a second, and what was slow is not made up for by haste.
//   R2. At most so many of them are not through their first action: a machine that cannot keep the pace would let everybody
//       else's messages wait.
//   R3. Not for ever: a run that nobody walks, since no worker is there, holds the others up a moment only.

export interface Pace {
  /** A run was begun. */
  began(runId: string): void;
  /** Resolves when the next may be begun. */
  next(): Promise<void>;
}

export interface PaceDependencies {
  runs: Pick<RunStore, 'get'>;
  pause: (ms: number) => Promise<void>;
  /** Whether nobody is to wait any more. */
  isClosed: () => boolean;
  /** Milliseconds of the machine, whatever the clock says. */
  now?: () => number;
}

const perSecond = 15;
const mostUnwalked = 8;
const lookEveryMs = 150;
const patienceMs = 5_000;

/** A pace for one job. */
export function createPace({
  runs,
  pause,
  isClosed,
  now = () => performance.now(),
}: PaceDependencies): Pace {
  let due = now();
  let unwalked: string[] = [];

  /** Whether something was stored of a run since it began: a first action does that when it was answered. */
  const isWalked = async (id: string): Promise<boolean> => {
    const run = await runs.get(id);
    return run === undefined || run.revision > 0 || run.status === 'ended';
  };
  const looked = (): Promise<boolean[]> =>
    Promise.all(unwalked.map((id) => isWalked(id).catch(() => false))); // while the store is away, nobody is let in fast (R3)

  return {
    began: (runId) => void unwalked.push(runId),
    async next() {
      due = Math.max(due + 1_000 / perSecond, now());
      await pause(due - now()); // R1
      const patientUntil = now() + patienceMs;
      while (unwalked.length >= mostUnwalked && !isClosed()) {
        const walked = await looked();
        unwalked = unwalked.filter((_, index) => walked[index] !== true); // R2
        if (unwalked.length < mostUnwalked) return;
        if (now() >= patientUntil)
          unwalked.shift(); // R3
        else await pause(lookEveryMs);
      }
    },
  };
}
