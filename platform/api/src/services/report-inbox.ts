import { effectName, type JsonObject } from '@sojourn/engine';
import type { InboundMessage, ProviderReport } from '@sojourn/plugin-kit';
import {
  SubjectErasedError,
  type Page,
  type PageRequest,
  type ReportFilter,
  type ReportRecord,
  type Store,
} from '@sojourn/store';
import type { Clock, Log } from '../ports.ts';
import type { Answers } from './answers.ts';
import { nameHash } from './ids.ts';
import type { Intake } from './intake.ts';
import { createLanes } from './lanes.ts';
import type { Reports } from './reports.ts';
import { createReportSweep, firstLookMs } from './report-sweep.ts';
import type { Safety } from './safety.ts';
import type { Subjects } from './subjects.ts';

// What providers report, taken in.
//
//   X1. A report is stored under its connection and the provider's own id of it before anything follows. The same again changes
//       nothing, and is answered as the first was.
//   X2. What follows may begin again after a crash at any point: every step of it is done once under a name.
//   X3. What nothing of ours is known about yet is kept, and looked at again (Y1): a report may overtake the answer to the request
//       that it is about.
//   X4. What comes after a step was left is kept and told to nobody but whoever looks.
//   X5. What a person wrote is kept whole, whoever they are; it is heard by the step that asked, by whatever listens for the
//       event, and by the watch over words. A word to stop ends the consent for the channel, whatever the purpose.

/** Where a report came from, and the effect that it is known to be about. */
export interface ReportOrigin {
  plugin: string;
  connection: string;
  /** `runId/stepId#visit`, when it came to the effect's own address. */
  effect?: string;
}

/** What became of a report: `stored`, and everything that follows is under way. */
export type Arrival = 'stored' | 'duplicate' | 'late' | 'unmatched';

export interface ReportInbox {
  /** Stores a report, and begins what follows from it. */
  arrive(report: ProviderReport, origin: ReportOrigin): Promise<Arrival>;
  list(filter: ReportFilter, page: PageRequest): Promise<Page<ReportRecord>>;
  get(id: string): Promise<ReportRecord | undefined>;
  /** Goes on with what was stored and is due again. Answers how much that was. */
  sweep(): Promise<number>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export interface ReportInboxDependencies {
  store: Pick<Store, 'reports' | 'runs' | 'effects' | 'subjects'>;
  reports: Reports;
  intake: Intake;
  subjects: Subjects;
  answers: Answers;
  safety: Safety;
  log: Log;
  clock: Clock;
}

/** What a report says, as it is kept. */
interface Content {
  outcome?: string;
  output?: JsonObject;
  data?: JsonObject;
  message?: InboundMessage;
  /** Whom it named, as the provider knows them. */
  from?: { attribute: string; value: string };
}

/** A report that was begun and is not through by then is begun again. */
const begunMs = 5_000;
const width = 16;

/** The service that takes in what providers report. */
export function createReportInbox(dependencies: ReportInboxDependencies): ReportInbox {
  const { store, reports, intake, subjects, answers, safety, log, clock } = dependencies;
  const lanes = createLanes(width);
  /** What is gone on with, and whether it came through. */
  const underWay = new Map<string, Promise<boolean>>();
  let sweeping: Promise<number> | undefined;

  /** The effect and the person that a report is about, as far as they are known. */
  const about = async (
    origin: ReportOrigin,
    reference: string | undefined,
    named: SubjectName | Content['from'] | undefined,
  ): Promise<Pick<ReportRecord, 'effect' | 'subject'>> => {
    const effect =
      origin.effect ??
      (reference === undefined
        ? undefined
        : (await store.effects.byReference(origin.connection, reference))?.id);
    if (effect !== undefined) {
      const run = await store.runs.get(effect.slice(0, effect.indexOf('/')));
      return run ? { effect, subject: run.subject } : { effect };
    }
    if (named === undefined) return {};
    if (!('attribute' in named)) return { subject: named };
    const found = await personAt(named.attribute, named.value, origin);
    return found ? { subject: found } : {};
  };

  /** Whom an address belongs to; where several have it, whoever was sent something through this connection last. */
  const personAt = async (
    attribute: string,
    value: string,
    { connection }: ReportOrigin,
  ): Promise<SubjectName | undefined> => {
    const found = await store.subjects.withAddress(attribute, value);
    if (found.length <= 1) return found[0] && { type: found[0].type, key: found[0].key };
    let latest: { at: number; subject: SubjectName } | undefined;
    for (const { type, key } of found)
      for (const run of await store.runs.openOfSubject(type, key)) {
        const state = await store.runs.state(run.id);
        for (const token of state?.tokens ?? []) {
          const effect = await store.effects.get(`${run.id}/${effectName(token)}`);
          if (effect?.connection === connection && token.since > (latest?.at ?? 0))
            latest = { at: token.since, subject: { type, key } };
        }
      }
    return latest?.subject;
  };

  /** Whether the step of an effect was left, or its run has ended (X4). */
  const isLeft = async (effect: string): Promise<boolean> => {
    const [, runId = '', step = '', visit = ''] = /^([^/]*)\/(.*)#(\d+)/.exec(effect) ?? [];
    const state = await store.runs.state(runId);
    if (!state || state.status === 'ended') return true;
    const passage = state.passages[step];
    return passage !== undefined && passage.visit >= Number(visit);
  };

  const arrive: ReportInbox['arrive'] = async (report, origin) => {
    const id = `p-${nameHash(origin.connection, report.eventId)}`;
    const isSettled = report.type === 'settled';
    const named = isSettled ? undefined : report.subject;
    const from = named !== undefined && 'attribute' in named ? named : undefined;
    const content: Content = isSettled
      ? { outcome: report.outcome, output: report.output }
      : {
          data: report.data,
          ...(report.message ? { message: report.message } : {}),
          ...(from ? { from: { attribute: from.attribute, value: from.value } } : {}),
        };
    const known = await about(origin, report.reference, named);
    // What nothing is known about waits for its time at once: there is nothing to do with it but to look again (X3).
    const isKnown = known.effect !== undefined || known.subject !== undefined;
    const isMessage = !isSettled && report.message !== undefined;
    const waits = !isKnown && !isMessage;
    const record: Parameters<typeof store.reports.put>[0] = {
      ...{ id, plugin: origin.plugin, connection: origin.connection, kind: report.type },
      ...(isSettled ? {} : { eventType: report.eventType }),
      ...(report.reference === undefined ? {} : { reference: report.reference }),
      ...{ at: clock(), isMessage, status: waits ? 'unmatched' : 'new' },
      ...known,
      content: content as unknown as JsonObject,
    };
    try {
      if (!(await store.reports.put(record, clock() + (waits ? firstLookMs : begunMs)))) {
        const standing = await store.reports.get(id);
        return standing?.status === 'late' ? 'late' : 'duplicate'; // X1
      }
    } catch (error) {
      if (error instanceof SubjectErasedError) return 'late'; // nothing is kept of somebody who was erased
      throw error;
    }
    if (isSettled && known.effect !== undefined && (await isLeft(known.effect))) {
      await store.reports.resolve(id, { status: 'late' });
      return 'late';
    }
    if (!waits) void begin(record);
    return isKnown ? 'stored' : 'unmatched';
  };

  /** Goes on with a report; what fails is due again. One person's reports are gone on with in their order. */
  const begin = (record: ReportRecord): Promise<boolean> => {
    const begun = underWay.get(record.id);
    if (begun) return begun;
    const { subject, connection } = record;
    const lane = subject ? `${subject.type}/${subject.key}` : connection;
    const work = lanes
      .run(lane, () => follow(record))
      .then(
        () => true,
        (error: unknown) => {
          failed(record.id, error);
          return false;
        },
      )
      .finally(() => underWay.delete(record.id));
    underWay.set(record.id, work);
    return work;
  };

  const follow = async (record: ReportRecord): Promise<void> => {
    const content = (record.content ?? {}) as Content;
    const known =
      record.effect === undefined
        ? { ...record, ...(await about(record, record.reference, record.subject ?? content.from)) }
        : record;
    try {
      if (known.kind === 'settled') await end(known, content);
      else await tell(known, content);
    } catch (error) {
      if (!(error instanceof SubjectErasedError)) throw error;
      await store.reports.resolve(record.id, { status: 'late' }); // erased meanwhile: there is nobody to tell
    }
  };

  const end = async (record: ReportRecord, { outcome = '', output = {} }: Content) => {
    const { id, connection, effect } = record;
    if (effect === undefined) {
      await sweep.wait([record]); // X3
      return;
    }
    const result = await reports.ended(effect, connection, {
      ...{ type: 'settled', eventId: id, outcome, output },
    });
    await store.reports.resolve(id, {
      status: result === 'taken' ? 'taken' : 'late',
      ...knownOf(record),
    });
  };

  const tell = async (record: ReportRecord, { data = {}, message }: Content): Promise<void> => {
    const { id, plugin, connection, eventType = '', subject, at } = record;
    let { effect } = record;
    if (subject && message && effect === undefined) {
      const answered = await answers(message, { plugin, connection, subject });
      if (answered) {
        effect = answered.effect;
        await reports.ended(effect, connection, {
          ...{ type: 'settled', eventId: id },
          ...{ outcome: answered.outcome, output: answered.output },
        });
      }
    }
    if (message)
      await safety.look({
        ...{ id, text: message.text, channel: plugin, at },
        ...(subject ? { subject } : {}),
        ...(effect === undefined ? {} : { effect }),
      }); // X5
    if (!subject) {
      await sweep.wait([record]); // X3
      return;
    }
    if (eventType === `${plugin}.stopped` || eventType === `${plugin}.unsubscribed`)
      await subjects.withdraw(subject, { purpose: '*', channel: plugin, source: eventType }); // X5
    if (eventType === `${plugin}.bounced` && data['kind'] === 'hard')
      await subjects.withdraw(subject, { purpose: '*', channel: plugin, source: 'hard bounce' });
    await intake.happened({ source: `plugin/${plugin}`, id, type: eventType, subject, data });
    await store.reports.resolve(id, {
      status: 'taken',
      subject,
      ...(effect === undefined ? {} : { effect }),
    });
  };

  const failed = (report: string, error: unknown): void =>
    log.error(
      { report, error: error instanceof Error ? error.name : 'unknown' },
      'a report could not be gone on with; the sweep tries again',
    );

  const sweep = createReportSweep({
    ...{ store, begin, clock },
    onFailure: (due, error) => {
      for (const { id } of due) failed(id, error);
    },
  });

  return {
    arrive,
    list: (filter, page) => store.reports.list(filter, page),
    get: (id) => store.reports.get(id),
    sweep() {
      sweeping ??= sweep.run().finally(() => (sweeping = undefined));
      return sweeping;
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

interface SubjectName {
  type: string;
  key: string;
}

function knownOf({ effect, subject }: ReportRecord): Pick<ReportRecord, 'effect' | 'subject'> {
  return {
    ...(effect === undefined ? {} : { effect }),
    ...(subject === undefined ? {} : { subject }),
  };
}
