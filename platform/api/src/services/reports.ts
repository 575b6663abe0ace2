import type { RunEvent } from '@sojourn/engine';
import type { HappenedReport, ProviderReport, SettledReport } from '@sojourn/plugin-kit';
import { SubjectErasedError, type Store } from '@sojourn/store';
import type { LinkClaim } from '../links.ts';
import type { Clock } from '../ports.ts';
import type { Enrolment } from './enrolment.ts';
import { nameHash } from './ids.ts';
import type { Intake } from './intake.ts';
import type { Subjects } from './subjects.ts';

// What providers report, and what follows from it.
//
//   O1. A report is stored under the provider's own id of it before anything follows: the same again changes nothing.
//   O2. A hard bounce closes the channel for that person, whatever the purpose; an unsubscription for its purpose.

/** The message that a report is about. */
export type MessageName = Pick<LinkClaim, 'runId' | 'effect'> & {
  channel?: string;
  purpose?: string;
};

/** Whether a report was about something of ours: `late` when its run has ended, `unknown` when nothing is known of it. */
export type ReportResult = 'taken' | 'late' | 'unknown';

export interface Reports {
  /** Takes the end of an effect that is known by its name, from a source of our own. */
  ended(effect: string, source: string, report: SettledReport): Promise<ReportResult>;
  /** Takes a report about a message. */
  happened(plugin: string, report: HappenedReport, about: MessageName): Promise<ReportResult>;
  /** Takes a report that came by a connection; what it is about is named by the provider's reference. */
  arrived(plugin: string, connection: string, report: ProviderReport): Promise<ReportResult>;
}

export interface ReportsDependencies {
  store: Pick<Store, 'runs' | 'effects' | 'intake'>;
  intake: Intake;
  enrolment: Enrolment;
  subjects: Subjects;
  clock: Clock;
}

/** The service that takes reports. */
export function createReports(dependencies: ReportsDependencies): Reports {
  const { store, intake, enrolment, subjects, clock } = dependencies;

  const happened: Reports['happened'] = async (plugin, report, about) => {
    const run = await store.runs.get(about.runId);
    if (!run) return 'unknown';
    const channel = about.channel ?? plugin;
    if (report.eventType === `${plugin}.unsubscribed`)
      await subjects.withdraw(run.subject, {
        purpose: about.purpose ?? '*',
        channel,
        source: 'unsubscribed',
      }); // O2
    if (report.eventType === `${plugin}.bounced` && report.data['kind'] === 'hard')
      await subjects.withdraw(run.subject, { purpose: '*', channel, source: 'hard bounce' }); // O2
    await intake.happened({
      source: `plugin/${plugin}`,
      id: report.eventId,
      type: report.eventType,
      subject: run.subject,
      data: report.data,
    }); // O1
    return 'taken';
  };

  const settled = async (connection: string, report: SettledReport): Promise<ReportResult> => {
    const { reference } = report;
    const effect =
      reference === undefined ? undefined : await store.effects.byReference(connection, reference);
    return effect ? await ended(effect.id, connection, report) : 'unknown';
  };

  const ended: Reports['ended'] = async (effect, source, report) => {
    const runId = effect.slice(0, effect.indexOf('/'));
    const run = await store.runs.get(runId);
    if (!run || run.status === 'ended') return 'late';
    const id = `report-${nameHash(source, report.eventId)}`;
    const message: RunEvent = {
      type: 'effect.settled',
      at: clock(),
      effect: effect.slice(runId.length + 1),
      outcome: report.outcome,
      output: report.output,
    };
    const messageId = `${runId}/${id}`;
    try {
      await store.intake.put({ id: messageId, runId, at: clock(), message }); // O1
    } catch (error) {
      if (error instanceof SubjectErasedError) return 'late'; // erased in this moment
      throw error;
    }
    await enrolment.deliver(runId, messageId, message);
    return 'taken';
  };

  return {
    happened,
    ended,
    async arrived(plugin, connection, report) {
      if (report.type === 'settled') return await settled(connection, report);
      const { reference } = report;
      const effect =
        reference === undefined
          ? undefined
          : await store.effects.byReference(connection, reference);
      if (!effect) return 'unknown';
      return await happened(plugin, report, {
        runId: effect.runId,
        effect: effect.id.slice(effect.runId.length + 1),
      });
    },
  };
}
