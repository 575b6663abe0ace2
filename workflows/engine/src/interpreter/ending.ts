import type { JsonObject } from '../plan.ts';
import type { Token } from '../run.ts';
import { effectName } from '../views.ts';
import { note, type Draft } from './draft.ts';

/** Ends the run from wherever it is. Effects under way are cancelled where the plugin can. */
export function endRun(draft: Draft, outcome: string, because: JsonObject): void {
  for (const token of draft.state.tokens) cancelEffect(draft, token);
  draft.state.tokens = [];
  draft.state.recent = [];
  draft.state.status = 'ended';
  draft.state.outcome = outcome;
  draft.state.endedAt = draft.at;
  note(draft, 'ended', { outcome, ...because });
}

/** Takes away what a token asked of the world: what comes of it later is noted and moves nobody. */
export function cancelEffect(draft: Draft, token: Token): void {
  if (token.doing.type !== 'performing' && token.doing.type !== 'accepted') return;
  const effect = effectName(token);
  const asked = draft.effects.findIndex(
    (item) => item.type === 'perform' && item.effect === effect,
  );
  if (asked >= 0) {
    draft.effects.splice(asked, 1); // asked for in this very transition: nobody has heard of it
    return;
  }
  draft.state.left = [...draft.state.left, effect].slice(-100);
  draft.effects.push({
    type: 'cancel',
    effect,
    step: token.step,
    visit: token.visit,
    ...(token.doing.type === 'accepted' ? { reference: token.doing.reference } : {}),
  });
}
