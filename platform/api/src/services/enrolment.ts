import {
  addDuration,
  entryByHand,
  initialState,
  isZone,
  parseDuration,
  type EntryAnswer,
  type JsonObject,
  type Plan,
  type RunEvent,
} from '@sojourn/engine';
import type { EntryRecord, RunRecord, Store, SubjectRecord } from '@sojourn/store';
import type { Clock, Log, RunHost } from '../ports.ts';
import type { JourneyCatalogue, OpenJourney } from './catalogue.ts';
import { entryIdOf, type Ids } from './ids.ts';
import { createLanes } from './lanes.ts';

// Entering a journey.
//
//   N1. One cause enters a journey at most once, however often it is delivered: its entry record is written first, and says
//       which run it is. Whoever finds it goes on from there.
//   N2. A refusal is an answer, not an error: it is stored once, with its reason.
//   N3. The message that starts the run stands in the inbox before the run is told.
//   N4. Who enters under one key is decided one after the other: two causes at once do not both find the place empty.

/** What makes somebody enter. */
export interface Cause {
  type: EntryRecord['cause']['type'];
  /** The same again is the same cause (N1). */
  id: string;
  event?: string;
}

export interface EnrolmentDependencies {
  store: Pick<Store, 'runs' | 'intake' | 'subjects'>;
  host: RunHost;
  ids: Ids;
  catalogue: JourneyCatalogue;
  log: Log;
  clock: Clock;
}

export interface Enrolment {
  /** Lets somebody enter, or says why not. `answer` is what the plan's triggers made of the cause. */
  enter(
    open: OpenJourney,
    subject: SubjectRecord,
    answer: EntryAnswer,
    cause: Cause,
  ): Promise<EntryRecord>;
  /** Enrols by hand. */
  enrol(
    open: OpenJourney,
    subject: { type: string; key: string },
    data: JsonObject,
    cause: Cause,
  ): Promise<EntryRecord>;
  /** Tells a run a message that stands in the inbox, and notes that it was told. A host that is away is told by the sweep. */
  deliver(runId: string, messageId: string, message: RunEvent): Promise<void>;
}

/** The service that lets people in. */
export function createEnrolment({
  store,
  host,
  ids,
  log,
  clock,
}: EnrolmentDependencies): Enrolment {
  const keys = createLanes(64);

  const enter: Enrolment['enter'] = (open, subject, answer, cause) => {
    const key = answer.type === 'enters' ? answer.key : subject.key;
    return keys.run(`${open.journey.key}/${key}`, () => enterAlone(open, subject, answer, cause)); // N4
  };

  const enterAlone: Enrolment['enter'] = async (open, subject, answer, cause) => {
    const id = entryIdOf(open.journey.key, cause.id);
    const known = await store.intake.entry(id);
    const entry = known ?? (await decide(id, open, subject, answer, cause));
    if (entry.result === 'entered' && answer.type === 'enters')
      await start(open, subject, answer, entry);
    return entry;
  };

  async function decide(
    id: string,
    open: OpenJourney,
    subject: SubjectRecord,
    answer: EntryAnswer,
    cause: Cause,
  ): Promise<EntryRecord> {
    const verdict = answer.type === 'enters' ? await admit(open, answer.key) : refusalOf(answer);
    const entry: EntryRecord = {
      id,
      journey: open.journey.key,
      version: open.version,
      subject: { type: subject.type, key: subject.key },
      at: clock(),
      cause: {
        type: cause.type,
        id: cause.id,
        ...(cause.event === undefined ? {} : { event: cause.event }),
      },
      ...verdict,
    };
    if (await store.intake.addEntry(entry)) return entry;
    return (await store.intake.entry(id)) ?? entry; // somebody else was first (N1)
  }

  /** Whether the re-entry rule and the journey's state let this key in; with the id of its run. */
  async function admit(open: OpenJourney, key: string): Promise<Verdict> {
    const { journey, plan } = open;
    if (journey.state !== 'live')
      return refused(`journey-${journey.state}`, `the journey is ${journey.state}`);
    const latest = await store.runs.latestOfKey(journey.key, key);
    if (latest) {
      const refusal = reentryRefusal(plan, latest, clock());
      if (refusal) return refusal;
    }
    return { result: 'entered', runId: ids.run(journey.key, key, (latest?.ordinal ?? 0) + 1) };
  }

  async function start(
    open: OpenJourney,
    subject: SubjectRecord,
    answer: Extract<EntryAnswer, { type: 'enters' }>,
    entry: EntryRecord,
  ): Promise<void> {
    const { runId } = entry;
    if (runId === undefined) return;
    const ordinal = await ordinalOf(open.journey.key, answer.key, runId);
    const who = { type: subject.type, key: subject.key };
    const state = initialState(open.plan, {
      runId,
      key: answer.key,
      subject: { ...who, attributes: subject.attributes, revision: subject.revision },
      entry: answer.entry,
      at: entry.at,
    });
    const run: RunRecord = {
      id: runId,
      journey: open.journey.key,
      version: open.version,
      planHash: open.plan.hash,
      subject: who,
      key: answer.key,
      ordinal,
      status: 'active',
      startedAt: entry.at,
      positions: [],
      incidents: [],
      revision: 0,
    };
    await store.runs.insert(run, state); // false: it stands already, from an earlier delivery of the same cause
    const message: RunEvent = {
      type: 'run.started',
      at: entry.at,
      id: 'start',
      cause: {
        ...(entry.cause.event === undefined ? {} : { event: entry.cause.event }),
        ...(entry.cause.id === undefined ? {} : { id: entry.cause.id }),
      },
    };
    await store.intake.put({ id: `${runId}/start`, runId, at: entry.at, message }); // N3
    await deliver(runId, `${runId}/start`, message);
  }

  async function ordinalOf(journey: string, key: string, runId: string): Promise<number> {
    const latest = await store.runs.latestOfKey(journey, key);
    if (latest?.id === runId) return latest.ordinal;
    return (latest?.ordinal ?? 0) + 1;
  }

  const deliver: Enrolment['deliver'] = async (runId, messageId, message) => {
    try {
      await host.tell(runId, message);
      await store.intake.markDelivered(messageId);
    } catch (error) {
      log.warn(
        { run: runId, error: error instanceof Error ? error.name : 'unknown' },
        'a run could not be told; the sweep will',
      );
    }
  };

  return {
    enter,
    deliver,
    async enrol(open, subject, data, cause) {
      const known = await store.subjects.get(subject.type, subject.key);
      const record =
        known ?? (await store.subjects.merge(subject.type, subject.key, {}, clock())).subject;
      return await enter(open, record, entryByHand(open.plan, record, data), cause);
    },
  };
}

type Verdict = Pick<EntryRecord, 'result' | 'runId' | 'reason' | 'detail'>;

function refused(reason: string, detail: string): Verdict {
  return { result: 'refused', reason, detail };
}

function refusalOf(answer: Exclude<EntryAnswer, { type: 'enters' }>): Verdict {
  return answer.type === 'refused'
    ? refused(answer.reason, answer.detail)
    : refused('not-for-us', 'no trigger matches');
}

/** Why a second entry with the same key is refused; undefined when it is not. */
function reentryRefusal(plan: Plan, latest: RunRecord, now: number): Verdict | undefined {
  const { reentry } = plan;
  if (reentry === 'parallel') return undefined;
  if (reentry === 'never')
    return refused('reentry-never', 'this key has entered before, and may once only');
  if (latest.status !== 'ended')
    return refused('still-inside', 'the earlier run of this key has not ended');
  if (reentry === 'after-end') return undefined;
  const duration = parseDuration(reentry.afterEnd);
  const from = latest.endedAt ?? latest.startedAt;
  const again = duration
    ? addDuration(from, duration, isZone(plan.timeZone) ? plan.timeZone : 'UTC')
    : from;
  return now < again
    ? refused('too-soon', `the earlier run ended less than ${reentry.afterEnd} ago`)
    : undefined;
}
