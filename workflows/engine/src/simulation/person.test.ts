import type { Step } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { calledJourneyOf } from '../compile/environment.ts';
import { compile } from '../compile/compile.ts';
import type { Plan } from '../plan.ts';
import type { PolicyInForce } from '../policies/index.ts';
import { environment, journey, planOf } from '../test-support/journeys.ts';
import { coverageOf } from './expectations.ts';
import { prepareSimulation } from './prepare.ts';
import type { PersonAnswer } from './person.ts';
import type { SimulatedPerson, SimulationRequest } from './request.ts';
import { simulate, type SimulationEnvironment } from './simulate.ts';

const end = (outcome: string) => ({ kind: 'end', outcome }) as const;
const mail = {
  kind: 'action',
  uses: 'email/send',
  purpose: 'support',
  with: { subject: 'Hi', body: 'Hello' },
} as const;
const base = { start: '2027-01-01T00:00:00Z', until: '2028-01-01T00:00:00Z', seed: 's' };
const enters = '2027-02-01T00:00:00Z';

function walked(
  plan: Plan,
  person: Partial<SimulatedPerson>,
  more: Partial<SimulationEnvironment> = {},
): PersonAnswer {
  const people = [{ subject: { key: 'p1' }, enters, ...person }];
  const [answer] = simulate({ ...base, people }, { plan, ...more }).people ?? [];
  if (!answer) throw new Error('nobody was walked');
  return answer;
}

describe('a called run about somebody else', () => {
  const cap: PolicyInForce = {
    key: 'one-a-day',
    name: 'One a day',
    kind: 'cap',
    enabled: true,
    limit: 1,
    per: 'P1D',
    over: 'channel',
    then: 'suppress',
  };

  /** A person gets a mail, then a journey is called for `subject`, which mails what it knows of the name. */
  function calls(type: string, subject?: string, first: 'mail' | 'call' = 'call') {
    const called = planOf(
      journey({
        key: 'tell',
        subject: type,
        start: 'm',
        steps: {
          m: {
            ...mail,
            with: { subject: 'Hi', body: { cel: 'has(subject.name) ? subject.name : "absent"' } },
          },
          sent: end('told'),
          not: end('untold'),
        },
        edges: [
          { from: 'm', port: 'sent', to: 'sent' },
          { from: 'm', port: 'suppressed', to: 'not' },
        ],
      }),
    );
    const { plan, diagnostics } = compile(
      journey({
        start: first === 'mail' ? 'm' : 'c',
        steps: {
          ...(first === 'mail' ? { m: mail } : {}),
          c: {
            kind: 'call',
            journey: 'tell',
            ...(subject === undefined ? {} : { subject: `"${subject}"` }),
          },
          t: end('told'),
          u: end('untold'),
        },
        edges: [
          ...(first === 'mail' ? [{ from: 'm', port: 'sent', to: 'c' }] : []),
          { from: 'c', port: 'told', to: 't' },
          { from: 'c', port: 'untold', to: 'u' },
        ],
      }),
      { ...environment, journeys: [calledJourneyOf(called, 1)] },
    );
    if (!plan) throw new Error(JSON.stringify(diagnostics));
    return { plan, plans: new Map([[called.hash, called]]) };
  }

  it.each([
    ['physician', 'physician/d1', 'absent'],
    ['patient', 'patient/p2', 'absent'],
    ['patient', 'patient/p1', 'Ada'],
    ['patient', undefined, 'Ada'],
  ])('for %s %s mails the name %s', (type, subject, body) => {
    const { plan, plans } = calls(type, subject);
    const answer = walked(plan, { subject: { key: 'p1', name: 'Ada' } }, { plans });

    expect(answer.effects.map(({ input }) => input)).toEqual([{ subject: 'Hi', body }]);
  });

  it.each([
    ['physician', 'physician/d1', 'told'],
    ['patient', 'patient/p1', 'untold'],
  ])('for %s %s is bound by that one’s consents', (type, subject, outcome) => {
    const { plan, plans } = calls(type, subject);
    const consents = [
      { purpose: 'support', channel: 'email', state: 'withdrawn', at: base.start } as const,
    ];

    expect(walked(plan, { consents }, { plans, policies: [] }).outcome).toBe(outcome);
  });

  it.each([
    ['physician', 'physician/d1', 'told'],
    ['patient', 'patient/p1', 'untold'],
  ])('for %s %s is capped by that one’s contacts', (type, subject, outcome) => {
    const { plan, plans } = calls(type, subject, 'mail');

    expect(walked(plan, {}, { plans, policies: [cap] }).outcome).toBe(outcome);
  });
});

describe('what is known of a person', () => {
  const branch = (condition: string, before: 'm' | 'b') =>
    planOf(
      journey({
        start: before,
        steps: {
          ...(before === 'm' ? { m: mail } : {}),
          b: { kind: 'branch', cases: [{ port: 'yes', if: condition }] },
          y: end('yes'),
          n: end('no'),
        },
        edges: [
          ...(before === 'm'
            ? [
                { from: 'm', port: 'sent', to: 'b' },
                { from: 'm', port: 'failed', to: 'b' },
                { from: 'm', port: 'suppressed', to: 'b' },
              ]
            : []),
          { from: 'b', port: 'yes', to: 'y' },
          { from: 'b', port: 'else', to: 'n' },
        ],
      }),
    );

  it.each(['sent', 'failed', 'suppressed'])(
    'is as it is when an effect is answered (%s), not as it was when it was asked',
    (port) => {
      const answer = walked(branch('subject.ready == true', 'm'), {
        subject: { key: 'p1', ready: false },
        actions: { m: [{ port, takes: 'P2D' }] },
        changes: [{ at: '2027-02-02', set: { ready: true } }],
      });

      expect(answer.outcome).toBe('yes');
    },
  );

  it('does not hold an attribute that is given as null', () => {
    expect(walked(branch('has(subject.x)', 'b'), { subject: { key: 'p1', x: null } }).outcome).toBe(
      'no',
    );
  });
});

describe('what happens without end at one instant', () => {
  const plan = planOf(
    journey({
      start: 'm',
      steps: {
        m: mail,
        w: {
          kind: 'wait',
          for: [
            { port: 'again', event: 'x' },
            { port: 'over', after: 'P1D' },
          ],
        },
        e: end('done'),
      },
      edges: [
        { from: 'm', port: 'sent', to: 'w' },
        { from: 'w', port: 'again', to: 'm' },
        { from: 'w', port: 'over', to: 'e' },
      ],
    }),
  );
  const behaviour = { events: { x: { after: 'm:sent', delay: 'PT0S' } } };

  it('stops that walk there, with an incident', () => {
    const people = [{ subject: { key: 'p1' }, enters }];
    const { people: answers, summary } = simulate({ ...base, people, behaviour }, { plan });

    expect(answers?.[0]).toMatchObject({
      outcome: null,
      incidents: [{ at: '2027-02-01T00:00:00.000Z', code: 'loop-without-progress' }],
    });
    expect(summary.open).toBe(1);
    expect(summary.steps['m']!.incidents + summary.steps['w']!.incidents).toBe(1);
  });

  it('walks the others, of whom it is not true', () => {
    const people = ['p1', 'p2'].map((key) => ({ subject: { key }, enters }));
    const { people: answers } = simulate(
      { ...base, people, behaviour: { events: { x: { ...behaviour.events.x, chance: 0 } } } },
      { plan },
    );

    expect(answers?.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });

  /** A journey calls another one so often, which sends so many mails. */
  const rounds = (calls: number, mails: number): PersonAnswer => {
    const around = (key: string, times: number, step: Step, port: string) =>
      journey({
        key,
        start: 'r',
        steps: { r: { kind: 'repeat', times }, s: step, e: end('done') },
        edges: [
          { from: 'r', port: 'again', to: 's' },
          { from: 's', port, to: 'r' },
          { from: 'r', port: 'done', to: 'e' },
        ],
      });
    const called = planOf(around('mails', mails, mail, 'sent'));
    const { plan: caller } = compile(
      around('calls', calls, { kind: 'call', journey: 'mails' }, 'done'),
      { ...environment, journeys: [calledJourneyOf(called, 1)] },
    );
    if (!caller) throw new Error('no plan');
    return walked(caller, {}, { plans: new Map([[called.hash, called]]) });
  };

  it('does not stop what comes to an end', () => {
    expect(rounds(150, 1)).toMatchObject({ outcome: 'done', incidents: [] });
  });

  it('stops the walk where calls multiply what the engine bounds for each run (V4)', () => {
    expect(rounds(150, 150)).toMatchObject({
      outcome: null,
      incidents: [{ step: 's', code: 'loop-without-progress' }],
    });
  });
});

describe('the counts of a simulation', () => {
  const wait = { kind: 'wait' as const, for: [{ port: 'over', after: 'P1D' }] };

  it('hold whoever an exit ends before the first step for ended in that month', () => {
    const plan = planOf(
      journey({
        start: 'w',
        exits: [{ id: 'out', when: 'subject.gone == true', outcome: 'gone' }],
        steps: { w: wait, e: end('done') },
        edges: [{ from: 'w', port: 'over', to: 'e' }],
      }),
    );
    const people = [{ subject: { key: 'p1', gone: true }, enters }];
    const { summary } = simulate({ ...base, people }, { plan });

    expect(summary.ended).toEqual({ gone: 1 });
    expect(summary.months[0]?.ended).toEqual({});
    expect(summary.months[1]?.ended).toEqual({ gone: 1 });
    expect(summary.months.at(-1)?.ended).toEqual({ gone: 1 });
  });

  it('do not hold for refused whom a later event lets in, and count others once', () => {
    const plan = planOf(
      journey({
        start: 'w',
        entry: [{ on: 'event', event: 'rx' }],
        inputs: { type: 'object', required: ['days'] },
        steps: { w: wait, e: end('done') },
        edges: [{ from: 'w', port: 'over', to: 'e' }],
      }),
    );
    const bad = { at: '2027-01-02', type: 'rx' };
    const good = { at: '2027-01-04', type: 'rx', data: { days: 28 } };
    const people = [
      { subject: { key: 'p1' }, events: [bad, good] },
      { subject: { key: 'p2' }, events: [bad, { ...bad, at: '2027-01-03' }] },
    ];
    const { people: answers = [], summary } = simulate({ ...base, people }, { plan });

    expect(answers[0]).toMatchObject({ entered: '2027-01-04T00:00:00.000Z', outcome: 'done' });
    expect(answers[0]).not.toHaveProperty('refused');
    expect(answers[1]).toMatchObject({ entered: null, refused: { reason: 'inputs-invalid' } });
    expect(summary).toMatchObject({ entered: 1, refused: { 'inputs-invalid': 1 } });
  });

  it('hold of a parallel step only the ways for walked that were', () => {
    const plan = planOf(
      journey({
        start: 'p',
        steps: {
          p: { kind: 'parallel', branches: ['one', 'two'] },
          stop: { kind: 'end', outcome: 'stopped', stop: 'run' },
          e: end('done'),
        },
        edges: [
          { from: 'p', port: 'one', to: 'stop' },
          { from: 'p', port: 'two', to: 'e' },
        ],
      }),
    );
    const answer = walked(plan, {});

    expect(answer.path[0]).toMatchObject({ step: 'p', port: 'one', ways: ['one'] });
    expect(coverageOf(plan, [answer]).ports.missing).toEqual(['p:two']);
  });
});

describe('a request', () => {
  const plan = planOf(
    journey({
      start: 'm',
      steps: { m: mail, d: { ...mail, deadline: 'P1D' }, e: end('done') },
      edges: [
        { from: 'm', port: 'sent', to: 'd' },
        { from: 'd', port: 'sent', to: 'e' },
        { from: 'd', port: 'timeout', to: 'e' },
      ],
    }),
  );
  const timeout = (step: string): SimulatedPerson => ({
    subject: { key: 'p' },
    enters,
    actions: { [step]: [{ port: 'timeout' }] },
  });
  const early = '2026-12-31T00:00:00Z';

  it.each<[Partial<SimulationRequest>, string]>([
    [{ people: [timeout('m')] }, '/people/0/actions/m/0/port'],
    [{ behaviour: { actions: { m: { timeout: 1 } } } }, '/behaviour/actions/m/timeout'],
    [{ people: [{ subject: { key: 'p' }, enters: early }] }, '/people/0/enters'],
    [{ cohort: { size: 1, enters: early } }, '/cohort/enters'],
    [{ cohort: { size: 1, enters: { uniform: [early, enters] } } }, '/cohort/enters/uniform/0'],
  ])('is refused for %j', (change, pointer) => {
    expect(() => simulate({ ...base, ...change }, { plan })).toThrow(
      expect.objectContaining({ pointer }) as Error,
    );
  });

  it('may let an action with a deadline time out', () => {
    expect(walked(plan, timeout('d')).endedAt).toBe('2027-02-02T00:00:00.000Z');
  });
});

describe('journeys that call each other', () => {
  const calling = (key: string, other: string) =>
    journey({
      key,
      start: 'c',
      steps: { c: { kind: 'call', journey: other }, e: end('done') },
      edges: [{ from: 'c', port: 'done', to: 'e' }],
    });
  const [main, other] = [calling('m', 'a'), calling('a', 'm')];
  const defaults = { compile: environment, policies: [], plans: new Map<string, Plan>() };
  const found = (journeys: unknown[]) => {
    const prepared = prepareSimulation(main, { journeys }, defaults);
    return prepared.ok ? [] : prepared.diagnostics.map(({ code, pointer }) => [code, pointer]);
  };

  it('are told so, whichever of them are given', () => {
    const first = ['call/recursion', '/journeys/0/steps/c/journey'];

    expect(found([other])).toEqual([first]);
    expect(found([other, main])).toEqual([
      first,
      ['call/recursion', '/journeys/1/steps/c/journey'],
    ]);
  });

  it('are not told of what is only not ready: its own faults say why', () => {
    expect(found([calling('a', 'b'), calling('b', 'nobody')])).toEqual([
      ['call/unknown-journey', '/journeys/1/steps/c/journey'],
    ]);
  });
});
