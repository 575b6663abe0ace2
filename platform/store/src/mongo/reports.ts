import type { JsonObject } from '@sojourn/engine';

import { keyAbout } from '../about.ts';
import { present } from '../json.ts';
import { runOf, subjectName, subjectOf } from '../names.ts';
import { pageOf } from '../pages.ts';
import type { ReportFilter, ReportRecord, ReportStatus, ReportStore } from '../ports.ts';
import type { Seals } from '../seals.ts';
import { insertOnce, olderThan, parse, replacing, type Pieces } from './queries.ts';
import type { Models, ReportRow } from './rows.ts';
import { openText, sealing } from './sealed.ts';

/** What providers report, in MongoDB. */
export function createReports({ reports }: Models, seals: Seals): ReportStore {
  const recordOf = (row: ReportRow) => openRecord(row, seals);
  const sealed = async (
    report: Pick<ReportRecord, 'id' | 'effect' | 'subject'>,
    content: JsonObject | undefined,
  ): Promise<Buffer | undefined> => {
    const key = await keyAbout(seals, report); // S8
    return content === undefined ? undefined : sealing(seals, key, report.id)(content, 'content');
  };

  return {
    async put({ content, ...report }, dueAt) {
      const { id, plugin, connection, kind, eventType, reference, at, effect, subject } = report;
      return await insertOnce<ReportRow>(
        reports,
        present<ReportRow>({
          _id: id,
          ...{ plugin, connection, kind, eventType, reference, at, effect },
          status: report.status,
          run: effect === undefined ? undefined : runOf(effect),
          sub: subject === undefined ? undefined : subjectName(subject),
          message: report.isMessage ? 1 : undefined,
          due: dueAt,
          content: await sealed(report, content),
        }),
      );
    },
    async get(id) {
      const row = await reports.findById(id).lean<ReportRow>();
      return row === null ? undefined : await recordOf(row);
    },
    async resolve(id, { status, effect, subject, dueAt }) {
      if (effect === undefined && subject === undefined) {
        await reports.updateOne(
          { _id: id, due: { $exists: true } },
          replacing({ status, due: dueAt }),
        ); // it is about whom it was about: sealed for them as it stands
        return;
      }
      const row = await reports.findOne({ _id: id, due: { $exists: true } }).lean<ReportRow>();
      if (row === null) return;
      const known = await recordOf(row);
      const about = { ...known, ...present<Partial<ReportRecord>>({ effect, subject }) };
      await reports.updateOne(
        { _id: id, due: { $exists: true } },
        replacing({
          status,
          effect: about.effect,
          run: about.effect === undefined ? undefined : runOf(about.effect),
          sub: about.subject === undefined ? undefined : subjectName(about.subject),
          due: dueAt,
          content: await sealed(about, known.content),
        }),
      );
    },
    async postpone(waits) {
      if (waits.length === 0) return; // MongoDB refuses a bulk of nothing
      await reports.bulkWrite(
        waits.map(({ id, dueAt }) => ({
          updateOne: {
            filter: { _id: id, due: { $exists: true } },
            update: replacing({ status: 'unmatched', due: dueAt }),
          },
        })),
        { ordered: false },
      );
    },
    async due(before, limit) {
      const rows = await reports
        .find({ due: { $lt: before } })
        .sort({ due: 1 })
        .limit(limit)
        .lean<ReportRow[]>();
      return await Promise.all(rows.map(recordOf));
    },
    async list(filter, page) {
      const rows = await reports
        .find({ $and: [wanted(filter), olderThan(page, 'at')] })
        .sort({ at: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<ReportRow[]>();
      return pageOf(await Promise.all(rows.map(recordOf)), page, ({ at, id }) => [at, id]);
    },
  };
}

function wanted({ plugin, connection, status, isMessage, subject, runId }: ReportFilter): Pieces {
  return present<Pieces>({
    plugin,
    connection,
    status,
    message: isMessage === undefined ? undefined : isMessage ? 1 : { $exists: false },
    sub: subject === undefined ? undefined : subjectName(subject),
    run: runId,
  });
}

async function openRecord(row: ReportRow, seals: Seals): Promise<ReportRecord> {
  const { _id, sub, run: _run, due: _due, message, content, ...fields } = row;
  const text = content === undefined ? undefined : await openText(seals, content, `${_id} content`);
  return present<ReportRecord>({
    id: _id,
    ...fields,
    kind: fields.kind as ReportRecord['kind'],
    status: fields.status as ReportStatus,
    subject: sub === undefined ? undefined : subjectOf(sub),
    isMessage: message === 1,
    content: text === undefined ? undefined : parse<JsonObject>(text),
  });
}
