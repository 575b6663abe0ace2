import { unitInterval } from './hash.ts';
import type { PlanSplit } from './plan.ts';

/** Which arm of a split somebody takes, and the number that decided. */
export interface SplitChoice {
  port: string;
  /** In [0, 1). */
  u: number;
  /** The text that was hashed. */
  text: string;
}

/**
 * The arm of a split: the first whose cumulated weight, weights divided by their sum, exceeds `u`, where `u` is the first
 * 52 bits of SHA-256 of `journeyKey|stepId|experiment|by` divided by 2^52. It depends neither on the version nor on the moment.
 */
export function splitArm(journeyKey: string, step: PlanSplit, by: string): SplitChoice {
  const text = [journeyKey, step.id, step.experiment, by].join('|');
  const u = unitInterval(text);
  const sum = step.arms.reduce((total, arm) => total + arm.weight, 0);
  let cumulated = 0;
  for (const arm of step.arms) {
    cumulated += arm.weight / sum;
    if (cumulated > u) return { port: arm.port, u, text };
  }
  const last = step.arms.findLast((arm) => arm.weight > 0) ?? step.arms[step.arms.length - 1];
  return { port: last?.port ?? '', u, text }; // rounding left the sum a hair below 1
}
