import { subjectName } from './names.ts';
import type { ReportFilter, ReportRecord } from './ports.ts';

/** Whether a report is one that is asked for. `run`: the run that it is about. */
export function fitsReport(
  report: ReportRecord,
  filter: ReportFilter,
  run: string | undefined,
): boolean {
  const { plugin, connection, status, isMessage, subject, runId } = filter;
  return (
    (plugin === undefined || report.plugin === plugin) &&
    (connection === undefined || report.connection === connection) &&
    (status === undefined || report.status === status) &&
    (isMessage === undefined || report.isMessage === isMessage) &&
    (runId === undefined || run === runId) &&
    (subject === undefined ||
      (report.subject !== undefined && subjectName(report.subject) === subjectName(subject)))
  );
}
