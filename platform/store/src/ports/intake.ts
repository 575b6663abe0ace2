import type { JsonObject, RunEvent } from '@sojourn/engine';
import type { Page, PageRequest } from './pages.ts';

// What arrives: events, messages for runs, entries.

/** An accepted event. */
export interface EventRecord {
  /** Our id: a hash of source and event id. */
  id: string;
  source: string;
  eventId: string;
  type: string;
  subject: { type: string; key: string };
  time?: string;
  data: JsonObject;
  acceptedAt: number;
  /** Grows with acceptance: events of one subject are handled in this order. */
  order: number;
  routed: boolean;
}

/** A message for one run, stored before the run is told. */
export interface InboxRecord {
  /** `runId/messageId`. */
  id: string;
  runId: string;
  at: number;
  message: RunEvent;
  delivered: boolean;
}

export interface EntryRecord {
  id: string;
  journey: string;
  version?: number;
  subject: { type: string; key: string };
  at: number;
  cause: { type: 'event' | 'manual' | 'bulk'; id?: string; event?: string };
  result: 'entered' | 'refused';
  runId?: string;
  /** Why it was refused: `journey-paused`, `journey-closed`, `reentry-never`, `still-inside`, `inputs-invalid` … */
  reason?: string;
  detail?: string;
}

export interface IntakeStore {
  /** Stores an event once (S1). `duplicate` when source and id were seen. Assigns `order`. */
  acceptEvent(
    event: Omit<EventRecord, 'order' | 'routed'>,
  ): Promise<{ stored: boolean; event: EventRecord }>;
  markRouted(id: string): Promise<void>;
  /** Events not routed yet that were accepted before `before`, in order. */
  unrouted(before: number, limit: number): Promise<EventRecord[]>;
  /** Latest first. */
  eventsOf(subject: { type: string; key: string }, page: PageRequest): Promise<Page<EventRecord>>;
  /** Appends a message for a run once (S1). */
  put(message: Omit<InboxRecord, 'delivered'>): Promise<boolean>;
  markDelivered(id: string): Promise<void>;
  /** Messages whose run was not told, put before `before`. */
  undelivered(before: number, limit: number): Promise<InboxRecord[]>;
  /** In the order in which they were put. */
  messagesOf(runId: string): Promise<InboxRecord[]>;
  /** Stores what came of one cause in one journey, once (S1). */
  addEntry(entry: EntryRecord): Promise<boolean>;
  entry(id: string): Promise<EntryRecord | undefined>;
  /** Latest first. */
  entries(
    filter: {
      journey?: string;
      subject?: { type: string; key: string };
      result?: 'entered' | 'refused';
    },
    page: PageRequest,
  ): Promise<Page<EntryRecord>>;
}
