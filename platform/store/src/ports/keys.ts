import type { KeyRing, SubjectKey } from '../keys.ts';
import type { Roots } from '../roots.ts';

// Keys of subjects and of the deployment, and erasure.

/** One key a subject. It is wrapped by the deployment's, and its collection can be backed up apart. */
export interface SubjectKeyStore extends KeyRing {
  /**
   * The key of a run's person, as it was when the run began. Of a run that is not known, the deployment's own. Rejects with
   * a `SubjectErasedError` when it was destroyed.
   */
  ofRun(runId: string): Promise<SubjectKey>;
}

/** How far a renewal is. */
export interface RenewalProgress {
  generation: number;
  /** Keys of subjects and connections looked at, of those that there were. */
  done: number;
  total: number;
  /** What could not be wrapped anew: names of keys and connections. */
  failed: string[];
}

/** How many stand under which generation. */
export interface KeysStanding {
  newest: number;
  /** Whether everything is being wrapped anew under it. */
  isRenewing: boolean;
  /** Every generation, the first one first. */
  generations: { generation: number; subjectKeys: number; secrets: number }[];
}

/** The roots of a deployment, and what stands under them. */
export interface RootStore extends Roots {
  standing(): Promise<KeysStanding>;
  /** Begins a new generation, or goes on with one, and wraps everything anew under it. Answers what it did. */
  renew(options?: RenewalOptions): Promise<RenewalProgress>;
}

/** How a renewal waits and tells. */
export interface RenewalOptions {
  report?: (progress: RenewalProgress) => void;
  pause?: (ms: number) => Promise<void>;
}

/** An erasure that was begun: it is gone on with until nothing is left to do, whatever breaks down meanwhile. */
export interface ErasureRecord {
  type: string;
  key: string;
  at: number;
  by: string;
  /** When the key was destroyed. */
  destroyedAt?: number;
}

export interface ErasureStore {
  /** Notes that an erasure begins, in place of one whose key is destroyed; one that is under way stays as it is. */
  begin(erasure: ErasureRecord): Promise<void>;
  /** The oldest first. */
  underWay(limit: number): Promise<ErasureRecord[]>;
  /** Whether one was begun and has not destroyed the key yet. */
  isUnderWay(type: string, key: string): Promise<boolean>;
  /** Notes that everything was done, and the last look is still to come. */
  markDestroyed(type: string, key: string, at: number): Promise<void>;
  /** Forgets an erasure whose key was destroyed; one that was begun again meanwhile stays. */
  finish(type: string, key: string): Promise<void>;
  /**
   * Takes away whatever is kept about a person outside their own record, sealed or not: what is left of their runs, events
   * and entries is ids, steps, words and instants.
   */
  wipe(type: string, key: string): Promise<void>;
}
