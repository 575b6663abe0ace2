import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { faultsOf, policyValidator, type PolicyDocument } from './index.ts';

const directory = new URL('../policies/', import.meta.url);
const shipped = await Promise.all(
  (await readdir(directory)).map(async (name) => ({
    name,
    policy: JSON.parse(await readFile(new URL(name, directory), 'utf8')) as PolicyDocument,
  })),
);

describe('the policies we ship', () => {
  it.each(shipped)('$name is valid, named for its key, and says where it comes from', (file) => {
    expect(faultsOf(policyValidator, file.policy)).toEqual([]);
    expect(file.name).toBe(`${file.policy.key}.json`);
    expect(file.policy.description?.length).toBeGreaterThan(60);
  });

  it('hold back no support, service or transactional message at any hour, however many there were', () => {
    for (const { policy } of shipped)
      if (policy.kind === 'quiet-hours' || policy.kind === 'cap')
        expect(policy.purposes).toEqual(['marketing']);
  });
});

describe('a policy document', () => {
  const base = { key: 'k', name: 'n', enabled: true };
  const quiet = { ...base, kind: 'quiet-hours', from: '21:00', to: '08:00' };
  const cap = { ...base, kind: 'cap', limit: 1, over: 'all', per: 'P7D' };

  it.each<[object, string, RegExp | string]>([
    [{ ...quiet, from: '9' }, '/from', /pattern/],
    [{ ...quiet, to: '24:00' }, '/to', /pattern/],
    [{ ...quiet, days: ['monday'] }, '/days/0', /one of/],
    [{ ...quiet, countries: ['Germany'] }, '/countries/0', /pattern/],
    [{ ...quiet, purposes: [] }, '/purposes', /fewer than 1/],
    [{ ...quiet, limit: 1 }, '/limit', /not known/],
    [{ ...cap, limit: 0 }, '/limit', />= 1/],
    [{ ...cap, per: 'week' }, '/per', /pattern/],
    [{ ...cap, calendar: 'day' }, '', "gives both 'per' and 'calendar': keep one"],
    [{ ...base, kind: 'cap', limit: 1, over: 'all' }, '', "needs 'per' or 'calendar'"],
    [{ ...base, kind: 'consent', basis: 'maybe' }, '/basis', /one of/],
    [{ ...base, kind: 'status', values: [], then: 'defer' }, '/values', /fewer than 1/],
    [{ ...base, kind: 'curfew' }, '/kind', /no known 'kind'/],
  ])('reports what is wrong with %j', (policy, pointer, detail) => {
    expect(faultsOf(policyValidator, policy)).toEqual([
      {
        pointer,
        detail: typeof detail === 'string' ? detail : (expect.stringMatching(detail) as string),
      },
    ]);
  });
});
