import { setTimeout as delay } from 'node:timers/promises';
import mongoose, { type Connection } from 'mongoose';

import { runOf } from '../names.ts';
import type { Change, Store } from '../ports.ts';

type Db = NonNullable<Connection['db']>;
type ChangeStream = ReturnType<Db['watch']>;

/** Where a watch goes on: after a change it has seen, or at an instant of the database. */
type Place = { resumeAfter: unknown } | { startAtOperationTime: mongoose.mongo.Timestamp };

interface Seen {
  _id: unknown;
  ns: { coll: string };
  documentKey: { _id: string };
  fullDocument?: { j?: string; v?: number; i?: unknown[] };
}

const pauseMs = 500;
/** The log no longer reaches back to where we were. */
const historyLost = new Set<unknown>([280, 286]);

const pipeline = [
  {
    $match: {
      'ns.coll': { $in: ['runs', 'trail', 'journeys', 'tasks'] },
      operationType: { $in: ['insert', 'update', 'replace'] },
    },
  },
  // The document is looked up for every change: only what is told leaves the server.
  {
    $project: {
      'ns.coll': 1,
      'documentKey._id': 1,
      'fullDocument.j': 1,
      'fullDocument.v': 1,
      'fullDocument.i.f': 1,
    },
  },
];

/** Watches a database through its change stream, resuming after interruptions. */
export async function watchDatabase(
  db: Db,
  ...[onChange, onError]: Parameters<Store['watch']>
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  let stream: ChangeStream | undefined;
  let place = await now(db); // What is written after this is told, whenever the stream opens.

  const follow = async (): Promise<void> => {
    stream = db.watch(pipeline, { fullDocument: 'updateLookup', ...(place as object) });
    for await (const seen of stream as AsyncIterable<unknown>) {
      const change = changeOf(seen as Seen);
      if (stopping.signal.aborted) return;
      if (change !== undefined) onChange(change);
      place = { resumeAfter: (seen as Seen)._id };
    }
  };

  const keepFollowing = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (isStopped(stopping)) return;
        onError(error instanceof Error ? error : new Error(String(error)));
        await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (error instanceof mongoose.mongo.MongoServerError && historyLost.has(error.code))
          place = await now(db).catch(() => place);
      }
    }
  };

  const following = keepFollowing();
  return async () => {
    stopping.abort();
    await stream?.close();
    await following;
  };
}

const isStopped = ({ signal }: AbortController) => signal.aborted;

/** The database's own time. A member that has just become primary knows it a moment later. */
async function now(db: Db): Promise<Place> {
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    const hello = await db.command({ hello: 1 });
    if (hello['setName'] === undefined)
      throw new Error('this MongoDB is no replica set, so it has no change streams: make it one');
    const startAtOperationTime: unknown = hello['operationTime'];
    if (startAtOperationTime instanceof mongoose.mongo.Timestamp && startAtOperationTime.t > 0)
      return { startAtOperationTime };
    await delay(50);
  }
  throw new Error('this MongoDB does not tell its time, so its changes cannot be watched');
}

function changeOf({ ns, documentKey, fullDocument }: Seen): Change | undefined {
  const { _id } = documentKey;
  if (ns.coll === 'tasks') return { type: 'task' };
  if (ns.coll === 'journeys') return { type: 'journey', journey: _id };
  const { j, v, i } = fullDocument ?? {}; // Absent when it was removed meanwhile.
  if (j === undefined || v === undefined) return undefined;
  return ns.coll === 'trail'
    ? { type: 'trail', runId: runOf(_id), journey: j }
    : { type: 'run', runId: _id, journey: j, version: v, incident: i !== undefined };
}
