import type {
  JsonObject,
  Position,
  RunIncident,
  RunState,
  TrailEntry,
  TrailWord,
} from '@sojourn/engine';

import { present } from '../json.ts';
import { requireRunId, runOf, subjectName, subjectOf } from '../names.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import { rankOf, revisionOf, turnOf } from '../rank.ts';
import type { Checkpoint, RunFilter, RunRecord, RunStore } from '../ports.ts';
import type { Seals } from '../seals.ts';
import { countSteps } from './counts.ts';
import { insertOnce, duplicatesIn, olderThan, parse, replacing, type Pieces } from './queries.ts';
import { erasedValue, openText, sealing, type Sealing } from './sealed.ts';
import type { IncidentRow, Models, PositionRow, RunRow, TrailRow } from './rows.ts';

const withoutState = { st: 0 } as const;
const seqDigits = 9;
/** Above every rank: what ends a run from outside is never replaced. */
const closedRank = Number.MAX_SAFE_INTEGER;

/** Runs, their states and their trails in MongoDB. */
export function createRuns({ runs, trail }: Models, seals: Seals): RunStore {
  const recordOf = (row: RunRow) => openRecord(row, seals);
  const stateOf = async ({ _id, st }: Pick<RunRow, '_id' | 'st'>) => {
    const text = st === '' ? undefined : await openText(seals, st, `${_id} st`);
    return text === undefined ? undefined : parse<RunState>(text); // erased
  };

  /** Takes away what a write that came too late has put beyond the end of a trail (S2). */
  const takeBack = async (runId: string): Promise<void> => {
    const row = await runs.findById(runId, { st: 1, r: 1, z: 1 }).lean<RunRow>();
    const state = row === null || row.z === 1 ? undefined : await stateOf(row);
    if (row !== null && state) await trail.collection.deleteMany(beyond(runId, state, row.r));
  };

  return {
    async insert(run, state) {
      requireRunId(run.id);
      const key = await seals.ofSubject(run.subject);
      const inserted = await insertOnce(runs, rowOf(run, state, sealing(seals, key, run.id)));
      if (inserted) seals.note(run.id, key);
      return inserted;
    },
    async get(id) {
      const row = await runs.findById(id, withoutState).lean<RunRow>();
      return row === null ? undefined : await recordOf(row);
    },
    async state(id) {
      const row = await runs.findById(id, { st: 1 }).lean<RunRow>();
      return row === null ? undefined : await stateOf(row);
    },
    async list(filter, page) {
      const rows = await runs
        .find({ $and: [matching(filter), olderThan(page, 'a')] }, withoutState)
        .sort({ a: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<RunRow[]>();
      const records = await Promise.all(rows.map(recordOf));
      return pageOf(records, page, ({ startedAt, id }) => [startedAt, id]);
    },
    count: (filter) => runs.countDocuments(matching(filter)),
    async latestOfKey(journey, key) {
      const row = await runs
        .findOne({ j: journey, k: key }, withoutState)
        .sort({ n: -1 })
        .lean<RunRow>();
      return row === null ? undefined : await recordOf(row);
    },
    async openOfSubject(type, key, endedSince) {
      const justEnded = endedSince === undefined ? [] : [{ e: { $gte: endedSince } }];
      const rows = await runs
        .find({ sub: subjectName({ type, key }), $or: [{ o: 1 }, ...justEnded] }, { h: 1, s: 1 })
        .lean<RunRow[]>();
      return rows.map(({ _id, h, s }) => ({
        id: _id,
        planHash: h,
        status: s as RunRecord['status'],
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
      const { runId } = checkpoint;
      const seal = sealing(seals, await seals.ofRun(runId), runId);
      const [before] = await Promise.all([
        runs.collection.findOneAndUpdate(
          { _id: runId as never, ...outrankedBy(checkpoint), z: { $exists: false } }, // S2
          replacing(movingFields(checkpoint, seal)),
          { projection: { q: 1 } },
        ),
        storeTrail(trail, checkpoint, seal),
      ]);
      if (before === null) await takeBack(runId);
      else if (((before as { q?: number }).q ?? 0) > checkpoint.state.nextSeq)
        await trail.collection.deleteMany(beyond(runId, checkpoint.state, rankOf(checkpoint)));
    },
    async close(id, { outcome, at }) {
      const closed = await runs.collection.findOneAndUpdate(
        { _id: id as never, o: 1 },
        {
          $set: { s: 'ended', x: outcome, e: at, z: 1 },
          $unset: { o: 1, d: 1, p: 1, i: 1 },
        },
      );
      if (closed === null) return false;
      const { j, v } = closed as unknown as RunRow;
      const ids = { $gte: trailId(id, 0), $lte: `${id}/${'9'.repeat(seqDigits)}` };
      for (;;) {
        const last = await trail
          .findOne({ _id: ids }, { _id: 1 })
          .sort({ _id: -1 })
          .lean<TrailRow>();
        const seq = last === null ? 0 : Number(last._id.slice(-seqDigits)) + 1;
        const entry = { r: closedRank, j, v, w: 'ended', a: at, b: JSON.stringify({ outcome }) };
        if (await insertOnce(trail, { _id: trailId(id, seq), ...entry })) return true;
      }
    },
    async trail(id, page) {
      const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number']);
      const from = after === undefined ? { $gte: trailId(id, 0) } : { $gt: trailId(id, after[0]) };
      const rows = await trail
        .find({ _id: { ...from, $lte: `${id}/${'9'.repeat(seqDigits)}` } })
        .sort({ _id: 1 })
        .limit(page.limit + 1)
        .lean<TrailRow[]>();
      const entries = await Promise.all(rows.map((row) => entryOf(row, seals)));
      return pageOf(entries, page, ({ seq }) => [seq]);
    },
    counts: (journey, version) => countSteps(runs, trail, journey, version),
  };
}

const trailId = (runId: string, seq: number) => `${runId}/${String(seq).padStart(seqDigits, '0')}`;

/** What a checkpoint replaces (S2): the same rank, too, since an attempt that heard nothing new may still decide later. */
const outrankedBy = (checkpoint: Checkpoint) => {
  const rank = rankOf(checkpoint);
  return { r: checkpoint.predicted === true ? { $lt: rank } : { $lte: rank } };
};

/** Entries beyond the end of a state that rank lower than it: they did not come true. */
const beyond = (runId: string, state: RunState, rank: number) => ({
  _id: {
    $gte: trailId(runId, state.nextSeq) as never,
    $lte: `${runId}/${'9'.repeat(seqDigits)}` as never,
  },
  r: { $lt: rank },
});

/**
 * Stores what is new of the trail (S2). An upsert whose filter finds no lower rank
 * tries to insert, and is refused when there is a row: one of a higher rank, or one that another writer inserted in this
 * moment. A second round without inserting tells them apart, or a higher rank would be lost to a lower one that was a
 * little faster.
 */
async function storeTrail(
  trail: Models['trail'],
  checkpoint: Checkpoint,
  seal: Sealing,
): Promise<void> {
  const { runId } = checkpoint;
  if (checkpoint.trail.length === 0) return;
  const fields = new Map(
    checkpoint.trail.map((entry) => [entry, trailFields(checkpoint, entry, seal)]),
  );
  const writesOf = (entries: readonly TrailEntry[], upsert: boolean) =>
    entries.map((entry) => ({
      updateOne: {
        filter: { _id: trailId(runId, entry.seq) as never, ...outrankedBy(checkpoint) },
        update: replacing(fields.get(entry) ?? {}),
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

function trailFields(checkpoint: Checkpoint, entry: TrailEntry, seal: Sealing) {
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
    ...{
      b: tellsNothing(because) ? JSON.stringify(because) : seal(because, `b${entry.seq}`),
      c: counted,
    },
  } satisfies { [Field in keyof Omit<TrailRow, '_id'>]: TrailRow[Field] | undefined };
}

/** Nothing, or the port by which a step was left: that stands in clear beside it. */
function tellsNothing(because: JsonObject): boolean {
  const names = Object.keys(because);
  return names.length === 0 || (names.length === 1 && typeof because['port'] === 'string');
}

async function entryOf({ _id, s, n, w, a, b, c }: TrailRow, seals: Seals): Promise<TrailEntry> {
  const seq = Number(_id.slice(-seqDigits));
  const text = await openText(seals, b, `${runOf(_id)} b${seq}`);
  const because = text === undefined ? erasedValue : parse<JsonObject>(text);
  const port = because['erased'] === true && c?.startsWith('l:') === true ? c.slice(2) : undefined;
  return present<TrailEntry>({
    seq,
    at: a,
    step: s,
    visit: n,
    what: w as TrailWord,
    because: port === undefined ? because : { ...because, port },
  });
}

/** What a checkpoint replaces of a run's row. */
function movingFields(checkpoint: Checkpoint, seal: Sealing) {
  const { state, positions, incidents, nextDueAt } = checkpoint;
  return {
    s: state.status,
    x: state.outcome,
    o: openMark(state.status),
    e: state.endedAt,
    d: nextDueAt,
    p: absentWhenEmpty(positions.map(positionRow)),
    i: absentWhenEmpty(incidents.map((incident) => incidentRow(incident, seal))),
    r: rankOf(checkpoint),
    q: state.nextSeq,
    st: seal(state, 'st'),
  };
}

function rowOf(run: RunRecord, state: RunState, seal: Sealing): RunRow {
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
    i: absentWhenEmpty(run.incidents.map((incident) => incidentRow(incident, seal))),
    r: run.revision,
    st: seal(state, 'st'),
  });
}

async function openRecord(row: RunRow, seals: Seals): Promise<RunRecord> {
  const incidents = (row.i ?? []).map((incident) => incidentOf(incident, row._id, seals));
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
    incidents: await Promise.all(incidents),
    revision: revisionOf(row.r),
    turn: turnOf(row.r) || undefined,
  });
}

const openMark = (status: RunRecord['status']) => (status === 'ended' ? undefined : 1);
const absentWhenEmpty = <Item>(items: Item[]) => (items.length === 0 ? undefined : items);

const positionRow = ({ step, visit, since, until, waitingFor }: Position): PositionRow =>
  present<PositionRow>({ s: step, n: visit, a: since, u: until, w: waitingFor });

const positionOf = ({ s, n, a, u, w }: PositionRow): Position =>
  present<Position>({ step: s, visit: n, since: a, until: u, waitingFor: w });

const incidentRow = (incident: RunIncident, seal: Sealing): IncidentRow => {
  const { id, step, visit, code, fingerprint, detail, at } = incident;
  const t = seal(detail, `i${step}#${visit}`);
  return { id, s: step, n: visit, c: code, f: fingerprint, t, a: at };
};

async function incidentOf(
  { id, s, n, c, f, t, a }: IncidentRow,
  runId: string,
  seals: Seals,
): Promise<RunIncident> {
  const text = typeof t === 'string' ? t : await openText(seals, t, `${runId} i${s}#${n}`);
  const detail = text === undefined ? 'erased' : typeof t === 'string' ? t : parse<string>(text);
  return { id, step: s, visit: n, code: c, fingerprint: f, detail, at: a };
}

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
