import { present } from '../json.ts';
import { runOf } from '../names.ts';
import { erasedOutcome } from '../erased.ts';
import type { EffectOutcome, EffectRecord, EffectStore } from '../ports.ts';
import { parse, upsertOrUpdate, type Pieces } from './queries.ts';
import type { Seals } from '../seals.ts';
import type { EffectRow, Models, Sealed } from './rows.ts';
import { openText, sealing } from './sealed.ts';

/** What was asked of the world, in MongoDB. */
export function createEffects({ effects }: Models, seals: Seals): EffectStore {
  const recordOf = (row: EffectRow) => openRecord(row, seals);

  const find = async (id: string): Promise<EffectRecord | undefined> => {
    const row = await effects.findById(id).lean<EffectRow>();
    return row === null ? undefined : await recordOf(row);
  };

  /** Updates the effect, or creates it, unless the condition fails on the one that stands. */
  const upsertIf = async (id: string, condition: Pieces, update: Pieces) => {
    const write = async (upsert: boolean) => {
      const before = await effects
        .findOneAndUpdate({ _id: id, ...condition }, update, { upsert, returnDocument: 'before' })
        .lean<EffectRow>();
      return { met: upsert || before !== null, before };
    };
    const { met, before } = await upsertOrUpdate(write);
    return { met, before: before === null ? undefined : await recordOf(before) };
  };

  return {
    get: find,
    async begin({ id, runId, at, leaseUntil, ...asked }) {
      await seals.ofRun(runId); // nothing is asked for somebody who was erased (S8)
      const free = [{ leaseUntil: { $exists: false } }, { leaseUntil: { $lte: at } }];
      for (;;) {
        const { met, before } = await upsertIf(
          id,
          { $and: [{ $or: free }, { $or: noOutcomeAt(at) }] },
          {
            $inc: { attempts: 1 },
            $set: { ...asked, leaseUntil, intentAt: at },
            $unset: { outcome: 1, deferredUntil: 1 },
          },
        );
        if (met) return { began: true, before };
        const record = await find(id);
        if (record !== undefined) return { began: false, record };
      }
    },
    async release(id, { countAttempt, keepIntent = false }) {
      const lease = { leaseUntil: 1, ...(keepIntent ? {} : { intentAt: 1 }) } as const;
      await effects.updateOne(
        { _id: id, leaseUntil: { $exists: true } },
        { $unset: lease, $inc: { attempts: countAttempt ? 0 : -1 } },
      );
    },
    async settle(id, outcome) {
      const key = await seals.ofRun(runOf(id));
      const { met } = await upsertIf(
        id,
        { $or: noOutcomeAt(outcome.at) }, // S3
        {
          $set: {
            outcome: sealing(seals, key, id)(outcome, 'outcome'),
            ...(outcome.type === 'effect.deferred' ? { deferredUntil: outcome.until } : {}),
            ...(outcome.type === 'effect.accepted' ? { reference: outcome.reference } : {}),
          },
          $unset: {
            leaseUntil: 1,
            intentAt: 1,
            ...(outcome.type === 'effect.deferred' ? {} : { deferredUntil: 1 }),
          },
          $setOnInsert: { attempts: 0 },
        },
      );
      return met;
    },
    async reopen(id) {
      await effects.updateOne(
        { _id: id },
        { $set: { attempts: 0 }, $unset: { outcome: 1, deferredUntil: 1, intentAt: 1 } },
      );
    },
    async byReference(connection, reference) {
      const row = await effects.findOne({ reference, connection }).lean<EffectRow>();
      return row === null ? undefined : await recordOf(row);
    },
    async knownReferences(connection, references) {
      const rows = await effects
        .find({ reference: { $in: references }, connection }, { reference: 1 })
        .lean<Pick<EffectRow, 'reference'>[]>();
      return new Set(rows.flatMap(({ reference }) => reference ?? []));
    },
  };
}

/** No outcome stands: there is none, or it is a deferral that has passed. */
const noOutcomeAt = (at: number) => [
  { outcome: { $exists: false } },
  { deferredUntil: { $lte: at } },
];

async function openRecord(row: EffectRow, seals: Seals): Promise<EffectRecord> {
  const { _id, outcome, deferredUntil: _deferredUntil, ...fields } = row;
  return present<EffectRecord>({
    id: _id,
    runId: runOf(_id),
    ...fields,
    outcome: outcome === undefined ? undefined : await outcomeOf(_id, outcome, seals),
  });
}

async function outcomeOf(id: string, outcome: Sealed, seals: Seals): Promise<EffectOutcome> {
  const text = await openText(seals, outcome, `${id} outcome`);
  return text === undefined ? erasedOutcome(id) : parse<EffectOutcome>(text);
}
