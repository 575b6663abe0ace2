import type { JsonObject, RunState, TrailEntry, TrailWord } from '@sojourn/engine';

import { present } from '../json.ts';
import { requireRunId, subjectName, subjectOf } from '../names.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import { rankOf, revisionOf } from '../rank.ts';
import type {
  Checkpoint,
  Position,
  RunFilter,
  RunIncident,
  RunRecord,
  RunStore,
} from '../ports.ts';
import { countSteps } from './counts.ts';
import { insertOnce, duplicatesIn, olderThan, parse, replacing, type Pieces } from './queries.ts';
import type { IncidentRow, Models, PositionRow, RunRow, TrailRow } from './rows.ts';

const withoutState = { st: 0 } as const;
const seqDigits = 9;

/** Runs, their states and their trails in MongoDB. */
export function createRuns({ runs, trail }: Models): RunStore {
  return {
    insert(run, state) {
      requireRunId(run.id);
      return insertOnce(runs, rowOf(run, state));
    },
    async get(id) {
      const row = await runs.findById(id, withoutState).lean<RunRow>();
      return row === null ? undefined : recordOf(row);
    },
    async state(id) {
      const row = await runs.findById(id, { st: 1 }).lean<RunRow>();
      return row === null ? undefined : parse<RunState>(row.st);
    },
    async list(filter, page) {
      const rows = await runs
        .find({ $and: [matching(filter), olderThan(page, 'a')] }, withoutState)
        .sort({ a: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<RunRow[]>();
      return pageOf(rows.map(recordOf), page, ({ startedAt, id }) => [startedAt, id]);
    },
    count: (filter) => runs.countDocuments(matching(filter)),
    async latestOfKey(journey, key) {
      const row = await runs
        .findOne({ j: journey, k: key }, withoutState)
        .sort({ n: -1 })
        .lean<RunRow>();
      return row === null ? undefined : recordOf(row);
    },
    async openOfSubject(type, key) {
      const rows = await runs
        .find({ sub: subjectName({ type, key }), o: 1 }, { h: 1, s: 1 })
        .lean<RunRow[]>();
      return rows.map(({ _id, h, s }) => ({
        id: _id,
        planHash: h,
        status: s as 'active' | 'held',
      }));
    },
    async open(afterId, limit) {
      const rows = await runs
        .find({ o: 1, ...(afterId === undefined ? {} : { _id: { $gt: afterId } }) }, { h: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<RunRow[]>();
      return rows.map(({ _id, h }) => ({ id: _id, planHash: h }));
    },
    // The hot path, so Mongoose's casting is left out: the rows are built here, of checked types.
    async checkpoint(checkpoint) {
      const position = runs.collection.updateOne(
        { _id: checkpoint.runId as never, r: { $lt: rankOf(checkpoint) } }, // S2
        replacing(movingFields(checkpoint)),
      );
      const stale =
        checkpoint.truncate === true
          ? trail.collection.deleteMany(staleEntries(checkpoint))
          : undefined;
      await Promise.all([position, storeTrail(trail, checkpoint), stale]);
    },
    async trail(id, page) {
      const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number']);
      const from = after === undefined ? { $gte: trailId(id, 0) } : { $gt: trailId(id, after[0]) };
      const rows = await trail
        .find({ _id: { ...from, $lte: `${id}/${'9'.repeat(seqDigits)}` } })
        .sort({ _id: 1 })
        .limit(page.limit + 1)
        .lean<TrailRow[]>();
      return pageOf(rows.map(entryOf), page, ({ seq }) => [seq]);
    },
    counts: (journey, version) => countSteps(runs, trail, journey, version),
  };
}

const trailId = (runId: string, seq: number) => `${runId}/${String(seq).padStart(seqDigits, '0')}`;

/** Entries that a prediction stored beyond what came true. */
const staleEntries = (checkpoint: Checkpoint) => ({
  _id: {
    $gte: trailId(checkpoint.runId, checkpoint.state.nextSeq) as never,
    $lte: `${checkpoint.runId}/${'9'.repeat(seqDigits)}` as never,
  },
  r: { $lt: rankOf(checkpoint) },
});

/**
 * Stores what is new of the trail (S2). An upsert whose filter finds no lower revision tries to insert, and is refused
 * when there is a row: one of a higher revision, or one that another writer inserted in this moment. A second round
 * without inserting tells them apart, or a higher revision would be lost to a lower one that was a little faster.
 */
async function storeTrail(trail: Models['trail'], checkpoint: Checkpoint): Promise<void> {
  if (checkpoint.trail.length === 0) return;
  const rank = rankOf(checkpoint);
  const writesOf = (entries: readonly TrailEntry[], upsert: boolean) =>
    entries.map((entry) => ({
      updateOne: {
        filter: { _id: trailId(checkpoint.runId, entry.seq) as never, r: { $lt: rank } },
        update: replacing(trailFields(checkpoint, entry)),
        upsert,
      },
    }));
  try {
    await trail.collection.bulkWrite(writesOf(checkpoint.trail, true), { ordered: false });
  } catch (error) {
    const refused = new Set(duplicatesIn(error));
    const again = checkpoint.trail.filter((_, index) => refused.has(index));
    await trail.collection.bulkWrite(writesOf(again, false), { ordered: false });
  }
}

function trailFields(checkpoint: Checkpoint, entry: TrailEntry) {
  const { journey, version } = checkpoint;
  const { because, what, step, visit, at } = entry;
  const port = because['port'];
  const counted =
    step === undefined
      ? undefined
      : what === 'entered'
        ? 'e'
        : what === 'left' && typeof port === 'string'
          ? `l:${port}`
          : undefined;
  return {
    ...{ r: rankOf(checkpoint), j: journey, v: version, s: step, n: visit, w: what, a: at },
    ...{ b: JSON.stringify(because), c: counted },
  } satisfies { [Field in keyof Omit<TrailRow, '_id'>]: TrailRow[Field] | undefined };
}

function entryOf({ _id, s, n, w, a, b }: TrailRow): TrailEntry {
  return present<TrailEntry>({
    seq: Number(_id.slice(-seqDigits)),
    at: a,
    step: s,
    visit: n,
    what: w as TrailWord,
    because: parse<JsonObject>(b),
  });
}

/** What a checkpoint replaces of a run's row. */
function movingFields(checkpoint: Checkpoint) {
  const { state, positions, incidents, nextDueAt } = checkpoint;
  return {
    s: state.status,
    x: state.outcome,
    o: openMark(state.status),
    e: state.endedAt,
    d: nextDueAt,
    p: absentWhenEmpty(positions.map(positionRow)),
    i: absentWhenEmpty(incidents.map(incidentRow)),
    r: rankOf(checkpoint),
    st: JSON.stringify(state),
  };
}

function rowOf(run: RunRecord, state: RunState): RunRow {
  return present<RunRow>({
    _id: run.id,
    j: run.journey,
    v: run.version,
    h: run.planHash,
    sub: subjectName(run.subject),
    k: run.key,
    n: run.ordinal,
    s: run.status,
    x: run.outcome,
    o: openMark(run.status),
    a: run.startedAt,
    e: run.endedAt,
    d: run.nextDueAt,
    p: absentWhenEmpty(run.positions.map(positionRow)),
    i: absentWhenEmpty(run.incidents.map(incidentRow)),
    r: run.revision,
    st: JSON.stringify(state),
  });
}

function recordOf(row: RunRow): RunRecord {
  return present<RunRecord>({
    id: row._id,
    journey: row.j,
    version: row.v,
    planHash: row.h,
    subject: subjectOf(row.sub),
    key: row.k,
    ordinal: row.n,
    status: row.s as RunRecord['status'],
    outcome: row.x,
    startedAt: row.a,
    endedAt: row.e,
    nextDueAt: row.d,
    positions: (row.p ?? []).map(positionOf),
    incidents: (row.i ?? []).map(incidentOf),
    revision: revisionOf(row.r),
  });
}

const openMark = (status: RunRecord['status']) => (status === 'ended' ? undefined : 1);
const absentWhenEmpty = <Item>(items: Item[]) => (items.length === 0 ? undefined : items);

const positionRow = ({ step, visit, since, until, waitingFor }: Position): PositionRow =>
  present<PositionRow>({ s: step, n: visit, a: since, u: until, w: waitingFor });

const positionOf = ({ s, n, a, u, w }: PositionRow): Position =>
  present<Position>({ step: s, visit: n, since: a, until: u, waitingFor: w });

const incidentRow = (incident: RunIncident): IncidentRow => {
  const { id, step, visit, code, fingerprint, detail, at } = incident;
  return { id, s: step, n: visit, c: code, f: fingerprint, t: detail, a: at };
};

const incidentOf = ({ id, s, n, c, f, t, a }: IncidentRow): RunIncident => ({
  ...{ id, step: s, visit: n, code: c, fingerprint: f, detail: t, at: a },
});

function matching(filter: RunFilter): Pieces {
  const { journey, version, step, status, outcome, subject, incident } = filter;
  return present<Pieces>({
    j: journey,
    v: version,
    s: status,
    x: outcome,
    'p.s': step,
    sub: subject === undefined ? undefined : subjectName(subject),
    'i.f': incident === 'any' ? { $exists: true } : incident,
  });
}
