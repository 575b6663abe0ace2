/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { createOrder } from '../order.ts';
import type { EntryRecord, EventRecord, InboxRecord, IntakeStore } from '../ports.ts';
import { createTable, latestFirst } from './table.ts';

/** What arrives, in memory. */
export function createIntake(): IntakeStore {
  const events = createTable<EventRecord>();
  const inbox = createTable<InboxRecord>();
  const entries = createTable<EntryRecord>();
  const order = createOrder();
  const sameSubject = (
    a: { subject: { type: string; key: string } },
    subject: { type: string; key: string },
  ) => a.subject.type === subject.type && a.subject.key === subject.key;

  return {
    async acceptEvent(accepted) {
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
    put: async (message) => inbox.insert(message.id, { ...message, delivered: false }),
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
    addEntry: async (entry) => entries.insert(entry.id, entry),
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
