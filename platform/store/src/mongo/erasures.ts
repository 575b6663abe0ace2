import { erasedOutcome } from '../erased.ts';
import { present } from '../json.ts';
import { subjectName, subjectOf } from '../names.ts';
import type { EntryRecord, ErasureRecord, ErasureStore } from '../ports.ts';
import { waiting } from '../tasks.ts';
import { idsFrom, insertOnce, parse } from './queries.ts';
import type { EffectRow, EntryRow, ErasureRow, Models, RunRow } from './rows.ts';
import { erasedText } from './sealed.ts';

/** A `because` that tells nothing but a port. */
const tellsNothing = /^\{("port":"[^"]*")?\}$/;

/** Erasures under way, and the wiping that belongs to them, in MongoDB. */
export function createErasures(models: Models): ErasureStore {
  const { erasures, runs, trail, effects, tasks, inbox, events, entries, reports } = models;

  const wipeRun = async (runId: string): Promise<void> => {
    const ofRun = { _id: idsFrom(`${runId}/`) };
    await inbox.deleteMany(ofRun);
    await trail.collection.updateMany(
      { _id: ofRun._id as never, b: { $not: tellsNothing }, w: { $ne: 'ended' } },
      { $set: { b: erasedText } },
    );
    await trail.collection.updateMany(
      { _id: ofRun._id as never, b: { $type: 'binData' } },
      { $set: { b: erasedText } },
    );
    const settled = await effects
      .find({ ...ofRun, outcome: { $exists: true } }, { _id: 1 })
      .lean<EffectRow[]>();
    for (const { _id } of settled)
      await effects.updateOne(
        { _id },
        { $set: { outcome: JSON.stringify(erasedOutcome(_id)) }, $unset: { deferredUntil: 1 } },
      );
    await runs.collection.updateOne(
      { _id: runId as never },
      { $set: { st: '', z: 1 }, $unset: { i: 1 } },
    );
  };

  return {
    async begin({ type, key, at, by }) {
      const _id = subjectName({ type, key });
      if (await insertOnce<ErasureRow>(erasures, { _id, at, by })) return;
      await erasures.updateOne(
        { _id, destroyedAt: { $exists: true } },
        { $set: { at, by }, $unset: { destroyedAt: 1 } },
      );
    },
    async underWay(limit) {
      const rows = await erasures.find().sort({ at: 1 }).limit(limit).lean<ErasureRow[]>();
      return rows.map(({ _id, at, by, destroyedAt }) =>
        present<ErasureRecord>({ ...subjectOf(_id), at, by, destroyedAt }),
      );
    },
    isUnderWay: async (type, key) =>
      (await erasures.countDocuments({
        _id: subjectName({ type, key }),
        destroyedAt: { $exists: false },
      })) > 0,
    async markDestroyed(type, key, at) {
      await erasures.updateOne(
        { _id: subjectName({ type, key }), destroyedAt: { $exists: false } },
        { $set: { destroyedAt: at } },
      );
    },
    async finish(type, key) {
      await erasures.deleteOne({ _id: subjectName({ type, key }), destroyedAt: { $exists: true } });
    },
    async wipe(type, key) {
      const sub = subjectName({ type, key });
      for (const { _id } of await runs.find({ sub }, { _id: 1 }).lean<RunRow[]>())
        await wipeRun(_id);
      await tasks.updateMany({ sub }, { $unset: { content: 1, answers: 1 } });
      await tasks.updateMany(
        { sub, history: { $exists: true } },
        { $unset: { 'history.$[].content': 1 } },
      );
      await tasks.updateMany({ sub, status: { $in: waiting } }, { $set: { status: 'cancelled' } });
      await events.updateMany({ sub }, { $set: { data: erasedText }, $unset: { new: 1 } });
      await reports.updateMany({ sub }, { $unset: { content: 1, due: 1 } });
      for (const { _id, record } of await entries.find({ sub }).lean<EntryRow[]>()) {
        const { detail: _detail, ...entry } = parse<EntryRecord>(record);
        const update = { $set: { record: JSON.stringify(entry) }, $unset: { d: 1 } };
        await entries.updateOne({ _id }, update);
      }
    },
  };
}
