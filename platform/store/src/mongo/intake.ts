import type { JsonObject, RunEvent } from '@sojourn/engine';

import { present } from '../json.ts';
import { runOf, subjectName, subjectOf } from '../names.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import { createOrder, type Order } from '../order.ts';
import type { EntryRecord, EventRecord, InboxRecord, IntakeStore } from '../ports.ts';
import { idsFrom, insertOnce, olderThan, parse, type Pieces } from './queries.ts';
import type { EntryRow, EventRow, InboxRow, Models } from './rows.ts';

/** The order of events, going on above those that were accepted and not handled yet. */
export async function resumeOrder({ events }: Models): Promise<Order> {
  const last = await events.findOne({ new: 1 }, { order: 1 }).sort({ order: -1 }).lean<EventRow>();
  return createOrder(last?.order);
}

/** What arrives, in MongoDB. */
export function createIntake({ events, inbox, entries }: Models, order: Order): IntakeStore {
  return {
    async acceptEvent(accepted) {
      const event = { ...accepted, order: order.next(accepted.acceptedAt), routed: false };
      if (await insertOnce(events, eventRow(event))) return { stored: true, event };
      const standing = await events.findById(event.id).lean<EventRow>();
      if (standing === null) throw new Error(`event '${event.id}' was removed while it was stored`);
      return { stored: false, event: eventOf(standing) };
    },
    async markRouted(id) {
      await events.updateOne({ _id: id }, { $unset: { new: 1 } });
    },
    async unrouted(before, limit) {
      const rows = await events
        .find({ new: 1, at: { $lt: before } })
        .sort({ order: 1 })
        .limit(limit)
        .lean<EventRow[]>();
      return rows.map(eventOf);
    },
    async eventsOf(subject, page) {
      const after =
        page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number', 'string']);
      const rows = await events
        .find({
          sub: subjectName(subject),
          ...(after === undefined
            ? {}
            : { $or: [{ order: { $lt: after[0] } }, { order: after[0], _id: { $lt: after[1] } }] }),
        })
        .sort({ order: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<EventRow[]>();
      return pageOf(rows.map(eventOf), page, (event) => [event.order, event.id]);
    },
    put: ({ id, at, message }) =>
      insertOnce(inbox, { _id: id, at, message: JSON.stringify(message), new: 1 }),
    async markDelivered(id) {
      await inbox.updateOne({ _id: id }, { $unset: { new: 1 } });
    },
    async undelivered(before, limit) {
      const rows = await inbox
        .find({ new: 1, at: { $lt: before } })
        .sort({ at: 1 })
        .limit(limit)
        .lean<InboxRow[]>();
      return rows.map(messageOf);
    },
    async messagesOf(runId) {
      const rows = await inbox.find({ _id: idsFrom(`${runId}/`) }).lean<InboxRow[]>();
      return rows.map(messageOf).toSorted((a, b) => a.at - b.at);
    },
    addEntry: (entry) =>
      insertOnce<EntryRow>(entries, {
        _id: entry.id,
        journey: entry.journey,
        sub: subjectName(entry.subject),
        at: entry.at,
        result: entry.result,
        record: JSON.stringify(entry),
      }),
    async entry(id) {
      const row = await entries.findById(id).lean<EntryRow>();
      return row === null ? undefined : parse<EntryRecord>(row.record);
    },
    async entries({ journey, subject, result }, page) {
      const filter = present<Pieces>({
        journey,
        result,
        sub: subject === undefined ? undefined : subjectName(subject),
      });
      const rows = await entries
        .find({ $and: [filter, olderThan(page, 'at')] })
        .sort({ at: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<EntryRow[]>();
      const records = rows.map(({ record }) => parse<EntryRecord>(record));
      return pageOf(records, page, ({ at, id }) => [at, id]);
    },
  };
}

function eventRow(event: EventRecord): EventRow {
  const { id, source, eventId, type, subject, time, data, acceptedAt, order } = event;
  return present<EventRow>({
    _id: id,
    source,
    eventId,
    type,
    sub: subjectName(subject),
    time,
    data: JSON.stringify(data),
    at: acceptedAt,
    order,
    new: 1,
  });
}

function eventOf(row: EventRow): EventRecord {
  return present<EventRecord>({
    id: row._id,
    source: row.source,
    eventId: row.eventId,
    type: row.type,
    subject: subjectOf(row.sub),
    time: row.time,
    data: parse<JsonObject>(row.data),
    acceptedAt: row.at,
    order: row.order,
    routed: row.new === undefined,
  });
}

function messageOf({ _id, at, message, new: waiting }: InboxRow): InboxRecord {
  return {
    id: _id,
    runId: runOf(_id),
    at,
    message: parse<RunEvent>(message),
    delivered: waiting === undefined,
  };
}
