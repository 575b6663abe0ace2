import type { Json, Plan } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';
import type { Page, PageRequest } from './pages.ts';

// Journeys, their drafts and versions.

export type JourneyState = 'draft' | 'live' | 'paused' | 'closed';

export interface JourneyRecord {
  key: string;
  name: JourneyDocument['name'];
  subjectType: string;
  /** `draft` until the first version is published. */
  state: JourneyState;
  waits: 'run' | 'freeze';
  latestVersion?: number;
  createdAt: number;
  updatedAt: number;
}

export interface DraftRecord {
  journey: string;
  /** From 1; the ETag. */
  revision: number;
  /** Whatever JSON the designer saved: it need not be valid. */
  document: Json;
  updatedAt: number;
  updatedBy: string;
}

export interface VersionRecord {
  journey: string;
  number: number;
  document: JourneyDocument;
  plan: Plan;
  contentHash: string;
  publishedBy: string;
  publishedAt: number;
  note?: string;
}

export interface JourneyStore {
  /** Creates the journey with its first draft (revision 1). False when the key is taken. */
  create(journey: JourneyRecord, document: Json, by: string): Promise<boolean>;
  get(key: string): Promise<JourneyRecord | undefined>;
  /** By key. */
  list(page: PageRequest): Promise<Page<JourneyRecord>>;
  update(
    key: string,
    change: Partial<
      Pick<
        JourneyRecord,
        'state' | 'waits' | 'name' | 'subjectType' | 'latestVersion' | 'updatedAt'
      >
    >,
  ): Promise<JourneyRecord | undefined>;
  draft(key: string): Promise<DraftRecord | undefined>;
  /** Compare-and-set on the revision. On conflict answers the draft that stands; undefined when there is no such journey. */
  saveDraft(
    key: string,
    revision: number,
    document: Json,
    by: string,
    at: number,
  ): Promise<{ saved: boolean; draft: DraftRecord } | undefined>;
  /** Appends an immutable version. False when the number is taken (somebody else published). */
  addVersion(version: VersionRecord): Promise<boolean>;
  version(key: string, number: number): Promise<VersionRecord | undefined>;
  /** By number. */
  versions(key: string): Promise<Omit<VersionRecord, 'plan' | 'document'>[]>;
  /** The plan with this hash, of whatever version. */
  planByHash(hash: string): Promise<Plan | undefined>;
}
