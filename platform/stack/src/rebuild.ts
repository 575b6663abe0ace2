import type { Store } from '@sojourn/store';
import {
  connectClient,
  createPlanCache,
  createRunHost,
  hasForgotten,
  rebuildRuns,
  subjectKeys,
  type RebuildProgress,
} from '@sojourn/temporal';
import { openStore } from './deployment.ts';
import type { Report } from './parts.ts';
import type { StackSettings } from './settings.ts';
import { reachable, wayToMongo, wayToTemporal } from './way-to.ts';

/** What came of a rebuild. */
export type RebuildSummary = Omit<RebuildProgress, 'seen'>;

/**
 * Starts every open run that Temporal does not know again, from MongoDB. Works beside a running stack, whose servers it
 * finds by the settings, or by what the home remembers. Rejects with a `StackError` when they cannot be reached.
 */
export async function rebuild(settings: StackSettings, report: Report): Promise<RebuildSummary> {
  const mongoUri = await wayToMongo(settings);
  const temporalAddress = await wayToTemporal(settings);
  const store = await reachable('MongoDB', mongoUri, () => openStore(mongoUri, settings, report));
  try {
    const client = await reachable('Temporal', temporalAddress, () =>
      connectClient({
        address: temporalAddress,
        namespace: settings.temporalNamespace,
        keys: subjectKeys(store.subjectKeys, store.roots),
      }),
    );
    try {
      const plans = createPlanCache(store.journeys);
      const host = createRunHost(client, store);
      const say = (progress: RebuildProgress): void =>
        report({ part: 'rebuild', detail: wordsOf(progress) });
      return await rebuildRuns({ client, host, store, plans, clock: Date.now }, { report: say });
    } finally {
      await client.connection.close();
    }
  } finally {
    await store.close();
  }
}

/**
 * Looks whether Temporal has lost its memory, before anybody is told anything. The embedded one is rebuilt at once: nobody
 * else uses it. Of one that others run we only say so: the address may be the wrong one, and then a rebuild would start
 * everybody a second time.
 */
export async function mindTemporal(
  given: Parameters<typeof rebuildRuns>[0] & {
    store: Pick<Store, 'runs' | 'intake'>;
    isOurs: boolean;
    log: { warn(values: object, message: string): void };
    report: Report;
  },
): Promise<void> {
  const { client, store, isOurs, log, report } = given;
  if (!(await hasForgotten(client, store.runs))) return;
  const lost = 'Temporal knows none of the open runs that MongoDB has';
  if (!isOurs) {
    const advice = `${lost}: if its database was lost, 'sojourn rebuild' starts them again; if TEMPORAL_ADDRESS or TEMPORAL_NAMESPACE is wrong, stop and mend it`;
    log.warn({}, advice);
    report({ part: 'temporal', detail: advice });
    return;
  }
  report({ part: 'temporal', detail: `${lost}: starting them again` });
  const say = (progress: RebuildProgress): void =>
    report({ part: 'temporal', detail: wordsOf(progress) });
  const { failed } = await rebuildRuns(given, { report: say });
  for (const { run, why } of failed)
    log.warn({ run, why }, "a run could not be started again: 'sojourn rebuild' tries it again");
}

function wordsOf({ seen, started, asleep, known, told, failed }: RebuildProgress): string {
  return `${seen} open runs seen: ${started} started again (${asleep} of them asleep), ${known} known already, ${told} messages told again, ${failed.length} failed`;
}
