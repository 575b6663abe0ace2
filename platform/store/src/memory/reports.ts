/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { keyAbout } from '../about.ts';
import { present } from '../json.ts';
import { runOf, subjectName } from '../names.ts';
import type { ReportRecord, ReportStore } from '../ports.ts';
import { fitsReport } from '../reports.ts';
import type { Seals } from '../seals.ts';
import { createTable, latestFirst } from './table.ts';

interface Row extends ReportRecord {
  dueAt?: number;
}

/** What providers report, in memory. */
export function createReports(
  seals: Pick<Seals, 'ofRun' | 'ofSubject' | 'own'>,
): ReportStore & { forget(subject: { type: string; key: string }): void } {
  const reports = createTable<Row>();
  const recordOf = ({ dueAt: _dueAt, ...report }: Row): ReportRecord => report;

  return {
    forget(subject) {
      const name = subjectName(subject);
      for (const report of reports.where(
        ({ subject: about }) => about !== undefined && subjectName(about) === name,
      ))
        reports.put(report.id, present<Row>({ ...report, content: undefined, dueAt: undefined }));
    },
    async put(report, dueAt) {
      await keyAbout(seals, report); // S8
      return reports.insert(report.id, { ...report, dueAt });
    },
    async get(id) {
      const report = reports.get(id);
      return report && recordOf(report);
    },
    async resolve(id, { status, effect, subject, dueAt }) {
      const known = reports.get(id);
      if (!known || known.dueAt === undefined) return;
      const about = present<Pick<ReportRecord, 'effect' | 'subject'>>({ effect, subject });
      await keyAbout(seals, { ...known, ...about }); // S8
      reports.put(id, present<Row>({ ...known, ...about, status, dueAt }));
    },
    async postpone(waits) {
      for (const { id, dueAt } of waits) {
        const known = reports.get(id);
        if (known?.dueAt !== undefined)
          reports.put(id, present<Row>({ ...known, status: 'unmatched', dueAt }));
      }
    },
    due: async (before, limit) =>
      reports
        .where(({ dueAt }) => dueAt !== undefined && dueAt < before)
        .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
        .slice(0, limit)
        .map(recordOf),
    list: async (filter, page) =>
      latestFirst(
        reports
          .where((report) => fitsReport(report, filter, report.effect && runOf(report.effect)))
          .map(recordOf),
        page,
        ({ at, id }) => [at, id],
      ),
  };
}
