/* eslint @typescript-eslint/no-unsafe-class-instance-assignment: "off" -- The rule overflows the stack on the types of Mongoose. */
import { Schema, type Connection, type Model, type SchemaDefinition } from 'mongoose';

// How records are laid out in MongoDB.
//
// Invariants
//   R1. JSON that others wrote is stored as its text: keys with dots or `$`, depth and size are then nobody's concern.
//   R2. What is absent has no field, so that partial and sparse indexes stay as small as what they are about.
//   R3. Every query of the store has an index below. Runs and the trail are many: there, names are short and an index
//       must earn its bytes.
//   R4. What is about a person outside their own row is sealed with their key.

/** The text of some JSON (R1). */
export type JsonText = string;

/** A text sealed with a person's key (R4); a string was written before values were sealed, or holds nothing about anybody. */
export type Sealed = Uint8Array | string;

export interface JourneyRow {
  _id: string;
  name: JsonText;
  subjectType: string;
  state: string;
  waits: string;
  latestVersion?: number;
  createdAt: number;
  updatedAt: number;
  /** The draft stands in its journey: they are created at once. */
  draft: { revision: number; document: JsonText; updatedAt: number; updatedBy: string };
}

export interface VersionRow {
  _id: string;
  journey: string;
  number: number;
  document: JsonText;
  plan: JsonText;
  planHash: string;
  contentHash: string;
  publishedBy: string;
  publishedAt: number;
  note?: string;
}

export interface SubjectRow {
  /** `type/key`. */
  _id: string;
  attributes: JsonText;
  /** The addresses among them, as they are compared. */
  addresses?: string[];
  revision: number;
  createdAt: number;
  updatedAt: number;
}

export interface SubjectKeyRow {
  /** The key's name: random. */
  _id: string;
  /** `type/key` of the subject. */
  sub: string;
  /** The key, wrapped; absent once it was destroyed. */
  key?: Uint8Array;
  /** Of the root that it is wrapped under; absent: 1. */
  g?: number;
  /** 1 on the row that counts for the subject. */
  now?: 1;
  destroyedAt?: number;
}

export interface RootsRow {
  /** There is one. */
  _id: string;
  revision: number;
  /** Generation, and the root wrapped by the deployment's key. */
  roots: { g: number; w: Uint8Array }[];
  renewing?: number;
}

export interface ErasureRow {
  /** `type/key`. */
  _id: string;
  at: number;
  by: string;
  destroyedAt?: number;
}

export interface ConsentRow {
  /** The JSON of `[type, key, purpose, channel]`: those of one subject are neighbours. */
  _id: string;
  state: string;
  at: number;
  source: string;
  proof?: string;
}

export interface PolicyRow {
  /** `key/revision`, the number in nine digits. */
  _id: string;
  key: string;
  document: JsonText;
  updatedAt: number;
  updatedBy: string;
}

/** A contact that caps count: effect, instant, journey, channel, purpose, until when it counts, 1 when it was sent. */
export interface PlaceRow {
  e: string;
  a: number;
  j: string;
  c: string;
  p?: string;
  u: number;
  s?: 1;
}

export interface ContactRow {
  /** `type/key` of the subject. */
  _id: string;
  /** Grows with every write. */
  r: number;
  p: PlaceRow[];
  /** When nothing in it counts any longer. A date, not a number: MongoDB removes what has expired. */
  x: Date;
}

export interface PositionRow {
  s: string;
  n: number;
  a: number;
  u?: number;
  w?: string;
}

export interface IncidentRow {
  id: string;
  s: string;
  n: number;
  c: string;
  f: string;
  /** Detail. */
  t: Sealed;
  a: number;
}

export interface RunRow {
  _id: string;
  /** Journey, version, plan hash. */
  j: string;
  v: number;
  h: string;
  /** `type/key` of the subject. */
  sub: string;
  /** Key and its ordinal. */
  k: string;
  n: number;
  /** Status and outcome. */
  s: string;
  x?: string;
  /** 1 while the run has not ended. */
  o?: 1;
  /** Started, ended, next due. */
  a: number;
  e?: number;
  d?: number;
  p?: PositionRow[];
  i?: IncidentRow[];
  /** Revision, and the state of that revision. */
  r: number;
  st: Sealed;
  /** Where the trail ends with it: what an earlier write has put beyond that did not come true. */
  q?: number;
  /** 1 when it was ended from outside: its host writes no more. */
  z?: 1;
}

export interface TrailRow {
  /** `runId/seq`, the number in nine digits: the trail of a run is a range of ids, in order. */
  _id: string;
  r: number;
  j: string;
  v: number;
  s?: string;
  n?: number;
  w: string;
  a: number;
  b: Sealed;
  /** What counts count: `e` for entered, `l:port` for left. */
  c?: string;
}

export interface EffectRow {
  _id: string;
  plugin?: string;
  action?: string;
  connection?: string;
  attempts: number;
  leaseUntil?: number;
  intentAt?: number;
  outcome?: Sealed;
  /** When the outcome is a deferral: the instant from which it no longer stands. */
  deferredUntil?: number;
  reference?: string;
}

/** Something that happened to a task; what may say something about the person is sealed. */
export interface TaskMomentRow {
  type: string;
  at: number;
  by: string;
  outcome?: string;
  backAt?: number;
  fromQueue?: string;
  queue?: string;
  to?: string;
  content?: Sealed;
}

export interface TaskRow {
  _id: string;
  /** `runId/stepId#visit`. */
  effect?: string;
  /** `type/key` of the subject. */
  sub?: string;
  queue: string;
  priority: string;
  status: string;
  at: number;
  /** What is never due has the last instant there is: lists are sorted by it. */
  due: number;
  /** When it is back on the list after it was tried. */
  notBefore?: number;
  assignee?: string;
  claimedAt?: number;
  closedAt?: number;
  by?: string;
  outcome?: string;
  /** What is to be done; what was answered. Absent once the person was erased. */
  content?: Sealed;
  answers?: Sealed;
  history?: TaskMomentRow[];
  /** 1 while it is done and its run was not told. */
  untold?: 1;
}

/** What a provider reported. */
export interface ReportRow {
  _id: string;
  plugin: string;
  connection: string;
  kind: string;
  eventType?: string;
  reference?: string;
  at: number;
  status: string;
  /** `runId/stepId#visit`, and the run in it. */
  effect?: string;
  run?: string;
  /** `type/key` of the subject. */
  sub?: string;
  /** 1 when a person wrote it. */
  message?: 1;
  /** When it is looked at again. */
  due?: number;
  /** What it says. Absent once the person was erased. */
  content?: Sealed;
}

export interface EventRow {
  _id: string;
  source: string;
  eventId: string;
  type: string;
  sub: string;
  time?: string;
  data: Sealed;
  at: number;
  order: number;
  /** 1 until it is routed. */
  new?: 1;
}

export interface InboxRow {
  /** `runId/messageId`. */
  _id: string;
  at: number;
  message: Sealed;
  /** 1 until it is delivered. */
  new?: 1;
}

export interface EntryRow {
  _id: string;
  journey: string;
  sub: string;
  at: number;
  result: string;
  record: JsonText;
  /** The refusal's detail, which may quote what was given. */
  d?: Sealed;
}

export interface ConnectionRow {
  _id: string;
  plugin: string;
  default: boolean;
  /** When somebody changed it last. */
  changed?: number;
  record: JsonText;
  health?: JsonText;
}

export interface UserRow {
  _id: string;
  createdAt: number;
  record: JsonText;
}

export interface CredentialRow {
  _id: string;
  kind: string;
  userId: string;
  createdAt: number;
  /** A date, not a number: MongoDB removes what has expired. */
  expiresAt?: Date;
}

export interface AuditRow {
  _id: string;
  at: number;
  target: string;
  record: JsonText;
  /** Before, after and why, when the target is a person or a run. */
  d?: Sealed;
}

export interface LeaseRow {
  _id: string;
  holder: string;
  until: number;
}

export interface SettingRow {
  _id: string;
  value: JsonText;
}

const text = { type: String, required: true } as const;
const emptyText = { type: String, default: undefined } as const;
const number = { type: Number, required: true } as const;
const maybeNumber = { type: Number } as const;
const mixed = { type: Schema.Types.Mixed } as const;

type Index = [fields: Record<string, 1 | -1>, options?: Record<string, unknown>];

/** The models of one connection. */
export type Models = ReturnType<typeof defineModels>;

/** Defines every collection of the store on a connection. */
export function defineModels(connection: Connection) {
  const define = <Row extends { _id: string }>(
    collection: string,
    fields: Record<Exclude<keyof Row, '_id'>, unknown>,
    indexes: Index[] = [],
  ): Model<Row> => {
    const definition = { _id: text, ...fields } as unknown as SchemaDefinition;
    const schema = new Schema(definition, {
      collection,
      minimize: false,
      versionKey: false,
      strict: 'throw',
      autoIndex: false,
      autoCreate: false,
    });
    for (const [index, options] of indexes) schema.index(index, options ?? {});
    return connection.model(collection, schema) as unknown as Model<Row>;
  };
  const only = (field: string): Record<string, unknown> => ({
    partialFilterExpression: { [field]: { $exists: true } },
  });

  return {
    journeys: define<JourneyRow>('journeys', {
      name: text,
      subjectType: text,
      state: text,
      waits: text,
      latestVersion: maybeNumber,
      createdAt: number,
      updatedAt: number,
      draft: mixed,
    }),
    versions: define<VersionRow>(
      'versions',
      {
        journey: text,
        number,
        document: text,
        plan: text,
        planHash: text,
        contentHash: text,
        publishedBy: text,
        publishedAt: number,
        note: emptyText,
      },
      [[{ journey: 1, number: 1 }], [{ planHash: 1 }]],
    ),
    subjects: define<SubjectRow>(
      'subjects',
      {
        attributes: text,
        addresses: { type: [String], default: undefined },
        revision: number,
        createdAt: number,
        updatedAt: number,
      },
      [[{ addresses: 1 }, { sparse: true }]],
    ),
    subjectKeys: define<SubjectKeyRow>(
      'subjectKeys',
      { sub: text, key: mixed, g: maybeNumber, now: maybeNumber, destroyedAt: maybeNumber },
      [[{ sub: 1 }, { unique: true, ...only('now') }]],
    ),
    roots: define<RootsRow>('roots', { revision: number, roots: mixed, renewing: maybeNumber }),
    erasures: define<ErasureRow>('erasures', { at: number, by: text, destroyedAt: maybeNumber }),
    consents: define<ConsentRow>('consents', {
      state: text,
      at: number,
      source: emptyText,
      proof: emptyText,
    }),
    policies: define<PolicyRow>('policies', {
      key: text,
      document: text,
      updatedAt: number,
      updatedBy: text,
    }),
    contacts: define<ContactRow>('contacts', { r: number, p: mixed, x: { type: Date } }, [
      [{ x: 1 }, { expireAfterSeconds: 0 }],
    ]),
    runs: define<RunRow>(
      'runs',
      {
        j: text,
        v: number,
        h: text,
        sub: text,
        k: emptyText,
        n: number,
        s: text,
        x: emptyText,
        o: maybeNumber,
        a: number,
        e: maybeNumber,
        d: maybeNumber,
        p: mixed,
        i: mixed,
        r: number,
        st: mixed,
        q: maybeNumber,
        z: maybeNumber,
      },
      [
        [{ j: 1, k: 1, n: -1 }, { unique: true }],
        [{ j: 1, v: 1, 'p.s': 1 }],
        [{ j: 1, a: -1, _id: -1 }],
        [{ a: -1, _id: -1 }],
        [{ sub: 1 }],
        [{ o: 1, _id: 1 }, only('o')],
        [{ 'i.f': 1 }, { sparse: true }],
      ],
    ),
    trail: define<TrailRow>(
      'trail',
      {
        r: number,
        j: text,
        v: number,
        s: emptyText,
        n: maybeNumber,
        w: text,
        a: number,
        b: mixed,
        c: emptyText,
      },
      [[{ j: 1, v: 1, s: 1, c: 1 }, only('c')]],
    ),
    effects: define<EffectRow>(
      'effects',
      {
        plugin: emptyText,
        action: emptyText,
        connection: emptyText,
        attempts: number,
        leaseUntil: maybeNumber,
        intentAt: maybeNumber,
        outcome: mixed,
        deferredUntil: maybeNumber,
        reference: emptyText,
      },
      [[{ reference: 1, connection: 1 }, only('reference')]],
    ),
    tasks: define<TaskRow>(
      'tasks',
      {
        effect: emptyText,
        sub: emptyText,
        queue: text,
        priority: text,
        status: text,
        at: number,
        due: number,
        notBefore: maybeNumber,
        assignee: emptyText,
        claimedAt: maybeNumber,
        closedAt: maybeNumber,
        by: emptyText,
        outcome: emptyText,
        content: mixed,
        answers: mixed,
        history: mixed,
        untold: maybeNumber,
      },
      [
        [{ status: 1, due: 1, _id: 1 }],
        [{ queue: 1, status: 1, due: 1, _id: 1 }],
        [{ assignee: 1, status: 1, due: 1, _id: 1 }, only('assignee')],
        [{ sub: 1 }, only('sub')],
        [{ closedAt: 1 }, only('untold')],
      ],
    ),
    reports: define<ReportRow>(
      'reports',
      {
        plugin: text,
        connection: text,
        kind: text,
        eventType: emptyText,
        reference: emptyText,
        at: number,
        status: text,
        effect: emptyText,
        run: emptyText,
        sub: emptyText,
        message: maybeNumber,
        due: maybeNumber,
        content: mixed,
      },
      [
        [{ at: -1, _id: -1 }],
        [{ plugin: 1, at: -1, _id: -1 }],
        [{ status: 1, at: -1, _id: -1 }],
        [{ message: 1, at: -1, _id: -1 }, only('message')],
        [{ run: 1, at: -1 }, only('run')],
        [{ sub: 1, at: -1 }, only('sub')],
        [{ due: 1 }, only('due')],
      ],
    ),
    events: define<EventRow>(
      'events',
      {
        source: emptyText,
        eventId: emptyText,
        type: text,
        sub: text,
        time: emptyText,
        data: mixed,
        at: number,
        order: number,
        new: maybeNumber,
      },
      [[{ sub: 1, order: -1 }], [{ order: 1 }, only('new')]],
    ),
    inbox: define<InboxRow>('inbox', { at: number, message: mixed, new: maybeNumber }, [
      [{ at: 1 }, only('new')],
    ]),
    entries: define<EntryRow>(
      'entries',
      { journey: text, sub: text, at: number, result: text, record: text, d: mixed },
      [[{ journey: 1, at: -1, _id: -1 }], [{ sub: 1, at: -1, _id: -1 }], [{ at: -1, _id: -1 }]],
    ),
    connections: define<ConnectionRow>(
      'connections',
      {
        plugin: text,
        default: { type: Boolean, required: true },
        changed: maybeNumber,
        record: text,
        health: emptyText,
      },
      [[{ plugin: 1 }]],
    ),
    users: define<UserRow>('users', { createdAt: number, record: text }),
    credentials: define<CredentialRow>(
      'credentials',
      { kind: text, userId: text, createdAt: number, expiresAt: { type: Date } },
      [[{ expiresAt: 1 }, { expireAfterSeconds: 0, sparse: true }]],
    ),
    audit: define<AuditRow>('audit', { at: number, target: text, record: text, d: mixed }, [
      [{ target: 1, at: -1, _id: -1 }],
      [{ at: -1, _id: -1 }],
    ]),
    settings: define<SettingRow>('settings', { value: text }),
    leases: define<LeaseRow>('leases', { holder: text, until: number }),
  };
}
