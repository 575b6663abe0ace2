import type { JsonObject } from '@sojourn/engine';
import type { Page, PageRequest } from './pages.ts';

// What providers report.

/**
 * What came of a report. `new`: nothing yet. `unmatched`: nothing of ours is known that it is about; it is looked at again, since a
 * report may overtake the answer. `late`: it came after the step was left.
 */
export type ReportStatus = 'new' | 'taken' | 'late' | 'unmatched';

/** What a provider reported, or somebody wrote through it. */
export interface ReportRecord {
  /** Ours: a hash of the connection and the provider's own id of it. */
  id: string;
  plugin: string;
  connection: string;
  kind: 'settled' | 'happened';
  /** An event type of the plugin; absent of an effect's end. */
  eventType?: string;
  /** The provider's own id of what it is about. */
  reference?: string;
  at: number;
  status: ReportStatus;
  /** What it is about, as far as that is known: `runId/stepId#visit`. */
  effect?: string;
  /** Whom it is about, as far as that is known. */
  subject?: { type: string; key: string };
  /** Whether a person wrote it. */
  isMessage: boolean;
  /** What it says. Absent once the person was erased. */
  content?: JsonObject;
}

export interface ReportFilter {
  plugin?: string;
  connection?: string;
  status?: ReportStatus;
  isMessage?: boolean;
  subject?: { type: string; key: string };
  runId?: string;
}

export interface ReportStore {
  /**
   * Stores a report once (S1), sealed for whom it is about, or with the deployment's key while that is not known. It is `new`, or
   * `unmatched` from the beginning, and due to be looked at again at `dueAt`.
   */
  put(
    report: Omit<ReportRecord, 'status'> & { status: 'new' | 'unmatched' },
    dueAt: number,
  ): Promise<boolean>;
  get(id: string): Promise<ReportRecord | undefined>;
  /**
   * Notes what came of a report that is `new` or `unmatched`; what it turned out to be about is sealed for them. With `dueAt` it is
   * looked at again then, else never. Nothing when something came of it already.
   */
  resolve(
    id: string,
    result: {
      status: Exclude<ReportStatus, 'new'>;
      effect?: string;
      subject?: { type: string; key: string };
      dueAt?: number;
    },
  ): Promise<void>;
  /**
   * Notes of many at once that they are `unmatched` still, as `resolve` does: each is looked at again at its `dueAt`, or never.
   * What goes through before an error stays.
   */
  postpone(waits: { id: string; dueAt?: number }[]): Promise<void>;
  /** Those due before this instant, the earliest first. */
  due(before: number, limit: number): Promise<ReportRecord[]>;
  /** Latest first. */
  list(filter: ReportFilter, page: PageRequest): Promise<Page<ReportRecord>>;
}
