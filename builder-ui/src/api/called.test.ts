import { compile, type CalledJourney } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { callsIn, together } from './called.ts';

const inner: CalledJourney = {
  key: 'inner',
  version: 1,
  planHash: 'i1',
  subjectType: 'person',
  outcomes: ['answered'],
  calls: [],
};
const outer: CalledJourney = {
  ...inner,
  key: 'outer',
  version: 3,
  planHash: 'o3',
  calls: ['inner', 'welcome'],
};

/** A journey that calls others, one after the other. */
function aCaller(...calls: { journey: string; version?: number }[]): JourneyDocument {
  const steps = calls.map((call, index) => [`call-${index}`, { kind: 'call', ...call }] as const);
  return {
    format: 1,
    key: 'welcome',
    name: 'Welcome',
    subject: 'person',
    entry: [{ on: 'manual' }],
    start: 'call-0',
    steps: { ...Object.fromEntries(steps), done: { kind: 'end', outcome: 'completed' } },
    edges: calls.map((_, index) => ({
      from: `call-${index}`,
      port: 'answered',
      to: calls[index + 1] ? `call-${index + 1}` : 'done',
    })),
  };
}

function codes(document: JourneyDocument, journeys?: CalledJourney[]): string[] {
  const environment = { manifests: [], timeZone: 'UTC', now: 0 };
  return compile(document, { ...environment, ...(journeys ? { journeys } : {}) }).diagnostics.map(
    ({ code }) => code,
  );
}

describe('what a document calls', () => {
  it('is each journey once, by the version that is named or by the latest', () => {
    const document = aCaller(
      { journey: 'inner' },
      { journey: 'inner' },
      { journey: 'inner', version: 2 },
    );

    expect(callsIn(document)).toEqual([{ journey: 'inner' }, { journey: 'inner', version: 2 }]);
  });

  it('is nothing where a draft holds no journey', () => {
    const odd = { kind: 'call', journey: 5 } as unknown as JourneyDocument['steps'][string];

    expect(callsIn({ steps: { odd } })).toEqual([]);
  });

  it('is one list, with what is called before its callers', () => {
    const both = together([{ items: [inner, outer] }, { items: [inner] }]);

    expect(both.map(({ key }) => key)).toEqual(['inner', 'outer']);
  });

  it('lets the check find what is wrong with a call', () => {
    expect(codes(aCaller({ journey: 'inner' }), together([{ items: [inner] }]))).toEqual([]);
    expect(codes(aCaller({ journey: 'nobody' }), [])).toContain('call/unknown-journey');
    expect(codes(aCaller({ journey: 'outer' }), together([{ items: [inner, outer] }]))).toContain(
      'call/recursion',
    );
    expect(codes(aCaller({ journey: 'inner' }), [{ ...inner, outcomes: ['refused'] }])).toContain(
      'graph/unknown-port',
    );
    expect(
      codes(aCaller({ journey: 'inner' }), [
        { ...inner, inputs: { type: 'object', required: ['reason'] } },
      ]),
    ).toContain('schema/invalid');
  });
});
