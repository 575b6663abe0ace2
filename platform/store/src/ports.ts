import type { AccessStore, AuditStore } from './ports/access.ts';
import type { ConnectionStore } from './ports/connections.ts';
import type { LeaseStore, SettingsStore } from './ports/deployment.ts';
import type { EffectStore } from './ports/effects.ts';
import type { IntakeStore } from './ports/intake.ts';
import type { JourneyStore } from './ports/journeys.ts';
import type { ErasureStore, RootStore, SubjectKeyStore } from './ports/keys.ts';
import type { ContactStore, PolicyStore } from './ports/policies.ts';
import type { ReportStore } from './ports/reports.ts';
import type { RunStore } from './ports/runs.ts';
import type { SubjectStore } from './ports/subjects.ts';
import type { TaskStore } from './ports/tasks.ts';

// What the platform asks of a database. Two adapters keep these promises: `mongo/` and `memory/`; one contract suite runs
// against both.
//
// Invariants
//   S1. Append first: what arrives is stored under a unique key before anything is done with it. A second insert of the
//       same key answers "duplicate" and changes nothing.
//   S2. A position, checkpoint or trail entry is replaced only by one that ranks no lower: by its turn, then by its revision; of
//       the same revision what was decided stands above what was foretold. Entries beyond a state's next index that rank
//       lower did not come true, and are taken away. A turn counts what the host had heard: when it decides anew because
//       something came in meanwhile, the revision may be the same, or lower, and the turn is higher.
//   S3. An outcome is stored under its effect's name, once. A second outcome for the same name changes nothing.
//   S4. No operation needs a transaction across documents.
//   S5. Instants are milliseconds since 1970 (numbers) in ports; lists are `{ items, nextCursor }`. A cursor that no list
//       gave out is refused with an `InvalidCursorError`.
//   S6. Any JSON is kept as it is: keys may hold dots, `$` and `__proto__`. What is given in or out is a copy.
//   S7. Run ids and subject types contain no `/`: it divides them from what belongs to them.
//   S8. Whatever is about a person outside their own record is sealed with their key. Once it is destroyed, writing such a thing
//       rejects with a `SubjectErasedError` and changes nothing, and reading answers steps and instants without values.

export type * from './ports/access.ts';
export type * from './ports/connections.ts';
export type * from './ports/deployment.ts';
export type * from './ports/effects.ts';
export type * from './ports/intake.ts';
export type * from './ports/journeys.ts';
export type * from './ports/keys.ts';
export type * from './ports/pages.ts';
export type * from './ports/policies.ts';
export type * from './ports/reports.ts';
export type * from './ports/runs.ts';
export type * from './ports/subjects.ts';
export type * from './ports/tasks.ts';

/** What changed, for live screens. */
export type Change =
  | { type: 'run'; runId: string; journey: string; version: number; incident: boolean }
  | { type: 'trail'; runId: string; journey: string }
  | { type: 'journey'; journey: string }
  | { type: 'task' };

export interface Store {
  journeys: JourneyStore;
  subjects: SubjectStore;
  subjectKeys: SubjectKeyStore;
  roots: RootStore;
  erasures: ErasureStore;
  runs: RunStore;
  effects: EffectStore;
  tasks: TaskStore;
  intake: IntakeStore;
  reports: ReportStore;
  policies: PolicyStore;
  contacts: ContactStore;
  connections: ConnectionStore;
  access: AccessStore;
  audit: AuditStore;
  settings: SettingsStore;
  leases: LeaseStore;
  /**
   * Calls back for each change made after the answer, until the answered function is called. `onError` hears of every
   * interruption: the watch goes on where it was, or, when that is no longer known, from now on.
   */
  watch(
    onChange: (change: Change) => void,
    onError: (error: Error) => void,
  ): Promise<() => Promise<void>>;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
