import { entryOfEvent, pick, sameJson, type JsonObject, type RunEvent } from '@sojourn/engine';
import type { CloudEvent } from '@sojourn/schemas';
import {
  SubjectErasedError,
  type EventRecord,
  type Store,
  type SubjectRecord,
} from '@sojourn/store';
import type { Clock, Log } from '../ports.ts';
import type { JourneyCatalogue, OpenJourney } from './catalogue.ts';
import type { Enrolment } from './enrolment.ts';
import { entryIdOf, eventIdOf, nameHash } from './ids.ts';
import { createLanes } from './lanes.ts';
import { subjectParts } from '../wire.ts';

// What arrives from outside, and whom it concerns.
//
//   I1. An event is stored before anything else happens; one with the same source and id is a duplicate and changes nothing.
//   I2. Events of one subject are handled in the order in which they were accepted, never by their own time.
//   I3. First the open runs whose plan names the type, then entries. The run that an event started does not hear that event.
//   I4. Handling may begin again after a crash at any point: every step of it is done once under a name.
//   I5. After an event that failed, the later ones of its subject wait until the sweep has handled it; not for ever, though: an
//       event that fails again and again does not keep a withdrawal from being heard.
//   I6. A run that has just ended, as our store says, is told as well: it may be deciding its last turn anew. Temporal knows
//       whether it has ended.

/** What became of the events of one request. */
export interface Acceptance {
  accepted: number;
  duplicates: number;
  /** Those about people who were erased: nothing of them is kept. */
  erased: CloudEvent[];
}

export interface IntakeDependencies {
  store: Pick<Store, 'intake' | 'runs' | 'subjects' | 'journeys'>;
  catalogue: JourneyCatalogue;
  enrolment: Enrolment;
  /** A plan by its hash: open runs may be pinned to old versions. */
  plans: { byHash(hash: string): Promise<{ listens: string[]; reads: string[] }> };
  log: Log;
  clock: Clock;
}

export interface Intake {
  /** Stores valid events and begins to handle them. */
  accept(events: readonly CloudEvent[]): Promise<Acceptance>;
  /** An event of our own: `consent.withdrawn`, `email.clicked` … `id` makes it unique. */
  happened(event: {
    id: string;
    source: string;
    type: string;
    subject: { type: string; key: string };
    data: JsonObject;
  }): Promise<boolean>;
  /** Merges attributes, and tells the open runs that read what changed, and whoever listens for `subject.changed`. */
  changeSubject(
    type: string,
    key: string,
    patch: JsonObject,
  ): Promise<{ subject: SubjectRecord; changed: string[]; created: boolean }>;
  /** Handles what was stored and not handled, and tells runs what they were not told. Answers how much that was. */
  sweep(olderThanMs: number): Promise<number>;
  /** Resolves when nothing is being handled. */
  idle(): Promise<void>;
}

/** How many subjects' events are handled at once: more would outrun the worker. */
const width = 8;
/** How often an event may fail before others of its subject pass it by. */
const patience = 5;
/** How much one sweep looks at. */
const sweepSize = 500;
/** So long after its end a run may, at the very most, still be deciding its last turn anew (I6). */
const lastTurnMs = 600_000;
/** How many subjects' events of one batch are stored at once. */
const takers = 16;

/** The service that takes events in. */
export function createIntake(dependencies: IntakeDependencies): Intake {
  const { store, catalogue, enrolment, plans, log, clock } = dependencies;
  const lanes = createLanes(width);
  const underWay = new Set<string>();

  /** Subjects one of whose events failed, with how many were left unhandled since: what comes after it waits too (I5). */
  const stopped = new Map<string, number>();
  const failures = new Map<string, number>();

  const route = (event: EventRecord): Promise<void> => {
    const name = `${event.subject.type}/${event.subject.key}`;
    return lanes.run(name, async () => {
      const left = stopped.get(name);
      if (left !== undefined) {
        stopped.set(name, left + 1);
        return;
      }
      try {
        await handle(event).catch((error: unknown) => {
          if (!(error instanceof SubjectErasedError)) throw error; // erased meanwhile: there is nobody to tell
        });
        await store.intake.markRouted(event.id);
        failures.delete(event.id);
      } catch (error) {
        const count = (failures.get(event.id) ?? 0) + 1;
        failures.set(event.id, count);
        if (count < patience) stopped.set(name, 0);
        throw error;
      }
    });
  };

  const begin = (event: EventRecord): void => {
    if (underWay.has(event.id)) return;
    underWay.add(event.id);
    route(event)
      .catch((error: unknown) =>
        log.error(
          { event: event.id, error: errorText(error) },
          'an event could not be handled; the sweep tries again',
        ),
      )
      .finally(() => underWay.delete(event.id));
  };

  /** Begins what was stored and not handled; of a subject that was stopped everything, in its order. */
  const beginAgain = async (before: number): Promise<number> => {
    for (const name of stopped.keys()) stopped.set(name, 0);
    const until = stopped.size > 0 ? clock() + 1 : before;
    const events = await store.intake.unrouted(until, sweepSize);
    for (const [name, left] of stopped) if (left === 0) stopped.delete(name); // else some may not be in `events`: next time
    for (const event of events) begin(event);
    return events.length;
  };

  async function handle(event: EventRecord): Promise<void> {
    const subject = await subjectOf(event);
    const open = (await catalogue.published()).filter(({ plan }) =>
      plan.entry.some((entry) => entry.on === 'event' && entry.event === event.type),
    );
    await tellRuns(event, await startedBy(event, open));
    for (const journey of open) await offer(journey, event, subject);
  }

  async function subjectOf(event: EventRecord): Promise<SubjectRecord> {
    const { type, key } = event.subject;
    return (
      (await store.subjects.get(type, key)) ??
      (await store.subjects.merge(type, key, {}, clock())).subject
    );
  }

  /** Runs that this very event started, when it is handled again (I3). */
  async function startedBy(event: EventRecord, open: readonly OpenJourney[]): Promise<Set<string>> {
    const entries = await Promise.all(
      open.map(({ journey }) => store.intake.entry(entryIdOf(journey.key, event.id))),
    );
    return new Set(entries.flatMap((entry) => entry?.runId ?? []));
  }

  /** Runs that can be told something (I6). */
  const reachable = ({ type, key }: { type: string; key: string }) =>
    store.runs.openOfSubject(type, key, clock() - lastTurnMs);

  async function tellRuns(event: EventRecord, except: ReadonlySet<string>): Promise<void> {
    const runs = await reachable(event.subject);
    for (const run of runs) {
      if (except.has(run.id)) continue;
      const plan = await plans.byHash(run.planHash);
      if (plan.listens.includes(event.type)) await send(run.id, event.id, messageOf(event));
    }
  }

  /** Puts a message into a run's inbox and tells the run. */
  async function send(runId: string, id: string, message: RunEvent): Promise<void> {
    const messageId = `${runId}/${id}`;
    await store.intake.put({ id: messageId, runId, at: clock(), message });
    await enrolment.deliver(runId, messageId, message);
  }

  async function offer(
    open: OpenJourney,
    event: EventRecord,
    subject: SubjectRecord,
  ): Promise<void> {
    const given = {
      id: event.eventId,
      type: event.type,
      source: event.source,
      ...(event.time === undefined ? {} : { time: event.time }),
      data: event.data,
    };
    const answer = entryOfEvent(open.plan, given, subject);
    if (answer.type === 'not-for-us') return;
    await enrolment.enter(open, subject, answer, {
      type: 'event',
      id: event.id,
      event: event.type,
    });
  }

  const keep = async (
    event: Omit<EventRecord, 'order' | 'routed'>,
  ): Promise<'stored' | 'duplicate' | 'erased'> => {
    try {
      const { stored, event: kept } = await store.intake.acceptEvent(event); // I1
      if (stored) begin(kept);
      return stored ? 'stored' : 'duplicate';
    } catch (error) {
      if (error instanceof SubjectErasedError) return 'erased';
      throw error;
    }
  };

  const happened: Intake['happened'] = async ({ id, source, type, subject, data }) =>
    (await keep({
      id: eventIdOf(source, id),
      source,
      eventId: id,
      type,
      subject,
      data,
      acceptedAt: clock(),
    })) === 'stored';

  const knows = async (runId: string, attributes: JsonObject): Promise<boolean> => {
    const state = await store.runs.state(runId);
    return state === undefined || sameJson(state.subject.attributes, attributes);
  };

  return {
    async accept(events) {
      let accepted = 0;
      const erased: CloudEvent[] = [];
      const bySubject = new Map<string, CloudEvent[]>();
      for (const event of events) {
        const own = bySubject.get(event.subject);
        if (own) own.push(event);
        else bySubject.set(event.subject, [event]);
      }
      const people = [...bySubject.values()];
      const takeSome = async (): Promise<void> => {
        for (let own = people.pop(); own; own = people.pop())
          for (const event of own) {
            const kept = await keep(recordOf(event, clock())); // I2
            if (kept === 'erased') erased.push(event);
            if (kept === 'stored') accepted += 1;
          }
      };
      await Promise.all(Array.from({ length: takers }, takeSome));
      return { accepted, duplicates: events.length - accepted - erased.length, erased };
    },

    happened,

    async changeSubject(type, key, patch) {
      return await lanes.run(`${type}/${key}`, async () => {
        const merged = await store.subjects.merge(type, key, patch, clock());
        if (!merged.created) await tellChange(merged.subject, merged.changed);
        if (merged.changed.length > 0) await emitChange(merged.subject, merged.changed);
        return merged;
      });
    },

    async sweep(olderThanMs) {
      const before = clock() - olderThanMs;
      const events = await beginAgain(before);
      const messages = await store.intake.undelivered(before, sweepSize);
      for (const { id, runId, message } of messages) {
        await lanes.run(`run/${runId}`, () => enrolment.deliver(runId, id, message));
      }
      return events + messages.length;
    },

    idle: () => lanes.idle(),
  };

  /** Tells the open runs that read what changed; when nothing did, those that an earlier crash left untold (I4). */
  async function tellChange(subject: SubjectRecord, changed: readonly string[]): Promise<void> {
    for (const run of await reachable(subject)) {
      const { reads } = await plans.byHash(run.planHash);
      const concerns =
        changed.length > 0
          ? changed.some((name) => reads.includes(name))
          : reads.length > 0 && !(await knows(run.id, pick(subject.attributes, reads)));
      if (!concerns) continue;
      const id = `subject-${subject.revision}`;
      await send(run.id, id, {
        type: 'subject.changed',
        at: clock(),
        id,
        attributes: pick(subject.attributes, reads),
        revision: subject.revision,
      });
    }
  }

  /** Makes an event of a change, when somebody waits for one: an import would else store one a person for nobody. */
  async function emitChange(subject: SubjectRecord, changed: readonly string[]): Promise<void> {
    const { type, key, createdAt, revision } = subject;
    if (!(await isHeard(changeType, { type, key }))) return;
    await happened({
      id: nameHash('subject', type, key, String(createdAt), String(revision)), // one that was erased begins at 1 again
      source: 'sojourn',
      type: changeType,
      subject: { type, key },
      data: { changed: [...changed].sort(), revision },
    });
  }

  /** Whether a journey can be entered, or an open run moved, by events of a type. */
  async function isHeard(type: string, who: { type: string; key: string }): Promise<boolean> {
    const isEntered = ({ plan }: OpenJourney): boolean =>
      plan.listens.includes(type) ||
      plan.entry.some((entry) => entry.on === 'event' && entry.event === type);
    if ((await catalogue.published()).some(isEntered)) return true;
    for (const run of await store.runs.openOfSubject(who.type, who.key))
      if ((await plans.byHash(run.planHash)).listens.includes(type)) return true;
    return false;
  }
}

const changeType = 'subject.changed';

function recordOf(event: CloudEvent, now: number): Omit<EventRecord, 'order' | 'routed'> {
  return {
    id: eventIdOf(event.source, event.id),
    source: event.source,
    eventId: event.id,
    type: event.type,
    subject: subjectParts(event.subject),
    ...(event.time === undefined ? {} : { time: event.time }),
    data: (event.data ?? {}) as JsonObject,
    acceptedAt: now,
  };
}

function messageOf(event: EventRecord): RunEvent {
  return {
    type: 'event.received',
    at: event.acceptedAt,
    id: event.id,
    event: {
      id: event.id,
      type: event.type,
      source: event.source,
      ...(event.time === undefined ? {} : { time: event.time }),
      acceptedAt: event.acceptedAt,
      data: event.data,
    },
  };
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
