import type { JsonObject, RunEvent } from '@sojourn/engine';

import { present } from '../json.ts';
import { runOf, subjectName, subjectOf } from '../names.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import { createOrder, type Order } from '../order.ts';
import type { EntryRecord, EventRecord, InboxRecord, IntakeStore } from '../ports.ts';
import { idsFrom, insertOnce, olderThan, parse, type Pieces } from './queries.ts';
import type { Seals } from '../seals.ts';
import type { EntryRow, EventRow, InboxRow, Models } from './rows.ts';
import { erasedValue, openText, sealing, type Sealing } from './sealed.ts';

/** The order of events, going on above those that were accepted and not handled yet. */
export async function resumeOrder({ events }: Models): Promise<Order> {
  const last = await events.findOne({ new: 1 }, { order: 1 }).sort({ order: -1 }).lean<EventRow>();
  return createOrder(last?.order);
}

/** What arrives, in MongoDB. */
export function createIntake(
  { events, inbox, entries }: Models,
  order: Order,
  seals: Seals,
): IntakeStore {
  const eventOf = (row: EventRow) => openEvent(row, seals);
  const messageOf = (row: InboxRow) => openMessage(row, seals);
  const entryOf = (row: EntryRow) => openEntry(row, seals);

  return {
    async acceptEvent(accepted) {
      const seal = sealing(seals, await seals.ofSubject(accepted.subject), accepted.id);
      const event = { ...accepted, order: order.next(accepted.acceptedAt), routed: false };
      if (await insertOnce(events, eventRow(event, seal))) return { stored: true, event };
      const standing = await events.findById(event.id).lean<EventRow>();
      if (standing === null) throw new Error(`event '${event.id}' was removed while it was stored`);
      return { stored: false, event: await eventOf(standing) };
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
      return await Promise.all(rows.map(eventOf));
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
      return pageOf(await Promise.all(rows.map(eventOf)), page, (event) => [event.order, event.id]);
    },
    async put({ id, runId, at, message }) {
      const seal = sealing(seals, await seals.ofRun(runId), id);
      return await insertOnce(inbox, { _id: id, at, message: seal(message, 'message'), new: 1 });
    },
    async markDelivered(id) {
      await inbox.updateOne({ _id: id }, { $unset: { new: 1 } });
    },
    async undelivered(before, limit) {
      const rows = await inbox
        .find({ new: 1, at: { $lt: before } })
        .sort({ at: 1 })
        .limit(limit)
        .lean<InboxRow[]>();
      return (await Promise.all(rows.map(messageOf))).flatMap((message) => message ?? []);
    },
    async messagesOf(runId) {
      const rows = await inbox.find({ _id: idsFrom(`${runId}/`) }).lean<InboxRow[]>();
      const messages = (await Promise.all(rows.map(messageOf))).flatMap((message) => message ?? []);
      return messages.toSorted((a, b) => a.at - b.at);
    },
    async addEntry({ detail, ...entry }) {
      const seal =
        detail === undefined
          ? undefined
          : sealing(seals, await seals.ofSubject(entry.subject), entry.id);
      return await insertOnce<EntryRow>(entries, {
        _id: entry.id,
        journey: entry.journey,
        sub: subjectName(entry.subject),
        at: entry.at,
        result: entry.result,
        record: JSON.stringify(entry),
        ...(seal === undefined ? {} : { d: seal(detail, 'd') }),
      });
    },
    async entry(id) {
      const row = await entries.findById(id).lean<EntryRow>();
      return row === null ? undefined : await entryOf(row);
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
      const records = await Promise.all(rows.map(entryOf));
      return pageOf(records, page, ({ at, id }) => [at, id]);
    },
  };
}

function eventRow(event: EventRecord, seal: Sealing): EventRow {
  const { id, source, eventId, type, subject, time, data, acceptedAt, order } = event;
  return present<EventRow>({
    _id: id,
    source,
    eventId,
    type,
    sub: subjectName(subject),
    time,
    data: seal(data, 'data'),
    at: acceptedAt,
    order,
    new: 1,
  });
}

async function openEvent(row: EventRow, seals: Seals): Promise<EventRecord> {
  const data = await openText(seals, row.data, `${row._id} data`);
  return present<EventRecord>({
    id: row._id,
    source: row.source,
    eventId: row.eventId,
    type: row.type,
    subject: subjectOf(row.sub),
    time: row.time,
    data: data === undefined ? erasedValue : parse<JsonObject>(data),
    acceptedAt: row.at,
    order: row.order,
    routed: row.new === undefined,
  });
}

/** Undefined when it was for somebody who was erased. */
async function openMessage(
  { _id, at, message, new: waiting }: InboxRow,
  seals: Seals,
): Promise<InboxRecord | undefined> {
  const text = await openText(seals, message, `${_id} message`);
  if (text === undefined) return undefined;
  return {
    id: _id,
    runId: runOf(_id),
    at,
    message: parse<RunEvent>(text),
    delivered: waiting === undefined,
  };
}

async function openEntry({ _id, record, d }: EntryRow, seals: Seals): Promise<EntryRecord> {
  const entry = parse<EntryRecord>(record);
  if (d === undefined) return entry;
  const text = await openText(seals, d, `${_id} d`);
  return { ...entry, detail: text === undefined ? 'erased' : parse<string>(text) };
}
