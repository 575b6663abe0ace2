import { readFileSync } from 'node:fs';
import type { JourneyDocument } from '@sojourn/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calledJourneyOf } from '../compile/environment.ts';
import { compile } from '../compile/compile.ts';
import type { PolicyInForce } from '../policies/index.ts';
import { environment, journey, planOf } from '../test-support/journeys.ts';
import { drawsOf, exp, ln, normalOf } from './draws.ts';
import { coverageOf } from './expectations.ts';
import { createQuantiles } from './quantiles.ts';
import type { SimulationRequest } from './request.ts';
import { simulate, simulating } from './simulate.ts';

interface SampleCase {
  name: string;
  request: SimulationRequest & { document: JourneyDocument };
  expect: {
    key: string;
    outcome: string | null;
    endedAt?: string;
    left?: Record<string, string>;
    ports?: Record<string, string>;
    goals?: string[];
  }[];
}

const samples = JSON.parse(
  readFileSync(new URL('../../test-data/simulation-samples.json', import.meta.url), 'utf8'),
) as { cases: SampleCase[] };

const same = (text: string | null | undefined): number => Date.parse(text ?? '');

describe('the published simulation samples', () => {
  it.each(samples.cases.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
    const { people = [] } = simulate(sample.request, { plan: planOf(sample.request.document) });
    for (const expected of sample.expect) {
      const person = people.find(({ key }) => key === expected.key);
      expect(person?.outcome).toBe(expected.outcome);
      if (expected.endedAt) expect(same(person?.endedAt)).toBe(same(expected.endedAt));
      const visit = (name: string) =>
        person?.path.find((entry) => `${entry.step}#${entry.visit}` === name);
      for (const [name, at] of Object.entries(expected.left ?? {}))
        expect(same(visit(name)?.leftAt)).toBe(same(at));
      for (const [name, port] of Object.entries(expected.ports ?? {}))
        expect(visit(name)?.port).toBe(port);
      if (expected.goals) expect(person?.goals.map(({ id }) => id)).toEqual(expected.goals);
    }
  });
});

const mail = {
  kind: 'action',
  uses: 'email/send',
  purpose: 'support',
  with: { subject: 'Hi', body: 'Hello' },
} as const;
const end = (outcome: string) => ({ kind: 'end', outcome }) as const;

const clicked = planOf(
  journey({
    key: 'clicks',
    start: 'm',
    steps: {
      m: mail,
      w: {
        kind: 'wait',
        for: [
          { port: 'yes', event: 'email.clicked' },
          { port: 'no', after: 'P3D' },
        ],
      },
      y: end('clicked'),
      n: end('silent'),
      f: end('failed'),
    },
    edges: [
      { from: 'm', port: 'sent', to: 'w' },
      { from: 'm', port: 'failed', to: 'f' },
      { from: 'w', port: 'yes', to: 'y' },
      { from: 'w', port: 'no', to: 'n' },
    ],
  }),
);

const base = { start: '2027-01-01T00:00:00Z', until: '2028-01-01T00:00:00Z', seed: 's' };
const cohort: SimulationRequest = {
  ...base,
  cohort: {
    size: 2_000,
    attributes: {
      age: { normal: [61, 12], min: 18 },
      timeZone: { choice: { 'Asia/Taipei': 0.7, 'Asia/Hong_Kong': 0.3 } },
    },
    enters: { uniform: ['2027-01-01', '2027-03-31'] },
  },
  behaviour: {
    actions: { 'email/send': { sent: 0.9, failed: 0.1 } },
    events: {
      'email.clicked': {
        after: 'email/send:sent',
        chance: 0.25,
        delay: { lognormal: ['PT3H', 1.2] },
      },
    },
  },
};

describe('a person of a simulation', () => {
  it('walks a path with given outcomes, events and changes, as the trail would say', () => {
    const answer = simulate(
      {
        ...base,
        people: [
          {
            subject: { type: 'patient', key: 'p1' },
            enters: '2027-02-01T00:00:00Z',
            actions: { m: [{ port: 'sent', takes: 'PT2S' }] },
            events: [{ after: { step: 'm', delay: 'PT2H' }, type: 'email.clicked' }],
          },
          {
            subject: { key: 'p2' },
            enters: '2027-02-01T00:00:00Z',
            actions: { m: [{ port: 'failed' }] },
          },
          { subject: { key: 'p3' }, enters: '2027-12-31T00:00:00Z' },
          { subject: { type: 'physician', key: 'p4' }, enters: '2027-12-31T00:00:00Z' },
        ],
      },
      { plan: clicked },
    );

    expect(answer.people?.[0]).toEqual({
      key: 'p1',
      entered: '2027-02-01T00:00:00.000Z',
      outcome: 'clicked',
      endedAt: '2027-02-01T02:00:00.000Z',
      path: [
        {
          step: 'm',
          visit: 1,
          enteredAt: '2027-02-01T00:00:00.000Z',
          port: 'sent',
          leftAt: '2027-02-01T00:00:02.000Z',
        },
        {
          step: 'w',
          visit: 1,
          enteredAt: '2027-02-01T00:00:02.000Z',
          port: 'yes',
          leftAt: '2027-02-01T02:00:00.000Z',
        },
        {
          step: 'y',
          visit: 1,
          enteredAt: '2027-02-01T02:00:00.000Z',
          port: 'clicked',
          leftAt: '2027-02-01T02:00:00.000Z',
        },
      ],
      effects: [
        {
          step: 'm',
          visit: 1,
          action: 'email/send',
          at: '2027-02-01T00:00:00.000Z',
          input: { subject: 'Hi', body: 'Hello' },
        },
      ],
      policy: [],
      goals: [],
      incidents: [],
    });
    expect(answer.people?.[1]?.outcome).toBe('failed');
    expect(answer.people?.[2]).toMatchObject({ outcome: null, endedAt: null });
    expect(answer.people?.[2]?.path.at(-1)).toEqual({
      step: 'w',
      visit: 1,
      enteredAt: '2027-12-31T00:00:00.000Z',
    });
    expect(answer.people?.[3]).toMatchObject({
      entered: null,
      refused: { reason: 'subject-type' },
    });
    expect(answer.summary).toMatchObject({
      people: 4,
      entered: 3,
      refused: { 'subject-type': 1 },
      ended: { clicked: 1, failed: 1 },
      open: 1,
      neverTaken: [{ step: 'w', port: 'no' }],
    });
  });

  it('is let in by an event where nothing says when they enter', () => {
    const plan = planOf(
      journey({
        start: 'w',
        entry: [
          { on: 'event', event: 'rx.filled', if: 'event.data.days >= 1', key: 'event.data.rx' },
        ],
        steps: { w: { kind: 'wait', for: [{ port: 'over', after: 'P1D' }] }, e: end('done') },
        edges: [{ from: 'w', port: 'over', to: 'e' }],
      }),
    );
    const { people } = simulate(
      {
        ...base,
        people: [
          {
            subject: { key: 'p1' },
            events: [
              { at: '2027-01-02T00:00:00Z', type: 'rx.filled', data: { days: 0, rx: 'a' } },
              { at: '2027-01-03T00:00:00Z', type: 'rx.filled', data: { days: 28, rx: 'b' } },
            ],
          },
        ],
      },
      { plan },
    );
    expect(people?.[0]).toMatchObject({
      entered: '2027-01-03T00:00:00.000Z',
      endedAt: '2027-01-04T00:00:00.000Z',
    });
  });

  it('leaves a parallel step by each of its ways', () => {
    const plan = planOf(
      journey({
        start: 'p',
        steps: {
          p: { kind: 'parallel', branches: ['one', 'two'] },
          j: { kind: 'join', of: 'p' },
          e: end('e'),
        },
        edges: [
          { from: 'p', port: 'one', to: 'j' },
          { from: 'p', port: 'two', to: 'j' },
          { from: 'j', port: 'joined', to: 'e' },
        ],
      }),
    );
    const enters = '2027-01-02T00:00:00Z';
    const { people, summary } = simulate(
      { ...base, people: [{ subject: { key: 'p1' }, enters }] },
      { plan },
    );
    expect(summary.steps['p']?.left).toEqual({ one: 1, two: 1 });
    expect(summary.neverTaken).toEqual([]);
    expect(coverageOf(plan, people ?? []).ports.missing).toEqual([]);
  });

  it('tells which alternative came true where several share a port, however it did', () => {
    const plan = planOf(
      journey({
        start: 'w',
        steps: {
          w: {
            kind: 'wait',
            for: [
              { port: 'go', event: 'asked', if: 'event.data.n > 1' },
              { port: 'go', when: 'subject.ready == true' },
              { port: 'go', at: { cel: 'subject.day' } },
              { port: 'go', after: 'P1D' },
              { port: 'never', event: 'nobody' },
            ],
          },
          e: end('e'),
        },
        edges: [
          { from: 'w', port: 'go', to: 'e' },
          { from: 'w', port: 'never', to: 'e' },
        ],
      }),
    );
    const enters = '2027-01-02T00:00:00Z';
    const soon = '2027-01-02T06:00:00Z';
    const given = [
      { subject: { key: 'asks' }, events: [{ at: soon, type: 'asked', data: { n: 2 } }] },
      { subject: { key: 'becomes-ready' }, changes: [{ at: soon, set: { ready: true } }] },
      { subject: { key: 'has-a-day', day: '2027-01-01' } },
      { subject: { key: 'waits' } },
    ];
    const { people = [] } = simulate(
      { ...base, people: given.map((person) => ({ ...person, enters })) },
      { plan },
    );

    expect(people.map(({ path }) => path[0]?.alternative)).toEqual([1, 2, 3, 4]);
    expect(coverageOf(plan, people).ports).toEqual({ walked: 4, of: 5, missing: ['w:never'] });
    expect(coverageOf(plan, people.slice(1), ['w:never']).ports.missing).toEqual(['w:go#1']);
  });

  describe('that calls another journey', () => {
    const { plan } = compile(
      journey({
        start: 'c',
        steps: {
          c: { kind: 'call', journey: 'clicks' },
          y: end('y'),
          n: end('n'),
          other: end('otherwise'),
        },
        edges: [
          { from: 'c', port: 'clicked', to: 'y' },
          { from: 'c', port: 'silent', to: 'n' },
          { from: 'c', port: 'failed', to: 'other' },
        ],
      }),
      { ...environment, journeys: [calledJourneyOf(clicked, 1)] },
    );
    if (!plan) throw new Error('no plan');
    const plans = new Map([[clicked.hash, clicked]]);
    const enters = '2027-01-02T00:00:00Z';
    const walked = (request: Partial<SimulationRequest>): string[] =>
      (simulate({ ...base, ...request, detail: 'people' }, { plan, plans }).people ?? []).map(
        ({ outcome, endedAt }) => `${outcome} ${endedAt}`,
      );

    it('goes through it, and comes back by its outcome', () => {
      const events = [{ at: '2027-01-03T00:00:00Z', type: 'email.clicked' }];
      expect(
        walked({
          people: [
            { subject: { key: 'p1' }, enters, events },
            { subject: { key: 'p2' }, enters },
          ],
        }),
      ).toEqual(['y 2027-01-03T00:00:00.000Z', 'n 2027-01-05T00:00:00.000Z']);
    });

    it('holds what is said of a step of the caller for no step of the called one', () => {
      const { plan: caller } = compile(
        journey({
          start: 'm',
          steps: { m: mail, c: { kind: 'call', journey: 'clicks' }, y: end('y'), n: end('n') },
          edges: [
            { from: 'm', port: 'sent', to: 'c' },
            { from: 'm', port: 'failed', to: 'c' },
            { from: 'c', port: 'clicked', to: 'y' },
            { from: 'c', port: 'silent', to: 'n' },
            { from: 'c', port: 'failed', to: 'y' },
          ],
        }),
        { ...environment, journeys: [calledJourneyOf(clicked, 1)] },
      );
      if (!caller) throw new Error('no plan');
      const people = [{ subject: { key: 'p' }, enters, actions: { m: [{ port: 'failed' }] } }];
      const { people: walkers } = simulate({ ...base, people }, { plan: caller, plans });
      expect(walkers?.[0]?.path.map(({ step, port }) => `${step} ${port}`)).toEqual([
        'm failed',
        'c silent',
        'n n',
      ]);
    });

    it('does not walk it where its end is given', () => {
      const ends = (port: string) => ({ c: [{ port, takes: 'P1D' }] });
      expect(
        walked({
          people: ['clicked', 'silent', 'failed'].map((port) => ({
            subject: { key: port },
            enters,
            actions: ends(port),
          })),
        }),
      ).toEqual([
        'y 2027-01-03T00:00:00.000Z',
        'n 2027-01-03T00:00:00.000Z',
        'otherwise 2027-01-03T00:00:00.000Z',
      ]);
    });

    it('draws its end by weight, and walks it for the rest', () => {
      const ends = walked({
        cohort: { size: 500, enters },
        behaviour: { actions: { c: { clicked: { weight: 0.4, takes: 'PT6H' } } } },
      });
      const clicks = ends.filter((text) => text === 'y 2027-01-02T06:00:00.000Z');
      expect(clicks.length / 500).toBeCloseTo(0.4, 1);
      expect(ends.filter((text) => text === 'n 2027-01-05T00:00:00.000Z')).toHaveLength(
        500 - clicks.length,
      );
    });

    it('refuses an end that it does not have', () => {
      const people = [{ subject: { key: 'p' }, enters, actions: { c: [{ port: 'timeout' }] } }];
      expect(() => walked({ people })).toThrow(
        expect.objectContaining({ pointer: '/people/0/actions/c/0/port' }) as Error,
      );
    });
  });
});

describe('the policies in a simulation', () => {
  const plan = planOf(
    journey({
      key: 'mails',
      start: 'a',
      steps: {
        a: { ...mail, purpose: 'marketing' },
        b: { ...mail, purpose: 'marketing' },
        e: end('done'),
      },
      edges: [
        { from: 'a', port: 'sent', to: 'b' },
        { from: 'b', port: 'sent', to: 'e' },
      ],
    }),
  );
  const cap: PolicyInForce = {
    key: 'one-a-day',
    name: 'One a day',
    kind: 'cap',
    enabled: true,
    limit: 1,
    per: 'P1D',
    over: 'channel',
    then: 'defer',
  };
  const person = { subject: { key: 'p1' }, enters: '2027-02-01T00:00:00Z' };

  it('defer a contact until a cap has room, and say so', () => {
    const { people } = simulate({ ...base, people: [person] }, { plan, policies: [cap] });

    expect(people?.[0]?.effects.map(({ at }) => at)).toEqual([
      '2027-02-01T00:00:00.000Z',
      '2027-02-02T00:00:00.000Z',
    ]);
    expect(people?.[0]?.policy).toMatchObject([
      {
        step: 'b',
        visit: 1,
        at: '2027-02-01T00:00:00.000Z',
        answer: 'defer',
        until: '2027-02-02T00:00:00.000Z',
      },
    ]);
  });

  it('suppress what the person withdrew from, from then on', () => {
    const consents = [
      {
        purpose: 'marketing',
        channel: 'email',
        state: 'withdrawn' as const,
        at: '2027-02-01T12:00:00Z',
      },
    ];
    const { people } = simulate(
      { ...base, people: [{ ...person, consents }] },
      { plan, policies: [cap] },
    );

    expect(people?.[0]?.effects).toHaveLength(1);
    expect(people?.[0]?.policy.map(({ answer }) => answer)).toEqual(['defer', 'suppress']);
    expect(people?.[0]?.outcome).toBe('done');
  });
});

describe('a cohort', () => {
  it('gives the same answer for the same request, byte for byte, and another for another seed', () => {
    const text = (request: SimulationRequest): string =>
      JSON.stringify(simulate({ ...request, detail: 'people' }, { plan: clicked }));
    expect(text(cohort)).toBe(text(JSON.parse(JSON.stringify(cohort)) as SimulationRequest));
    expect(text(cohort)).not.toBe(text({ ...cohort, seed: 'other' }));
  });

  it('gives each rule for an event its own luck', () => {
    const rule = { after: 'm:sent', chance: 0.5, delay: 'P1D' };
    const { summary } = simulate(
      { ...cohort, behaviour: { events: { 'email.clicked': [rule, rule] } } },
      { plan: clicked },
    );
    // Three of four are in luck with one or the other.
    expect((summary.ended['clicked'] ?? 0) / 2_000).toBeCloseTo(0.75, 1);
  });

  it('is drawn as it was asked', () => {
    const { summary } = simulate(cohort, { plan: clicked });
    const sent = summary.steps['m']?.left['sent'] ?? 0;

    expect(summary.ended).toEqual({
      clicked: summary.steps['w']?.left['yes'],
      silent: summary.steps['w']?.left['no'],
      failed: summary.steps['m']?.left['failed'],
    });
    expect(sent / 2_000).toBeCloseTo(0.9, 1);
    // A quarter clicks, and of these all but those that take more than three days: ln(24) / 1.2 is 2.65 deviations.
    expect((summary.ended['clicked'] ?? 0) / sent).toBeGreaterThan(0.22);
    expect((summary.ended['clicked'] ?? 0) / sent).toBeLessThan(0.28);
    expect(summary.steps['w']?.inside?.p90).toBe(3 * 86_400_000);
    expect(summary.months).toHaveLength(12);
    expect(summary.months.at(-1)?.ended).toEqual(summary.ended);
  });

  it('says what providers will have to bear', () => {
    const { load } = simulate({ ...cohort, detail: 'load', hours: true }, { plan: clicked });
    const [only] = load ?? [];

    expect(load).toHaveLength(1);
    expect(only).toMatchObject({ action: 'email/send', connection: 'default', total: 2_000 });
    expect(Object.values(only?.days ?? {}).reduce((sum, count) => sum + count, 0)).toBe(2_000);
    expect(only?.days[only.peakDay.at]).toBe(only?.peakDay.count);
    expect(Object.keys(only?.days ?? {}).sort()).toEqual(Object.keys(only?.days ?? {}));
  });

  it('says why a field of an action could not be filled in', () => {
    const plan = planOf(
      journey({
        start: 'm',
        steps: {
          m: { ...mail, with: { subject: { cel: 'subject.linkage.doctor' }, body: 'Hello' } },
          f: end('failed'),
          y: end('sent'),
        },
        edges: [
          { from: 'm', port: 'sent', to: 'y' },
          { from: 'm', port: 'failed', to: 'f' },
        ],
      }),
    );
    const people = [{ subject: { key: 'p' }, enters: base.start }];

    const [walked] = simulate({ ...base, people, detail: 'people' }, { plan }).people ?? [];

    expect(walked?.effects[0]?.input).toEqual({
      subject: { fault: expect.stringContaining('linkage') as string },
      body: 'Hello',
    });
  });

  it('shows how far it is, with what it knows so far', () => {
    const seen: number[][] = [];
    for (const progress of simulating(cohort, { plan: clicked }))
      seen.push([progress.done, progress.of, progress.partial().people]);
    expect(seen[0]).toEqual([200, 2_000, 200]);
    expect(seen).toHaveLength(10);
  });

  it.each([
    [{ until: '2026-01-01T00:00:00Z' }, '/until'],
    [{ start: 'soon' }, '/start'],
    [{ behaviour: { actions: { nobody: { sent: 1 } } } }, '/behaviour/actions/nobody'],
    [{ behaviour: { actions: { m: { gone: 1 } } } }, '/behaviour/actions/m/gone'],
    [{ people: [{ subject: { key: 'p' }, enters: 'x' }] }, '/people/0/enters'],
    [
      { people: [{ subject: { key: 'p' }, events: [{ type: 'x', at: '2020-01-01T00:00:00Z' }] }] },
      '/people/0/events/0/at',
    ],
    [
      { people: [{ subject: { key: 'p' }, actions: { w: [{ port: 'yes' }] } }] },
      '/people/0/actions/w/0/port',
    ],
    [
      {
        people: [
          { subject: { key: 'p' }, events: [{ type: 'x', after: { step: 'z', delay: 'PT1S' } }] },
        ],
      },
      '/people/0/events/0/after/step',
    ],
  ])('refuses %j with a pointer', (change, pointer) => {
    expect(() => simulate({ ...base, ...change }, { plan: clicked })).toThrow(
      expect.objectContaining({ pointer }) as Error,
    );
  });
});

describe('the arithmetic of draws', () => {
  it('agrees with the platform, which is not asked', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (x) => {
        expect(ln(x)).toBeCloseTo(Math.log(x), 12);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        expect(exp(x) / Math.exp(x)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('knows the normal distribution', () => {
    expect(normalOf(0.5)).toBe(0);
    expect(normalOf(0.975)).toBeCloseTo(1.959963985, 6);
    expect(normalOf(0.001)).toBeCloseTo(-3.090232306, 6);
  });

  it('draws evenly', () => {
    const draw = drawsOf('seed');
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 20_000; index += 1) {
      const tenth = Math.floor(draw(`p${index}|x`) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  it('keeps quantiles exact while values are few, and within half a per cent when they are many', () => {
    const few = createQuantiles();
    for (let index = 1; index <= 1_000; index += 1) few.add(index * 1_000);
    expect([few.at(0.5), few.at(0.99)]).toEqual([500_000, 990_000]);
    const many = createQuantiles();
    for (let index = 1; index <= 20_000; index += 1) many.add(index * 977);
    expect((many.at(0.9) ?? 0) / (18_000 * 977)).toBeCloseTo(1, 2);
    expect(createQuantiles().at(0.5)).toBeUndefined();
  });
});
