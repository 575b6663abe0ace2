/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { createOrder } from '../order.ts';
import type { EntryRecord, EventRecord, InboxRecord, IntakeStore } from '../ports.ts';
import type { Seals } from '../seals.ts';
import { createTable, latestFirst } from './table.ts';

interface Named {
  type: string;
  key: string;
}

/** What arrives, in memory. */
export function createIntake(
  seals: Pick<Seals, 'ofSubject' | 'ofRun'>,
): IntakeStore & { forget(subject: Named, runs: readonly string[]): void } {
  const events = createTable<EventRecord>();
  const inbox = createTable<InboxRecord>();
  const entries = createTable<EntryRecord>();
  const order = createOrder();
  const sameSubject = (a: { subject: Named }, subject: Named) =>
    a.subject.type === subject.type && a.subject.key === subject.key;

  return {
    forget(subject, runs) {
      for (const message of inbox.where(({ runId }) => runs.includes(runId)))
        inbox.remove(message.id);
      for (const event of events.where((row) => sameSubject(row, subject)))
        events.put(event.id, { ...event, data: { erased: true }, routed: true });
      for (const { detail: _detail, ...entry } of entries.where((row) => sameSubject(row, subject)))
        entries.put(entry.id, entry);
    },
    async acceptEvent(accepted) {
      await seals.ofSubject(accepted.subject); // S8
      const standing = events.get(accepted.id);
      if (standing !== undefined) return { stored: false, event: standing };
      const event = { ...accepted, order: order.next(accepted.acceptedAt), routed: false };
      events.insert(event.id, event);
      return { stored: true, event: events.get(event.id) ?? event };
    },
    async markRouted(id) {
      const event = events.get(id);
      if (event !== undefined) events.put(id, { ...event, routed: true });
    },
    unrouted: async (before, limit) =>
      events
        .where(({ routed, acceptedAt }) => !routed && acceptedAt < before)
        .toSorted((a, b) => a.order - b.order)
        .slice(0, limit),
    eventsOf: async (subject, page) =>
      latestFirst(
        events.where((event) => sameSubject(event, subject)),
        page,
        (event) => [event.order, event.id],
      ),
    async put(message) {
      await seals.ofRun(message.runId); // S8
      return inbox.insert(message.id, { ...message, delivered: false });
    },
    async markDelivered(id) {
      const message = inbox.get(id);
      if (message !== undefined) inbox.put(id, { ...message, delivered: true });
    },
    undelivered: async (before, limit) =>
      inbox
        .where(({ delivered, at }) => !delivered && at < before)
        .toSorted((a, b) => a.at - b.at)
        .slice(0, limit),
    messagesOf: async (runId) =>
      inbox.where((message) => message.runId === runId).toSorted((a, b) => a.at - b.at),
    async addEntry(entry) {
      if (entry.detail !== undefined) await seals.ofSubject(entry.subject); // S8
      return entries.insert(entry.id, entry);
    },
    entry: async (id) => entries.get(id),
    entries: async ({ journey, subject, result }, page) =>
      latestFirst(
        entries.where(
          (entry) =>
            (journey === undefined || entry.journey === journey) &&
            (subject === undefined || sameSubject(entry, subject)) &&
            (result === undefined || entry.result === result),
        ),
        page,
        ({ at, id }) => [at, id],
      ),
  };
}
