import type { JourneyDocument } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { calledJourneyOf } from '../compile/environment.ts';
import { compile } from '../compile/compile.ts';
import type { Plan } from '../plan.ts';
import { Story } from '../test-support/harness.ts';
import { environment, journey, planOf } from '../test-support/journeys.ts';

const at = '2027-01-08T01:00:00Z';
const child = journey({
  key: 'child',
  start: 'w',
  inputs: { type: 'object', properties: { n: { type: 'integer' } } },
  steps: {
    w: { kind: 'wait', for: [{ port: 'over', after: 'P1D' }] },
    good: { kind: 'end', outcome: 'good' },
  },
  edges: [{ from: 'w', port: 'over', to: 'good' }],
});

const called = calledJourneyOf(planOf(child), 3);

function caller(step: object, more: Partial<JourneyDocument> = {}): JourneyDocument {
  return journey({
    start: 'c',
    steps: {
      c: { kind: 'call', journey: 'child', ...step } as never,
      yes: { kind: 'end', outcome: 'yes' },
      no: { kind: 'end', outcome: 'no' },
    },
    edges: [
      { from: 'c', port: 'good', to: 'yes' },
      { from: 'c', port: 'failed', to: 'no' },
    ],
    ...more,
  });
}

function planOfCaller(step: object, more: Partial<JourneyDocument> = {}): Plan {
  const { plan, diagnostics } = compile(caller(step, more), { ...environment, journeys: [called] });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

const silent = { at, reply: () => undefined };

describe('a call', () => {
  it('asks for a run of the pinned version, and leaves by how it ends', () => {
    const plan = planOfCaller({ with: { n: { cel: '1 + 1' } } });
    const story = new Story(plan, silent).starts();

    expect(plan.steps['c']).toMatchObject({
      version: 3,
      planHash: called.planHash,
      outcomes: ['good'],
    });
    expect(story.effects).toEqual([
      {
        type: 'perform',
        effect: 'c#1',
        step: 'c',
        visit: 1,
        call: { subject: { type: 'patient', key: 'p1' }, entry: { n: 2 } },
      },
    ]);
    story.handles({ type: 'effect.accepted', at: story.now, effect: 'c#1', reference: 'run-2' });
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'c#1',
      outcome: 'good',
      output: { run: 'run-2' },
    });
    expect(story.state.outcome).toBe('yes');
  });

  it('leaves by `failed` when the called run ends in any other way', () => {
    const story = new Story(planOfCaller({}), silent).starts();
    story.handles({ type: 'effect.accepted', at: story.now, effect: 'c#1', reference: 'run-2' });
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'c#1',
      outcome: 'withdrawn',
      output: { outcome: 'withdrawn' },
    });

    expect(story.state.outcome).toBe('no');
    expect(story.output('c')).toEqual({ outcome: 'withdrawn' });
  });

  it('stands as an incident when the called journey takes nobody, and goes on when it is retried', () => {
    const story = new Story(planOfCaller({}), silent).starts();
    story.handles({
      type: 'effect.failed',
      at: story.now,
      effect: 'c#1',
      code: 'journey-closed',
      kind: 'config',
      detail: "the called journey 'child' is closed",
      attempts: 1,
    });
    expect(story.because('incident')).toMatchObject({ code: 'journey-closed' });
    story.commands({ type: 'retry', step: 'c' });

    expect(story.effects.map(({ effect }) => effect)).toEqual(['c#1', 'c#1']);
  });

  it('gives what an operator edited, in place of what the designer wrote', () => {
    const story = new Story(planOfCaller({}), silent).starts();
    const refusal = {
      code: 'inputs-invalid',
      kind: 'config',
      detail: 'n is too small',
      attempts: 1,
    };
    story.handles({ type: 'effect.failed', at: story.now, effect: 'c#1', ...refusal });

    story.commands({ type: 'retry', step: 'c', input: { n: 7 } });

    expect(story.effects.at(-1)).toMatchObject({ effect: 'c#1!1', call: { entry: { n: 7 } } });
    story.handles({ type: 'effect.accepted', at: story.now, effect: 'c#1!1', reference: 'run-2' });
    story.hears('nothing');
    expect(story.state.tokens[0]?.doing).toMatchObject({ type: 'accepted', reference: 'run-2' });
  });

  it('cancels the called run when its caller goes, also one that was not yet known', () => {
    const exits = [{ id: 'out', event: 'gone', outcome: 'gone' }];
    const known = new Story(planOfCaller({}, { exits }), silent).starts();
    known.handles({ type: 'effect.accepted', at: known.now, effect: 'c#1', reference: 'run-2' });
    known.hears('gone');
    const unknown = new Story(planOfCaller({}, { exits }), silent).starts().hears('gone');
    unknown.handles({
      type: 'effect.accepted',
      at: unknown.now,
      effect: 'c#1',
      reference: 'run-2',
    });

    expect(known.effects.at(-1)).toMatchObject({
      type: 'cancel',
      effect: 'c#1',
      reference: 'run-2',
    });
    expect(unknown.effects.at(-1)).toMatchObject({
      type: 'cancel',
      effect: 'c#1',
      reference: 'run-2',
    });
  });

  it('may be for somebody else', () => {
    const story = new Story(planOfCaller({ subject: "'physician/' + entry.doctor" }), {
      ...silent,
      entry: { doctor: 'd7' },
    }).starts();
    const broken = new Story(planOfCaller({ subject: 'entry.doctor' }), {
      ...silent,
      entry: { doctor: 'd7' },
    }).starts();

    expect(story.effects[0]).toMatchObject({ call: { subject: { type: 'physician', key: 'd7' } } });
    expect(broken.because('incident')).toMatchObject({ code: 'not-a-subject' });
  });

  it('is refused where it calls what is not there, or comes back to itself', () => {
    const codes = (step: object, journeys = [called]): string[] =>
      compile(caller(step), { ...environment, journeys }).diagnostics.map(
        ({ code, pointer }) => `${code} ${pointer}`,
      );

    expect(codes({ journey: 'nobody' })).toEqual(['call/unknown-journey /steps/c/journey']);
    expect(codes({ version: 9 })).toEqual(['call/unknown-journey /steps/c/version']);
    expect(codes({ journey: 'test' })).toEqual(['call/recursion /steps/c/journey']);
    expect(codes({}, [{ ...called, calls: ['test'] }])).toEqual([
      'call/recursion /steps/c/journey',
    ]);
    expect(codes({}, [{ ...called, subjectType: 'physician' }])).toEqual([
      'schema/invalid /steps/c',
    ]);
    expect(codes({ with: { n: 'x' } })).toEqual(['schema/invalid /steps/c/with/n']);
    expect(codes({}, [{ ...called, outcomes: ['good', 'bad'] }])).toEqual([
      'graph/port-unconnected /steps/c',
    ]);
  });
});

const mail = {
  kind: 'action',
  uses: 'email/send',
  purpose: 'support',
  with: { subject: 'Hi', body: 'Hello' },
  deadline: 'PT2H',
} as const;

describe('a deadline', () => {
  const plan = planOf(
    journey({
      start: 'm',
      steps: {
        m: mail,
        ok: { kind: 'end', outcome: 'ok' },
        late: { kind: 'end', outcome: 'late' },
      },
      edges: [
        { from: 'm', port: 'sent', to: 'ok' },
        { from: 'm', port: 'timeout', to: 'late' },
      ],
    }),
  );

  it('leaves by `timeout`, while the effect is performed or put off', () => {
    const performing = new Story(plan, silent).starts().passesTo('2027-01-09T00:00:00Z');
    const deferred = new Story(plan, silent).starts();
    deferred.handles({
      type: 'effect.deferred',
      at: deferred.now,
      effect: 'm#1',
      until: deferred.now + 86_400_000,
      because: {},
    });
    deferred.passesTo('2027-01-09T00:00:00Z');

    for (const story of [performing, deferred]) {
      expect(story.state.outcome).toBe('late');
      expect(story.leftAt('m#1')).toBe('2027-01-08T03:00:00.000Z');
    }
    expect(performing.effects.at(-1)).toMatchObject({ type: 'cancel', effect: 'm#1' });
  });

  it('leaves alone what was done in time', () => {
    const story = new Story(plan, silent).starts().passesTo('2027-01-08T02:59:00Z');
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'm#1',
      outcome: 'sent',
      output: {},
    });
    expect(story.state.outcome).toBe('ok');
  });
});

describe('a frozen run', () => {
  const plan = planOf(
    journey({
      start: 'w',
      exits: [{ id: 'out', event: 'gone', outcome: 'gone' }],
      steps: {
        w: { kind: 'wait', for: [{ port: 'over', after: 'P1D' }] },
        ok: { kind: 'end', outcome: 'ok' },
      },
      edges: [{ from: 'w', port: 'over', to: 'ok' }],
    }),
  );

  it('stands still until it is thawed, and leaves by an exit meanwhile', () => {
    const story = new Story(plan, silent).starts().commands({ type: 'freeze' });
    story.passesTo('2027-01-12T00:00:00Z');
    expect(story.state.status).toBe('active');
    expect(
      new Story(plan, silent).starts().commands({ type: 'freeze' }).hears('gone').state.outcome,
    ).toBe('gone');
    story.commands({ type: 'thaw' });

    expect(story.state.outcome).toBe('ok');
  });

  it('takes the later word, whichever comes first', () => {
    const story = new Story(plan, silent).starts();
    const word = (type: 'freeze' | 'thaw', at: number) =>
      story.handles({
        type: 'command.given',
        at,
        id: type,
        command: { type, by: 'journey', reason: 'test' },
      });
    word('thaw', story.now + 10);
    word('freeze', story.now + 5);

    expect(story.state.frozen).toBeUndefined();
    expect(story.because('refused')).toMatchObject({ detail: 'a later word was given already' });
  });

  it('stays where it is until an operator lets it go, too', () => {
    const story = new Story(plan, silent)
      .starts()
      .commands({ type: 'freeze' })
      .commands({ type: 'hold' });
    story.passesTo('2027-01-12T00:00:00Z').commands({ type: 'thaw' });
    expect(story.state.outcome).toBeUndefined();
    story.commands({ type: 'resume' });

    expect(story.state.outcome).toBe('ok');
  });
});
