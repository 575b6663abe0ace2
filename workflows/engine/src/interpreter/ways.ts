import type { PlanJoin, PlanParallel } from '../plan.ts';
import type { Token, Way } from '../run.ts';
import { cancelEffect } from './ending.ts';
import { note, setDoing, type Draft } from './draft.ts';

// The ways of `parallel` steps, and where they come together.
//
//   J1. Each branch gets a token that carries the visit of its `parallel`.
//   J2. A `join` is entered once for each visit of its `parallel`: the first token to arrive stands there, those after it
//       are absorbed. So a step's counts stay even: entered once, left once.
//   J3. It passes when as many branches have arrived as it needs, or when those still under way can no longer make up that
//       number (`need-unmet`). A branch counts once, however many tokens it has become.
//   J4. Passing takes away every other token of that visit, nested ones too, with what they asked of the world.
//   J5. A token that is on no way of the join's `parallel` goes through it.

/** Puts one token on each branch in place of the one that entered. */
export function forkInto(draft: Draft, token: Token, step: PlanParallel): Token[] {
  const tokens = step.branches.map((branch): Token => ({
    ...token,
    ways: [...(token.ways ?? []), { of: step.id, visit: token.visit, branch }], // J1
  }));
  draft.state.tokens = draft.state.tokens.flatMap((other) => (other === token ? tokens : other));
  draft.changed = true;
  return tokens;
}

/** The token that stands at a join for the visit that another token comes from (J2). */
export function standingAt(draft: Draft, join: PlanJoin, token: Token): Token | undefined {
  const way = wayOf(token, join.of);
  if (!way) return undefined;
  return draft.state.tokens.find(
    ({ step, doing }) => step === join.id && doing.type === 'joining' && doing.visit === way.visit,
  );
}

/** A token arrives where another stands already, and is absorbed. */
export function absorb(draft: Draft, standing: Token, token: Token, join: PlanJoin): void {
  const way = wayOf(token, join.of);
  const { doing } = standing;
  if (!way || doing.type !== 'joining') return;
  draft.state.tokens = draft.state.tokens.filter((other) => other !== token);
  const arrived = [...new Set([...doing.arrived, way.branch])];
  setDoing(draft, standing, { ...doing, arrived });
  if (token.actionAt !== undefined)
    standing.actionAt = Math.max(standing.actionAt ?? 0, token.actionAt);
  note(
    draft,
    'arrived',
    { branch: way.branch, arrived: arrived.length, need: join.need },
    standing,
  );
}

/** The first token of a visit stands at the join. False when it comes from elsewhere (J5). */
export function standAt(draft: Draft, token: Token, join: PlanJoin): boolean {
  const way = wayOf(token, join.of);
  if (!way) return false;
  const { of, visit, branch } = way;
  token.ways = (token.ways ?? []).slice(0, token.ways?.indexOf(way));
  setDoing(draft, token, { type: 'joining', of, visit, arrived: [branch] });
  note(draft, 'arrived', { branch, arrived: 1, need: join.need }, token);
  return true;
}

/** A join that may pass now (J3): its token, and whether the number it needs was met. */
export function passable(draft: Draft): { token: Token; met: boolean } | undefined {
  for (const token of draft.state.tokens) {
    const { doing } = token;
    const join = draft.plan.steps[token.step];
    if (doing.type !== 'joining' || join?.kind !== 'join') continue;
    if (doing.arrived.length >= join.need) return { token, met: true };
    const coming = new Set(
      draft.state.tokens.flatMap((other) => {
        const way = other.ways?.find((item) => item.of === doing.of && item.visit === doing.visit);
        return way && !doing.arrived.includes(way.branch) ? [way.branch] : [];
      }),
    );
    if (doing.arrived.length + coming.size < join.need) return { token, met: false };
  }
  return undefined;
}

/** Takes away the other tokens of the visit that a join closes (J4). */
export function closeWays(draft: Draft, token: Token): void {
  const { doing } = token;
  if (doing.type !== 'joining') return;
  for (const other of draft.state.tokens) {
    const belongs = other.ways?.some((way) => way.of === doing.of && way.visit === doing.visit);
    if (other === token || belongs !== true) continue;
    cancelEffect(draft, other);
    note(draft, 'withdrawn', { join: token.step }, other);
    draft.state.tokens = draft.state.tokens.filter((kept) => kept !== other);
  }
}

/** The innermost way that a token is on of a `parallel`. */
function wayOf(token: Token, of: string): Way | undefined {
  return token.ways?.findLast((way) => way.of === of);
}
