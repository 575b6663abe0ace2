/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import type { RunState, TrailEntry } from '@sojourn/engine';

import { present } from '../json.ts';
import { requireRunId } from '../names.ts';
import { rankOf, turnOf } from '../rank.ts';
import type { Seals } from '../seals.ts';
import type { Change, RunFilter, RunRecord, RunStore, StepCounts } from '../ports.ts';
import { ascending, createTable, latestFirst } from './table.ts';

interface RunKey {
  keyId?: string;
  subject: { type: string; key: string };
}

/** What `wipe` asks of the runs: it answers whose they were. */
interface Forgetting {
  forget(type: string, key: string): string[];
}

interface TrailRow {
  runId: string;
  journey: string;
  version: number;
  rank: number;
  entry: TrailEntry;
}

/** Runs, their states and their trails in memory. */
export function createRuns(
  changed: (change: Change) => void,
  seals: Pick<Seals, 'ofSubject' | 'ofRun' | 'note'>,
): RunStore & Forgetting & { keyIdOf(id: string): RunKey | undefined } {
  const runs = createTable<RunRecord>();
  const states = createTable<RunState>();
  const trail = createTable<TrailRow>();
  const ranks = createTable<number>();
  const keyIds = createTable<string>();

  const closed = new Set<string>();
  const isClosed = (id: string) => closed.has(id);
  const changedRun = ({ id, journey, version, incidents }: RunRecord) =>
    changed({ type: 'run', runId: id, journey, version, incident: incidents.length > 0 });

  return {
    async insert(run, state) {
      requireRunId(run.id);
      const key = await seals.ofSubject(run.subject); // S8
      const sameOrdinal = runs.where(
        ({ journey, key, ordinal }) =>
          journey === run.journey && key === run.key && ordinal === run.ordinal,
      );
      if (sameOrdinal.length > 0 || !runs.insert(run.id, run)) return false;
      states.put(run.id, state);
      keyIds.put(run.id, key.id);
      seals.note(run.id, key);
      changedRun(run);
      return true;
    },
    keyIdOf(id) {
      const run = runs.get(id);
      const keyId = keyIds.get(id);
      return run && { subject: run.subject, ...(keyId === undefined ? {} : { keyId }) };
    },
    forget(type, key) {
      const ids = runs.where(matching({ subject: { type, key } })).map(({ id }) => id);
      for (const id of ids) {
        closed.add(id);
        states.remove(id);
        const run = runs.get(id);
        if (run) runs.put(id, { ...run, incidents: [] });
        for (const { entry, ...row } of trail.where(({ runId }) => runId === id)) {
          const port = entry.because['port'];
          const kept = entry.what === 'left' && typeof port === 'string' ? { port } : {};
          const isBare = Object.keys(entry.because).length === Object.keys(kept).length;
          if (isBare || row.rank === Number.MAX_SAFE_INTEGER) continue;
          trail.put(`${id}/${entry.seq}`, {
            ...row,
            entry: { ...entry, because: { erased: true, ...kept } },
          });
        }
      }
      return ids;
    },
    get: async (id) => runs.get(id),
    state: async (id) => states.get(id),
    list: async (filter, page) =>
      latestFirst(runs.where(matching(filter)), page, ({ startedAt, id }) => [startedAt, id]),
    count: async (filter) => runs.where(matching(filter)).length,
    latestOfKey: async (journey, key) =>
      runs
        .where((run) => run.journey === journey && run.key === key)
        .toSorted((a, b) => b.ordinal - a.ordinal)[0],
    openOfSubject: async (type, key, endedSince = Infinity) =>
      runs
        .where(matching({ subject: { type, key } }))
        .filter(({ status, endedAt = -Infinity }) => status !== 'ended' || endedAt >= endedSince)
        .map(({ id, planHash, status }) => ({ id, planHash, status })),
    async open(afterId, limit) {
      const isOpen = ({ status, id }: RunRecord) =>
        status !== 'ended' && (afterId === undefined || id > afterId);
      const { items } = ascending(runs.where(isOpen), { limit }, ({ id }) => id);
      return items.map(({ id, planHash }) => ({ id, planHash }));
    },
    async close(id, { outcome, at }) {
      const run = runs.get(id);
      if (!run || run.status === 'ended') return false;
      const { nextDueAt: _nextDueAt, ...kept } = run;
      const ended = {
        status: 'ended' as const,
        outcome,
        endedAt: at,
        positions: [],
        incidents: [],
      };
      runs.put(id, { ...kept, ...ended });
      closed.add(id);
      const entries = trail.where(({ runId }) => runId === id).map(({ entry }) => entry.seq);
      const seq = Math.max(-1, ...entries) + 1;
      const { journey, version } = run;
      trail.put(`${id}/${seq}`, {
        ...{ runId: id, journey, version, rank: Number.MAX_SAFE_INTEGER },
        entry: { seq, at, what: 'ended', because: { outcome } },
      });
      changedRun({ ...kept, ...ended });
      return true;
    },
    async checkpoint(checkpoint) {
      await seals.ofRun(checkpoint.runId); // S8
      const { runId, journey, version, state, trail: entries, predicted, ...position } = checkpoint;
      const { revision, status, outcome, endedAt } = state;
      const rank = rankOf(checkpoint);
      const outranks = (standing: number) =>
        predicted === true ? standing < rank : standing <= rank; // S2
      const run = runs.get(runId);
      if (run !== undefined && !isClosed(runId) && outranks(ranks.get(runId) ?? run.revision)) {
        ranks.put(runId, rank);
        const { positions, incidents, nextDueAt } = position;
        const {
          outcome: _outcome,
          endedAt: _endedAt,
          nextDueAt: _nextDueAt,
          turn: _turn,
          ...kept
        } = run;
        const ended = { outcome, endedAt, nextDueAt, turn: turnOf(rank) || undefined };
        const next = present<RunRecord>({
          ...kept,
          status,
          positions,
          incidents,
          revision,
          ...ended,
        });
        runs.put(runId, next);
        states.put(runId, state);
        changedRun(next);
      }
      for (const entry of entries) {
        const key = `${runId}/${entry.seq}`;
        const standing = trail.get(key);
        if (standing !== undefined && !outranks(standing.rank)) continue;
        trail.put(key, { runId, journey, version, rank, entry });
        changed({ type: 'trail', runId, journey });
      }
      const reached = isClosed(runId) ? undefined : states.get(runId);
      if (!reached) return;
      const reachedRank = ranks.get(runId) ?? 0;
      for (const row of trail.where(
        (item) =>
          item.runId === runId && item.entry.seq >= reached.nextSeq && item.rank < reachedRank,
      ))
        trail.remove(`${runId}/${row.entry.seq}`);
    },
    trail: async (id, page) =>
      ascending(
        trail.where(({ runId }) => runId === id).map(({ entry }) => entry),
        page,
        ({ seq }) => seq,
      ),
    async counts(journey, version) {
      const counts: Record<string, StepCounts> = {};
      const of = (step: string) =>
        (counts[step] ??= { here: 0, entered: 0, left: {}, incidents: 0 });
      for (const run of runs.where((row) => row.journey === journey && row.version === version)) {
        if (run.status === 'ended') continue;
        for (const { step, until } of run.positions) {
          const there = of(step);
          there.here += 1;
          if (until !== undefined) there.nextDueAt = Math.min(until, there.nextDueAt ?? until);
        }
        for (const { step } of run.incidents) of(step).incidents += 1;
      }
      for (const { entry } of trail.where(
        (row) => row.journey === journey && row.version === version,
      )) {
        if (entry.step === undefined) continue;
        const { port } = entry.because;
        if (entry.what === 'entered') of(entry.step).entered += 1;
        else if (entry.what === 'left' && typeof port === 'string') {
          const { left } = of(entry.step);
          left[port] = (left[port] ?? 0) + 1;
        }
      }
      return counts;
    },
  };
}

function matching(filter: RunFilter): (run: RunRecord) => boolean {
  const { journey, version, step, status, outcome, subject, incident } = filter;
  return (run) =>
    (journey === undefined || run.journey === journey) &&
    (version === undefined || run.version === version) &&
    (status === undefined || run.status === status) &&
    (outcome === undefined || run.outcome === outcome) &&
    (step === undefined || run.positions.some((position) => position.step === step)) &&
    (subject === undefined ||
      (run.subject.type === subject.type && run.subject.key === subject.key)) &&
    (incident === undefined ||
      run.incidents.some(({ fingerprint }) => incident === 'any' || fingerprint === incident));
}
