import { evaluateCondition, valuesRead } from '../expressions/evaluate.ts';
import type { JsonObject, PlanExit, PlanGoal } from '../plan.ts';
import type { RecentEvent } from '../run.ts';
import { parseDuration } from '../time/duration.ts';
import { addDuration, isZone } from '../time/instants.ts';
import { note, type Draft } from './draft.ts';
import { endRun } from './ending.ts';
import { scopeOf, zoneOf } from './scope.ts';

// Exits and goals: the rules of the journey as a whole, read on events and whenever an attribute or a variable changes.

/** Whether an exit's or goal's condition on an event holds; one that cannot be read does not, and the trail says so. */
export function holds(draft: Draft, rule: PlanExit | PlanGoal, event: RecentEvent): boolean {
  if (rule.if === undefined) return true;
  const answer = evaluateCondition(rule.if, scopeOf(draft.plan, draft.state, draft.at, event));
  if (answer.ok && answer.value === true) return true;
  note(draft, 'unheard', {
    rule: rule.id,
    event: event.type,
    id: event.id,
    if: rule.if,
    ...(answer.ok ? {} : { fault: answer.message }),
  });
  return false;
}

/** Leaves the journey by an exit. */
export function leaveJourney(draft: Draft, exit: PlanExit, because: JsonObject): void {
  note(draft, 'exited', { exit: exit.id, ...because });
  endRun(draft, exit.outcome, { exit: exit.id });
}

/** Whether a goal was reached before: then nothing more is asked about it. */
export function isReached(draft: Draft, goal: PlanGoal): boolean {
  return draft.state.goals.some((reached) => reached.id === goal.id);
}

/** Records a goal the first time it is reached in its window. Answers whether that ended the run. */
export function reach(draft: Draft, goal: PlanGoal, because: JsonObject): boolean {
  if (isReached(draft, goal)) return false;
  const window = goal.within === undefined ? undefined : parseDuration(goal.within);
  if (
    window &&
    draft.at > addDuration(draft.state.startedAt, window, zoneOf(draft.plan, draft.state, isZone))
  )
    return false;
  draft.state.goals = [...draft.state.goals, { id: goal.id, at: draft.at }];
  note(draft, 'goal-reached', { goal: goal.id, ...because });
  if (goal.ends !== true) return false;
  endRun(draft, `goal:${goal.id}`, {});
  return true;
}

/** Reads the exits' and goals' conditions. Answers whether the run ended. One that cannot be read does not hold. */
export function exitIfTrue(draft: Draft): boolean {
  const scope = scopeOf(draft.plan, draft.state, draft.at);
  const isTrue = (text: string): boolean => {
    const answer = evaluateCondition(text, scope);
    return answer.ok && answer.value === true;
  };
  for (const exit of draft.plan.exits) {
    if (exit.when === undefined || !isTrue(exit.when)) continue;
    leaveJourney(draft, exit, { when: exit.when, values: valuesRead(exit.when, scope) });
    return true;
  }
  for (const goal of draft.plan.goals) {
    if (goal.when === undefined || isReached(draft, goal) || !isTrue(goal.when)) continue;
    if (reach(draft, goal, { when: goal.when })) return true;
  }
  return false;
}
