/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { runOf } from '../names.ts';
import type { EffectOutcome, EffectRecord, EffectStore } from '../ports.ts';
import { erasedOutcome } from '../erased.ts';
import type { Seals } from '../seals.ts';
import { createTable } from './table.ts';

/** What was asked of the world, in memory. */
export function createEffects(
  seals: Pick<Seals, 'ofRun'>,
): EffectStore & { forget(runId: string): void } {
  const effects = createTable<EffectRecord>();

  return {
    forget(runId) {
      for (const effect of effects.where((row) => row.runId === runId && row.outcome !== undefined))
        effects.put(effect.id, { ...effect, outcome: erasedOutcome(effect.id) });
    },
    get: async (id) => effects.get(id),
    async begin({ id, at, leaseUntil, ...asked }) {
      await seals.ofRun(asked.runId); // S8
      const before = effects.get(id);
      if (before !== undefined && ((before.leaseUntil ?? 0) > at || stands(before.outcome, at)))
        return { began: false, record: before };
      const { outcome: _outcome, ...kept } = before ?? { attempts: 0 };
      const attempts = kept.attempts + 1;
      effects.put(id, { ...kept, id, ...asked, attempts, leaseUntil, intentAt: at });
      return { began: true, before };
    },
    async release(id, { countAttempt, keepIntent = false }) {
      const before = effects.get(id);
      if (before?.leaseUntil === undefined) return;
      const { leaseUntil: _lease, intentAt, ...kept } = before;
      const attempts = kept.attempts - (countAttempt ? 0 : 1);
      const intent = keepIntent && intentAt !== undefined ? { intentAt } : {};
      effects.put(id, { ...kept, ...intent, attempts });
    },
    async settle(id, outcome) {
      await seals.ofRun(runOf(id)); // S8
      const before = effects.get(id) ?? { id, runId: runOf(id), attempts: 0 };
      if (stands(before.outcome, outcome.at)) return false; // S3
      const { leaseUntil: _lease, intentAt: _intent, ...kept } = before;
      const reference = outcome.type === 'effect.accepted' ? { reference: outcome.reference } : {};
      effects.put(id, { ...kept, outcome, ...reference });
      return true;
    },
    async reopen(id) {
      const before = effects.get(id);
      if (before === undefined) return;
      const { outcome: _outcome, intentAt: _intent, ...kept } = before;
      effects.put(id, { ...kept, attempts: 0 });
    },
    byReference: async (connection, reference) =>
      effects.where(
        (effect) => effect.connection === connection && effect.reference === reference,
      )[0],
    knownReferences: async (connection, references) =>
      new Set(
        references.filter(
          (reference) =>
            effects.where(
              (effect) => effect.connection === connection && effect.reference === reference,
            ).length > 0,
        ),
      ),
  };
}

/** Whether an outcome still stands: a deferral does until its instant, every other for good. */
function stands(outcome: EffectOutcome | undefined, at: number): boolean {
  if (outcome === undefined) return false;
  return outcome.type !== 'effect.deferred' || outcome.until > at;
}
