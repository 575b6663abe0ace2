import type { PolicyDocument } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { policyFaults } from './check.ts';

const base = { key: 'k', name: 'n', enabled: true };
const cap = { ...base, kind: 'cap' as const, limit: 1, over: 'all' as const };
const quiet = { ...base, kind: 'quiet-hours' as const, from: '08:00', to: '08:00' };
const status = { ...base, kind: 'status' as const, values: ['x'], then: 'defer' as const };
const optIn = { ...base, kind: 'consent' as const, basis: 'opt-in' as const };

describe('a policy that could never do what it says', () => {
  it.each<[PolicyDocument, string, string]>([
    [{ ...cap, per: 'P2Y' }, '/per', "'P2Y' is longer than P1Y"],
    [{ ...cap, per: 'P0D' }, '/per', "'P0D' is shorter than PT1M"],
    [{ ...cap, per: 'P7D', spread: 'PT2H' }, '/spread', "'PT2H' is longer than PT1H"],
    [{ ...status, retryAfter: 'PT1S' }, '/retryAfter', "'PT1S' is shorter than PT1M"],
    [{ ...optIn, validFor: 'P200Y' }, '/validFor', "'P200Y' is longer than P100Y"],
    [quiet, '/to', 'leaves no minute of the week: suppress by a status or a consent instead'],
  ])('is told where: %j', (policy, pointer, detail) => {
    expect(policyFaults(policy)).toEqual([{ pointer, detail }]);
  });

  it.each<[PolicyDocument]>([
    [{ ...cap, per: 'P1Y', spread: 'PT1H' }],
    [{ ...cap, calendar: 'month' }],
    [{ ...quiet, days: ['su'] }],
    [{ ...quiet, to: '07:59' }],
    [{ ...status, retryAfter: 'P1D' }],
    [{ ...optIn, validFor: 'P24M' }],
  ])('is none of these: %j', (policy) => {
    expect(policyFaults(policy)).toEqual([]);
  });
});
