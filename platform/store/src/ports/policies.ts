import type { PolicyDocument } from '@sojourn/schemas';

// Policies, and the contacts that their caps count.

/** One revision of a policy. */
export interface PolicyRecord {
  key: string;
  /** From 1; the ETag. */
  revision: number;
  document: PolicyDocument;
  updatedAt: number;
  updatedBy: string;
}

export interface PolicyStore {
  /** What stands, by key. */
  list(): Promise<PolicyRecord[]>;
  get(key: string): Promise<PolicyRecord | undefined>;
  /**
   * Appends a revision on top of the given one (0: none stands yet). When another stands, appends nothing and answers that
   * one; undefined when there is none.
   */
  put(
    document: PolicyDocument,
    revision: number,
    by: string,
    at: number,
  ): Promise<{ saved: boolean; policy: PolicyRecord | undefined }>;
  /** Every revision, the latest first: trails name them. */
  history(key: string): Promise<PolicyRecord[]>;
}

/** The place that a contact holds under the caps: before it is made, so that two at once do not take the same. */
export interface ContactRecord {
  /** The effect's name, `runId/stepId#visit`. */
  effect: string;
  at: number;
  journey: string;
  channel: string;
  purpose?: string;
  /** Until then some cap may count it; afterwards it is forgotten. */
  countsUntil: number;
  /** False while nobody knows: a place is kept until it is given back. */
  sent: boolean;
}

/** Places of subjects. Each subject's are few: what no cap counts has none, and what counts no longer is forgotten. */
export interface ContactStore {
  /** By their instants. */
  of(type: string, key: string): Promise<ContactRecord[]>;
  /**
   * Takes a place when `allows` says so of the places of others that stand at that moment, whoever else asks meanwhile.
   * An effect that holds one keeps it, and is told so without being asked again. `allows` may be called several times.
   */
  reserve(
    type: string,
    key: string,
    place: Omit<ContactRecord, 'sent'>,
    allows: (others: ContactRecord[]) => boolean,
  ): Promise<boolean>;
  /** The contact was made, at this instant. Nothing when the effect holds no place. */
  confirm(type: string, key: string, effect: string, at: number): Promise<void>;
  /** The contact was not made. Nothing when the effect holds no place, or was sent. */
  release(type: string, key: string, effect: string): Promise<void>;
  /** Removes everything about a subject. */
  forget(type: string, key: string): Promise<void>;
}
