import type { RunEvent } from '@sojourn/engine';
import type { Store } from '@sojourn/store';
import type { Clock, Log } from '../ports.ts';
import type { Enrolment } from './enrolment.ts';

// A journey that is paused with `waits: freeze`: everybody inside stands still, and is let go again paced.
//
//   Z1. What is wanted is stored before anybody is told, and forgotten once everybody stands so: a restart goes on.
//   Z2. Each run is told once for each change of the journey: the message is named by it.
//   Z4. A word that is overtaken by another may still arrive after it: the engine then takes the later one.
//   Z3. Those who are let go come paced, so that what piled up does not fall on providers at once.

export interface Freezing {
  /** Sees to it, in the background, that everybody inside stands still or goes on. */
  want(journey: string, isFrozen: boolean): Promise<void>;
  /** Goes on with what a restart cut off. */
  resume(): Promise<void>;
  close(): void;
}

export interface FreezingDependencies {
  store: Pick<Store, 'runs' | 'settings' | 'intake'>;
  enrolment: Pick<Enrolment, 'deliver'>;
  log: Log;
  clock: Clock;
  pause: (ms: number) => Promise<void>;
}

interface Wanted {
  isFrozen: boolean;
  at: number;
  /** Whether another word is under way to somebody: then everybody is told, also who stands as wanted now (Z4). */
  overtakes: boolean;
}

const listName = 'freezing';
const frozenPerSecond = 100;
const thawedPerSecond = 15;
const pageSize = 200;

/** The service that freezes journeys and lets them go. */
export function createFreezing(dependencies: FreezingDependencies): Freezing {
  const { store, enrolment, log, clock, pause } = dependencies;
  const working = new Map<string, Wanted>();
  let closed = false;
  let writing: Promise<unknown> = Promise.resolve();

  const read = async (): Promise<Record<string, Wanted>> =>
    ((await store.settings.get(listName)) ?? {}) as unknown as Record<string, Wanted>;

  /** Changes the list of what is wanted, one change after the other. */
  const change = (
    edit: (list: Record<string, Wanted>) => Record<string, Wanted>,
  ): Promise<void> => {
    const next = writing.then(async () =>
      store.settings.put(listName, edit(await read()) as never),
    );
    writing = next.catch(() => undefined);
    return next;
  };

  async function work(journey: string, wanted: Wanted): Promise<void> {
    while (!closed && working.get(journey) === wanted) {
      if ((await tellAll(journey, wanted)) === 0) {
        working.delete(journey);
        await change(({ [journey]: done, ...rest }) =>
          done?.at === wanted.at ? rest : { ...rest, ...(done ? { [journey]: done } : {}) },
        );
        return;
      }
      await pause(2_000); // those who were told need a moment; those who could not be are told again
    }
  }

  /** Tells everybody who does not stand as wanted; answers how many these were. */
  async function tellAll(journey: string, wanted: Wanted): Promise<number> {
    let told = 0;
    for (const status of ['active', 'held'] as const) {
      let cursor: string | undefined;
      do {
        const page = await store.runs.list(
          { journey, status },
          { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) },
        );
        for (const { id } of page.items) {
          const state = await store.runs.state(id);
          if (!state || state.status === 'ended') continue;
          const stands = (state.frozen === true) === wanted.isFrozen;
          const isHeard = !wanted.overtakes || (state.frozenWordAt ?? 0) >= wanted.at;
          if (stands && isHeard) continue;
          if (closed || working.get(journey) !== wanted) return told;
          await tell(id, journey, wanted);
          told += 1;
          await pause(1_000 / (wanted.isFrozen ? frozenPerSecond : thawedPerSecond)); // Z3
        }
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    }
    return told;
  }

  async function tell(runId: string, journey: string, wanted: Wanted): Promise<void> {
    const type = wanted.isFrozen ? 'freeze' : 'thaw';
    const id = `${runId}/${type}-${wanted.at}`; // Z2
    const message: RunEvent = {
      type: 'command.given',
      at: wanted.at,
      id,
      command: {
        type,
        by: 'journey',
        reason: wanted.isFrozen ? `journey '${journey}' is frozen` : `journey '${journey}' goes on`,
      },
    };
    await store.intake.put({ id, runId, at: clock(), message });
    await enrolment.deliver(runId, id, message);
  }

  const start = (journey: string, wanted: Wanted): void => {
    working.set(journey, wanted);
    work(journey, wanted).catch((error: unknown) =>
      log.error(
        { journey, error: error instanceof Error ? error.stack : String(error) },
        'freezing a journey stopped; it goes on at the next start',
      ),
    );
  };

  return {
    async want(journey, isFrozen) {
      const before = (await read())[journey];
      const wanted: Wanted = {
        isFrozen,
        at: Math.max(clock(), (before?.at ?? 0) + 1),
        overtakes: before !== undefined,
      };
      await change((list) => ({ ...list, [journey]: wanted })); // Z1
      start(journey, wanted);
    },
    async resume() {
      for (const [journey, wanted] of Object.entries(await read())) start(journey, wanted);
    },
    close() {
      closed = true;
      working.clear();
    },
  };
}
