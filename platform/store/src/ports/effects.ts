import type { RunEvent } from '@sojourn/engine';

// What was asked of the world, and what came of it.

/** What was asked of the world under one name, and what came of it. */
export interface EffectRecord {
  /** `runId/stepId#visit`: the idempotency key. */
  id: string;
  runId: string;
  /** Absent when the effect was settled before any attempt: suppressed, or deferred. */
  plugin?: string;
  action?: string;
  connection?: string;
  /** Attempts begun. */
  attempts: number;
  /** When the running attempt's lease ends; the next attempt may begin only then. */
  leaseUntil?: number;
  /** Set when an attempt has begun to talk to the provider and no outcome is stored: until then its outcome is unknown. */
  intentAt?: number;
  outcome?: EffectOutcome;
  reference?: string;
}

/** How an effect ended, as the event the engine is told. */
export type EffectOutcome = Extract<
  RunEvent,
  {
    type:
      | 'effect.settled'
      | 'effect.accepted'
      | 'effect.failed'
      | 'effect.suppressed'
      | 'effect.deferred';
  }
>;

export interface EffectStore {
  get(id: string): Promise<EffectRecord | undefined>;
  /**
   * Records that an attempt begins: counts it and takes the lease until `leaseUntil`. Answers the record as it was
   * before (undefined for a first attempt). While another attempt's lease runs, or when an outcome stands, changes
   * nothing and answers the record that stands. A deferral stands until its instant; then it is forgotten.
   */
  begin(intent: {
    id: string;
    runId: string;
    plugin: string;
    action: string;
    connection?: string;
    at: number;
    leaseUntil: number;
  }): Promise<
    { began: true; before: EffectRecord | undefined } | { began: false; record: EffectRecord }
  >;
  /**
   * Gives the lease back after an attempt that is known to have had no effect; with `keepIntent`, after one of which
   * nobody knows. Nothing when no lease is taken.
   */
  release(id: string, options: { countAttempt: boolean; keepIntent?: boolean }): Promise<void>;
  /** Stores the outcome, once (S3), and gives the lease back. False when one stands already. */
  settle(id: string, outcome: EffectOutcome): Promise<boolean>;
  /** Clears outcome, attempts and intent (not the reference: a late callback still finds it) so that an operator's retry may use the same key. */
  reopen(id: string): Promise<void>;
  /** The effect that a provider knows by this reference. */
  byReference(connection: string, reference: string): Promise<EffectRecord | undefined>;
  /** Those of the references that some effect of this connection has. */
  knownReferences(connection: string, references: string[]): Promise<Set<string>>;
}
