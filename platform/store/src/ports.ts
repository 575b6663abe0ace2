import type { ConnectionLimits, JourneyDocument, PolicyDocument } from '@sojourn/schemas';
import type { Json, JsonObject, Plan, RunEvent, RunState, TrailEntry } from '@sojourn/engine';
import type { KeyRing, SubjectKey } from './keys.ts';
import type { Roots } from './roots.ts';

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

export interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

export interface PageRequest {
  limit: number;
  cursor?: string;
}

// ── Journeys ────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Subjects ────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Keys of subjects, and erasure ───────────────────────────────────────────────────────────────────────────────────

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

// ── Policies and contacts ───────────────────────────────────────────────────────────────────────────────────────────

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

// ── Runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where a run stands, for lists and counts. */
export interface Position {
  step: string;
  visit: number;
  since: number;
  until?: number;
  waitingFor?: string;
}

export interface RunIncident {
  id: string;
  step: string;
  visit: number;
  code: string;
  fingerprint: string;
  detail: string;
  at: number;
}

export interface RunRecord {
  id: string;
  journey: string;
  version: number;
  planHash: string;
  subject: { type: string; key: string };
  key: string;
  /** How-manieth run of this key in this journey, from 1. */
  ordinal: number;
  status: 'active' | 'held' | 'ended';
  outcome?: string;
  startedAt: number;
  endedAt?: number;
  positions: Position[];
  incidents: RunIncident[];
  /** The earliest instant at which something is due; absent when only an event can move it. */
  nextDueAt?: number;
  revision: number;
  /** The turn in which this was decided (S2); absent: 0. */
  turn?: number;
}

/** One write of what a transition decided. */
export interface Checkpoint {
  runId: string;
  journey: string;
  version: number;
  state: RunState;
  /** Entries not stored yet, or stored from a lower rank. */
  trail: TrailEntry[];
  positions: Position[];
  incidents: RunIncident[];
  nextDueAt?: number;
  /**
   * Whether an activity foretold it. What the run itself decided at the same revision is of a higher rank: another event
   * may have come in between.
   */
  predicted?: boolean;
  /** How much the host had heard when it decided this; absent: 0. It only grows, from one attempt to the next, too. */
  turn?: number;
}

export interface RunFilter {
  journey?: string;
  version?: number;
  step?: string;
  status?: 'active' | 'held' | 'ended';
  outcome?: string;
  subject?: { type: string; key: string };
  /** A fingerprint, or `any`. */
  incident?: string;
}

export interface RunStore {
  /**
   * Inserts a run that has not started. False when the id is taken (S1), or the ordinal of that key in that journey.
   * `state` is the first checkpoint, revision 0.
   */
  insert(run: RunRecord, state: RunState): Promise<boolean>;
  get(id: string): Promise<RunRecord | undefined>;
  state(id: string): Promise<RunState | undefined>;
  /** Latest start first. */
  list(filter: RunFilter, page: PageRequest): Promise<Page<RunRecord>>;
  count(filter: RunFilter): Promise<number>;
  /** The latest run of a key in a journey. */
  latestOfKey(journey: string, key: string): Promise<RunRecord | undefined>;
  /** Ids of runs of a subject that have not ended; with `endedSince`, of those that ended at that instant or later, too. */
  openOfSubject(
    type: string,
    key: string,
    endedSince?: number,
  ): Promise<{ id: string; planHash: string; status: RunRecord['status'] }[]>;
  /** Runs that have not ended, in the order of their ids, from after `afterId`. For rebuilding and sweeping. */
  open(afterId: string | undefined, limit: number): Promise<{ id: string; planHash: string }[]>;
  /** Stores position, state and trail, each replaced only by what ranks no lower (S2). Of a run that was closed nothing is. */
  checkpoint(checkpoint: Checkpoint): Promise<void>;
  /**
   * Ends a run from outside, over whatever its own host still writes: its position and incidents go, its trail gets a last
   * entry. False when there is no such run, or it has ended.
   */
  close(id: string, end: { outcome: string; at: number }): Promise<boolean>;
  /** By `seq`. */
  trail(id: string, page: PageRequest): Promise<Page<TrailEntry>>;
  /** Per step: here now, entered, left by port, incidents, next due; counted from runs and trail. */
  counts(journey: string, version: number): Promise<Record<string, StepCounts>>;
}

export interface StepCounts {
  here: number;
  entered: number;
  left: Record<string, number>;
  incidents: number;
  nextDueAt?: number;
}

// ── Effects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Tasks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type TaskStatus = 'open' | 'claimed' | 'done' | 'cancelled' | 'overdue';

/** Something that happened to a task before it was over. Values and notes are gone once the person was erased. */
export type TaskMoment = TaskAttempt | TaskHandOver;

/** Somebody tried, and the task was put back. */
export interface TaskAttempt {
  type: 'attempted';
  at: number;
  by: string;
  outcome: string;
  /** When it is back on the list. */
  backAt: number;
  values?: JsonObject;
  note?: string;
}

/** Somebody gave it to another queue, or to a person. */
export interface TaskHandOver {
  type: 'handed-over';
  at: number;
  by: string;
  fromQueue: string;
  queue: string;
  to?: string;
  note?: string;
}

/** Work for a person. */
export interface TaskRecord {
  id: string;
  /** The effect that asked for it and waits for it, `runId/stepId#visit`, and its run. Absent when no run waits. */
  effect?: string;
  runId?: string;
  /** Whom it is about; absent when nobody knows. */
  subject?: { type: string; key: string };
  queue: string;
  /** Empty once the person was erased. */
  title: string;
  /** Markdown. */
  script?: string;
  priority: 'low' | 'normal' | 'high';
  /** A JSON Schema of what is filled in. */
  form?: JsonObject;
  /** How it may end; none once the person was erased. `again`: after which durations it is put back before it ends so. */
  outcomes: { port: string; label?: string; again?: string[] }[];
  status: TaskStatus;
  createdAt: number;
  dueAt?: number;
  /** When and where it is done, if that is an appointment. */
  appointment?: { start: number; end: number; location?: string };
  /** It was tried, and is back on the list only then. */
  notBefore?: number;
  /** What happened to it before it was over, in that order. Absent when nothing did. */
  history?: TaskMoment[];
  /** Who has it, or had it last. */
  assignee?: string;
  claimedAt?: number;
  /** When it was over, and of one that was done: how, by whom, with which answers. */
  closedAt?: number;
  by?: string;
  outcome?: string;
  values?: JsonObject;
  note?: string;
}

export interface TaskFilter {
  queue?: string;
  assignee?: string;
  /** Only due before this instant. */
  dueBefore?: number;
  /** Default: every one that is not over. */
  status?: TaskStatus;
  /** Only what may be done at this instant, not what comes back later. */
  readyAt?: number;
  /** Only what comes back after this instant. */
  laterThan?: number;
}

/** A task as it is put on the list. */
export type NewTaskRecord = Omit<
  TaskRecord,
  | 'status'
  | 'notBefore'
  | 'history'
  | 'assignee'
  | 'claimedAt'
  | 'closedAt'
  | 'by'
  | 'outcome'
  | 'values'
  | 'note'
>;

/** A queue, and how many of its tasks are not over. */
export interface TaskQueue {
  queue: string;
  count: number;
}

export interface TaskStore {
  /** Stores a task that nobody has claimed, once (S1). */
  add(task: NewTaskRecord): Promise<boolean>;
  get(id: string): Promise<TaskRecord | undefined>;
  /** What is due first, first; what is never due, last. */
  list(filter: TaskFilter, page: PageRequest): Promise<Page<TaskRecord>>;
  /** The queues with tasks that are not over, by name. */
  queues(): Promise<TaskQueue[]>;
  /** Gives an open task to somebody; one that they have already stays as it is. False when another has it, or it is over. */
  claim(id: string, by: string, at: number): Promise<boolean>;
  /** Takes it from somebody who has it. False when they have not. */
  release(id: string, by: string): Promise<boolean>;
  /**
   * Puts a task back that somebody tried: nobody has it, and it is back at `backAt`. `after` is how much had happened to it when
   * that was decided. False when more has, when another has it, or it is over.
   */
  attempt(
    id: string,
    attempt: Omit<TaskAttempt, 'type'> & { dueAt: number; after: number },
  ): Promise<boolean>;
  /** Moves a task from somebody who has it into a queue, or to a person there, at once. False when they have not got it. */
  handOver(id: string, move: Omit<TaskHandOver, 'type' | 'fromQueue'>): Promise<boolean>;
  /** Ends a task that nobody else has, once. `after` as above. False when another has it, it is over, or more has happened. */
  complete(
    id: string,
    end: {
      by: string;
      at: number;
      outcome: string;
      values: JsonObject;
      note?: string;
      after?: number;
    },
  ): Promise<boolean>;
  /** Moves the appointment of a task that is not over, and is due at its end. False when it is over, has none, or is unknown. */
  move(id: string, to: { start: number; end: number }): Promise<boolean>;
  /** Takes a task off the list because its run went on. False when it is over, or unknown. */
  withdraw(id: string, as: 'cancelled' | 'overdue', at: number): Promise<boolean>;
  /** Tasks done before `before` whose end the run was not told. */
  untold(before: number, limit: number): Promise<TaskRecord[]>;
  markTold(id: string): Promise<void>;
}

// ── What arrives ────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── What providers report ───────────────────────────────────────────────────────────────────────────────────────────

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

// ── Connections, people, audit ──────────────────────────────────────────────────────────────────────────────────────

export interface ConnectionRecord {
  id: string;
  plugin: string;
  type: string;
  name: string;
  /** Settings with every secret as `{ sealed: "<text>" }`. */
  settings: JsonObject;
  limits: ConnectionLimits;
  default: boolean;
  health?: { status: 'ok' | 'degraded' | 'down'; latencyMs: number; detail?: string; at: number };
  createdAt: number;
  updatedAt: number;
}

/** What is answered is sealed under roots that this process knows, as far as there are any. */
export interface ConnectionStore {
  insert(connection: ConnectionRecord): Promise<boolean>;
  get(id: string): Promise<ConnectionRecord | undefined>;
  list(): Promise<ConnectionRecord[]>;
  replace(connection: ConnectionRecord): Promise<boolean>;
  /** Notes how a connection is, as long as it is the one that was asked: unchanged since `updatedAt`. Changes nothing else of it. */
  noteHealth(
    id: string,
    health: NonNullable<ConnectionRecord['health']>,
    updatedAt: number,
  ): Promise<boolean>;
  /**
   * Replaces the settings by what `change` makes of them, and nothing else; the record stays as old as it was. False when anything
   * of it was changed meanwhile, and when there is none.
   */
  amend(
    id: string,
    change: (settings: JsonObject) => JsonObject | Promise<JsonObject>,
  ): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  defaultOf(plugin: string): Promise<ConnectionRecord | undefined>;
}

export interface UserRecord {
  id: string;
  name: string;
  email?: string;
  role: 'owner';
  createdAt: number;
}

/** A session, a bearer token or a sign-in link: only the hash of its secret is stored. */
export interface CredentialRecord {
  hash: string;
  kind: 'session' | 'token' | 'sign-in';
  userId: string;
  createdAt: number;
  expiresAt?: number;
}

export interface AccessStore {
  putUser(user: UserRecord): Promise<void>;
  user(id: string): Promise<UserRecord | undefined>;
  owner(): Promise<UserRecord | undefined>;
  putCredential(credential: CredentialRecord): Promise<void>;
  credential(hash: string, now: number): Promise<CredentialRecord | undefined>;
  /** Removes it and answers it when it stood and had not expired: a sign-in link works once. */
  takeCredential(hash: string, now: number): Promise<CredentialRecord | undefined>;
}

export interface AuditRecord {
  id: string;
  at: number;
  by: string;
  what: string;
  target: string;
  before?: Json;
  after?: Json;
  why?: string;
  requestId?: string;
}

export interface AuditStore {
  append(record: AuditRecord): Promise<void>;
  /** Latest first. */
  list(filter: { target?: string }, page: PageRequest): Promise<Page<AuditRecord>>;
}

/** Small values under a name: deployment facts, idempotent answers. */
export interface SettingsStore {
  get(name: string): Promise<Json | undefined>;
  put(name: string, value: Json): Promise<void>;
  /** Stores `value` when nothing stands under `name`; answers what stands. */
  putOnce(name: string, value: Json): Promise<{ stored: boolean; value: Json }>;
}

/** What one process alone may do, for as long as it says that it does it. */
export interface LeaseStore {
  /** Takes a lease that nobody holds at `at`, or keeps one's own, until `until`. False while another holds it. */
  take(name: string, holder: string, at: number, until: number): Promise<boolean>;
  /** Gives it back. Nothing when another holds it. */
  drop(name: string, holder: string): Promise<void>;
}

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
