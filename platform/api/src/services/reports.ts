import type { RunEvent } from '@sojourn/engine';
import type { HappenedReport, SettledReport } from '@sojourn/plugin-kit';
import { SubjectErasedError, type Store } from '@sojourn/store';
import type { Clock } from '../ports.ts';
import type { Enrolment } from './enrolment.ts';
import { nameHash } from './ids.ts';
import type { Intake } from './intake.ts';

// What a run is told of the world: the end of an effect, and what happened to it.
//
//   O1. A report is stored under the provider's own id of it before anything follows: the same again changes nothing.

/** What a report is about. */
export interface EffectName {
  runId: string;
  effect: string;
}

/** Whether a report was about something of ours: `late` when its run has ended, `unknown` when nothing is known of it. */
export type ReportResult = 'taken' | 'late' | 'unknown';

export interface Reports {
  /** Takes the end of an effect that is known by its name, from a source of our own. */
  ended(effect: string, source: string, report: SettledReport): Promise<ReportResult>;
  /** Takes a report about a message. */
  happened(plugin: string, report: HappenedReport, about: EffectName): Promise<ReportResult>;
}

export interface ReportsDependencies {
  store: Pick<Store, 'runs' | 'intake'>;
  intake: Intake;
  enrolment: Enrolment;
  clock: Clock;
}

/** The service that takes reports. */
export function createReports(dependencies: ReportsDependencies): Reports {
  const { store, intake, enrolment, clock } = dependencies;

  const happened: Reports['happened'] = async (plugin, report, about) => {
    const run = await store.runs.get(about.runId);
    if (!run) return 'unknown';
    await intake.happened({
      source: `plugin/${plugin}`,
      id: report.eventId,
      type: report.eventType,
      subject: run.subject,
      data: report.data,
    }); // O1
    return 'taken';
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
  };
}
