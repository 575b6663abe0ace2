import type { RunEvent } from '@sojourn/engine';
import { SubjectErasedError, type ErasureRecord, type Store } from '@sojourn/store';
import type { Clock, Log, RunHost } from '../ports.ts';
import type { Audit } from './audit.ts';
import type { Enrolment } from './enrolment.ts';

// The end of everything that is kept about a person.
//
//   R1. An erasure is written down before anything is done. What breaks down in the middle is done again, from the start: every
//       step of it may be repeated.
//   R2. Runs first, the key afterwards: a host that finds a key gone in the middle of a run tries for ever. A run is terminated
//       before the store says that it has ended, and once more afterwards, since a message may have woken it in between.
//   R3. With the key destroyed nothing new about the person can be begun; what was begun in that moment is ended too.
//   R4. Another process may know the key a little longer. So the last look comes when none can, unless the person is known again.
//   R5. Whoever waits for one of the runs is told how it ended: their journey goes on.

export interface ErasureDependencies {
  store: Pick<Store, 'runs' | 'subjects' | 'subjectKeys' | 'erasures' | 'contacts' | 'intake'>;
  host: Pick<RunHost, 'terminate'>;
  enrolment: Pick<Enrolment, 'deliver'>;
  audit: Audit;
  log: Log;
  clock: Clock;
}

export interface Erasure {
  /** Erases a person. Rejects when the host is away; the sweep goes on with it then. */
  erase(asked: Omit<ErasureRecord, 'at' | 'destroyedAt'>, requestId: string): Promise<void>;
  /** Goes on with what was cut off, and takes the last look at what was done a while ago. Answers how many those were. */
  sweep(): Promise<number>;
}

/** What ended a run of somebody who was erased. */
export const erasedOutcome = 'erased';
/** Longer than any process knows a key. */
const lastLookAfterMs = 120_000;
const sweepSize = 100;

/** The service that erases. */
export function createErasure(dependencies: ErasureDependencies): Erasure {
  const { store, host, enrolment, audit, log, clock } = dependencies;
  const underWay = new Map<string, Promise<void>>();

  /** Tells the run that called this one how it ended (R5). */
  const tellCaller = async (runId: string): Promise<void> => {
    const caller = (await store.runs.state(runId))?.caller;
    if (!caller) return;
    const message: RunEvent = {
      type: 'effect.settled',
      at: clock(),
      effect: caller.effect,
      outcome: erasedOutcome,
      output: { run: runId, outcome: erasedOutcome },
    };
    const id = `${caller.runId}/called-${runId}`;
    await store.intake.put({ id, runId: caller.runId, at: clock(), message });
    if ((await store.runs.get(caller.runId))?.status === 'ended') return;
    await enrolment.deliver(caller.runId, id, message);
  };

  const endRuns = async (type: string, key: string): Promise<void> => {
    for (const { id } of await store.runs.openOfSubject(type, key)) {
      await host.terminate(id); // R2
      await tellCaller(id).catch((error: unknown) => {
        // Its caller may be of the same person, and gone already.
        if (!(error instanceof SubjectErasedError)) throw error;
      });
      await store.runs.close(id, { outcome: erasedOutcome, at: clock() });
      await host.terminate(id);
    }
  };

  /** Terminates every run that was ended so: one may have been woken while that was stored (R2). */
  const endAgain = async (type: string, key: string): Promise<number> => {
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await store.runs.list(
        { subject: { type, key }, outcome: erasedOutcome },
        { limit: 200, ...(cursor === undefined ? {} : { cursor }) },
      );
      for (const { id } of page.items) await host.terminate(id);
      count += page.items.length;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return count;
  };

  const destroy = async ({ type, key }: ErasureRecord): Promise<number> => {
    await endRuns(type, key);
    await store.contacts.forget(type, key);
    await store.subjectKeys.destroy(type, key, clock());
    await endRuns(type, key); // R3
    const ended = await endAgain(type, key);
    await store.erasures.wipe(type, key);
    await store.subjects.remove(type, key);
    await store.contacts.forget(type, key);
    return ended;
  };

  const once = (erasure: ErasureRecord, requestId: string): Promise<void> => {
    const name = `${erasure.type}/${erasure.key}`;
    const standing = underWay.get(name);
    if (standing) return standing;
    const { type, key } = erasure;
    const work = async (): Promise<void> => {
      const runsEnded = await destroy(erasure);
      await audit.note(
        { id: erasure.by, name: erasure.by, requestId },
        { what: 'subject-erased', target: `subject/${type}/${key}`, after: { runsEnded } },
      );
      await store.erasures.markDestroyed(type, key, clock());
    };
    const working = work().finally(() => underWay.delete(name));
    underWay.set(name, working);
    return working;
  };

  const lastLook = async (erasure: ErasureRecord): Promise<void> => {
    const { type, key } = erasure;
    if (await store.subjectKeys.isErased(type, key)) await destroy(erasure); // R4
    await store.erasures.finish(type, key);
  };

  return {
    async erase(asked, requestId) {
      const erasure = { ...asked, at: clock() };
      await store.erasures.begin(erasure); // R1
      try {
        await once(erasure, requestId);
      } catch (error) {
        log.warn(
          kindOf(error),
          'an erasure was begun and not completed; the sweep goes on with it',
        );
        throw error;
      }
    },
    async sweep() {
      let count = 0;
      for (const erasure of await store.erasures.underWay(sweepSize)) {
        const { destroyedAt } = erasure;
        if (destroyedAt !== undefined && clock() - destroyedAt < lastLookAfterMs) continue;
        count += 1;
        try {
          await (destroyedAt === undefined ? once(erasure, 'sweep') : lastLook(erasure));
        } catch (error) {
          log.warn(kindOf(error), 'an erasure could not be completed; the sweep tries again');
        }
      }
      return count;
    },
  };
}

/** What went wrong, without the words of it: they may name the person. */
function kindOf(error: unknown): { error: string; code?: string | number; at?: string } {
  if (!(error instanceof Error)) return { error: 'unknown' };
  const code: unknown = 'code' in error ? error.code : undefined;
  const at = /\n\s+at (.*)/.exec(error.stack ?? '')?.[1];
  return {
    error: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(at === undefined ? {} : { at }),
  };
}
