import { setTimeout as delay } from 'node:timers/promises';
import type { ReportRecord, Store } from '@sojourn/store';
import type { Clock } from '../ports.ts';

// What was reported and is not through, gone on with.
//
//   Y1. What nothing of ours is known about yet is looked at again, ever later, for a week: a report may overtake the answer to the
//       request that it is about.
//   Y2. Those that only go on waiting may be very many, and whoever reports meanwhile wants an answer: they are looked up and noted
//       a few dozen at a time, as one, and not one few dozen right after the other.
//   Y3. What fails stays due. It is met once a sweep, and is in no other's way.

export interface ReportSweepDependencies {
  store: Pick<Store, 'reports' | 'effects'>;
  /** Goes on with one report; whether it came through. */
  begin: (record: ReportRecord) => Promise<boolean>;
  /** Work on these failed. */
  onFailure: (reports: ReportRecord[], error: unknown) => void;
  clock: Clock;
}

/** What is due again. */
export interface ReportSweep {
  /** Lets reports that nothing is known about wait for their next look (Y1). */
  wait(reports: ReportRecord[]): Promise<void>;
  /** Goes on with what is due. Answers how much that was. */
  run(): Promise<number>;
}

/** How long after its arrival a report is looked at again for the first time. */
export const firstLookMs = 2_000;
/** After so long nothing will become known any more. */
const patienceMs = 7 * 86_400_000;
/** So few at a time, and a pause after them: whoever reports meanwhile is answered in between (Y2). */
const atOnce = 25;
const pauseMs = 30;
const mostSwept = 500;

/** The sweep over reports that are due again. */
export function createReportSweep(dependencies: ReportSweepDependencies): ReportSweep {
  const { store, begin, onFailure, clock } = dependencies;

  const wait: ReportSweep['wait'] = (reports) => {
    const now = clock();
    const next = (age: number) =>
      age < patienceMs ? { dueAt: now + Math.max(firstLookMs, 2 * age) } : {};
    return store.reports.postpone(reports.map(({ id, at }) => ({ id, ...next(now - at) })));
  };

  /** Those that nothing is known about yet. Whoever is named by an address is looked for one by one, with all that follows. */
  const unknownOf = async (due: ReportRecord[]): Promise<ReportRecord[]> => {
    const asking = due.filter(
      ({ status, effect, subject, content }) =>
        status === 'unmatched' && !effect && !subject && content?.['from'] === undefined,
    );
    const unknown: ReportRecord[] = [];
    for (const connection of new Set(asking.map((record) => record.connection))) {
      const own = asking.filter((record) => record.connection === connection);
      const references = own.flatMap(({ reference }) => reference ?? []);
      const known = await store.effects.knownReferences(connection, references);
      unknown.push(
        ...own.filter(({ reference }) => reference === undefined || !known.has(reference)),
      );
    }
    return unknown;
  };

  /** Goes on with a few, and answers how many failed. */
  const goOn = async (due: ReportRecord[]): Promise<number> => {
    const unknown = new Set(await unknownOf(due));
    const ready = due.filter((record) => !unknown.has(record)).map(begin);
    let failed = 0;
    if (unknown.size > 0)
      await wait([...unknown]).catch((error: unknown) => {
        failed += unknown.size;
        onFailure([...unknown], error);
      });
    for (const isThrough of await Promise.all(ready)) if (!isThrough) failed += 1;
    return failed;
  };

  return {
    wait,
    async run() {
      const met = new Set<string>();
      let failed = 0;
      while (met.size < mostSwept) {
        if (met.size > 0) await delay(pauseMs);
        const due = await store.reports.due(clock(), atOnce + failed);
        const fresh = due.filter(({ id }) => !met.has(id));
        if (fresh.length === 0) break;
        for (const { id } of fresh) met.add(id);
        failed += await goOn(fresh);
      }
      return met.size;
    },
  };
}
