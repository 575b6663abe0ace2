import type { JsonObject } from '@sojourn/engine';
import type { Page, PageRequest } from './pages.ts';

// People, and what they consented to.

export interface SubjectRecord {
  type: string;
  key: string;
  attributes: JsonObject;
  revision: number;
  createdAt: number;
  updatedAt: number;
}

export interface ConsentRecord {
  type: string;
  key: string;
  /** A purpose, or `*` for every purpose. */
  purpose: string;
  channel: string;
  state: 'given' | 'withdrawn';
  at: number;
  source: string;
  proof?: string;
}

export interface SubjectStore {
  get(type: string, key: string): Promise<SubjectRecord | undefined>;
  /**
   * Applies a JSON merge patch (RFC 7396) to the attributes; creates the subject when it is unknown. `changed` names the
   * attributes that differ from before: when there are none, nothing is written.
   */
  merge(
    type: string,
    key: string,
    patch: JsonObject,
    at: number,
  ): Promise<{ subject: SubjectRecord; changed: string[]; created: boolean }>;
  /** Removes the subject and its consents: without them nobody may be contacted. */
  remove(type: string, key: string): Promise<boolean>;
  /** By type and key. */
  list(type: string | undefined, page: PageRequest): Promise<Page<SubjectRecord>>;
  /**
   * Those who have this address: `email` or `phone`, however it is spaced or capitalised. By type and key; at most ten.
   */
  withAddress(attribute: string, value: string): Promise<SubjectRecord[]>;
  /** Replaces the consent for that purpose and channel when `at` is not older than what stands. */
  putConsent(consent: ConsentRecord): Promise<boolean>;
  consents(type: string, key: string): Promise<ConsentRecord[]>;
}
