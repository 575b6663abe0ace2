import type { Fault, PolicyDocument } from '@sojourn/schemas';
import { approximateMs, parseDuration } from '../time/duration.ts';

const minuteMs = 60_000;
const longest: Record<string, [ms: number, name: string]> = {
  per: [366 * 86_400_000, 'P1Y'],
  spread: [3_600_000, 'PT1H'],
};
const shortest: Record<string, [ms: number, name: string]> = {
  per: [minuteMs, 'PT1M'],
  retryAfter: [minuteMs, 'PT1M'],
  validFor: [minuteMs, 'PT1M'],
};

/** What is wrong with a policy that fits its schema: it could never do what it says. */
export function policyFaults(policy: PolicyDocument): Fault[] {
  const faults = Object.entries(policy).flatMap(([name, value]) =>
    typeof value === 'string' && ['per', 'spread', 'retryAfter', 'validFor'].includes(name)
      ? durationFaults(name, value)
      : [],
  );
  if (
    policy.kind === 'quiet-hours' &&
    policy.from === policy.to &&
    (policy.days?.length ?? 7) === 7
  )
    faults.push({
      pointer: '/to',
      detail: 'leaves no minute of the week: suppress by a status or a consent instead',
    });
  return faults;
}

function durationFaults(name: string, text: string): Fault[] {
  const duration = parseDuration(text);
  const ms = duration ? approximateMs(duration) : Infinity;
  const [most, mostName] = longest[name] ?? [Number.MAX_VALUE, 'P100Y'];
  const [least, leastName] = shortest[name] ?? [0, 'PT0S'];
  const pointer = `/${name}`;
  if (ms > most) return [{ pointer, detail: `'${text}' is longer than ${mostName}` }];
  if (ms < least) return [{ pointer, detail: `'${text}' is shorter than ${leastName}` }];
  return [];
}
