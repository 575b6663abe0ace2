import { parseDuration, type PlanAction } from '@sojourn/engine';

/** The delay before the attempt after this one, in milliseconds: first × factor^(attempts − 1), at most the longest. */
export function delayMs(retry: PlanAction['retry'], attempts: number): number {
  const first = parseDuration(retry.firstDelay)?.exactMs ?? 10_000;
  const longest = parseDuration(retry.maxDelay);
  const longestMs = longest ? longest.exactMs + longest.days * 86_400_000 : 3_600_000;
  return Math.min(first * retry.factor ** (attempts - 1), longestMs);
}
