import type { EffectOutcome } from './ports.ts';

/** What stands for the outcome of an effect when the person was erased. */
export function erasedOutcome(id: string): EffectOutcome {
  const effect = id.slice(id.indexOf('/') + 1);
  return { type: 'effect.suppressed', at: 0, effect, because: { code: 'erased' } };
}
