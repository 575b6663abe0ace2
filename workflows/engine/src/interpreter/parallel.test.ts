import type { JourneyDocument, Step } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { Story } from '../test-support/harness.ts';
import { environment, journey as documentOf, planOf } from '../test-support/journeys.ts';

/** A document whose edges are written `from.port>to`; it starts at its first step. */
function journey(
  steps: JourneyDocument['steps'],
  edges: string[],
  more: Partial<JourneyDocument> = {},
): JourneyDocument {
  return documentOf({
    steps,
    start: Object.keys(steps)[0] ?? '',
    edges: edges.map((text) => {
      const [from = '', port = '', to = ''] = text.split(/[.>]/);
      return { from, port, to };
    }),
    ...more,
  });
}

const end = { kind: 'end', outcome: 'done' } as const;
const wait = (after: string): Step => ({ kind: 'wait', for: [{ port: 'over', after }] });
const mail = {
  kind: 'action',
  uses: 'email/send',
  purpose: 'support',
  with: { subject: 'Hi', body: 'Hello' },
} as const;
const at = '2027-01-08T01:00:00Z';
const fork: Step = { kind: 'parallel', branches: ['a', 'b'] };

describe('parallel and join', () => {
  it('passes a join once, when all have arrived', () => {
    const plan = planOf(
      journey({ p: fork, a: wait('P1D'), b: wait('P3D'), j: { kind: 'join', of: 'p' }, e: end }, [
        'p.a>a',
        'p.b>b',
        'a.over>j',
        'b.over>j',
        'j.joined>e',
      ]),
    );
    const story = new Story(plan, { at }).starts();
    expect(story.state.tokens.map((token) => token.step)).toEqual(['a', 'b']);
    story.passesTo('2027-01-10T01:00:00Z');
    expect(story.state.tokens.map((token) => token.doing.type)).toEqual(['joining', 'waiting']);
    story.passesTo('2027-02-01T00:00:00Z');

    expect(story.state.outcome).toBe('done');
    expect(story.leftAt('j#1')).toBe('2027-01-11T01:00:00.000Z');
    expect(story.path()).toEqual(['p#1 a', 'p#1 b', 'a#1 over', 'b#1 over', 'j#1 joined']);
    expect(story.output('j')).toEqual({ arrived: ['a', 'b'], met: true });
  });

  it('takes away what is left of the others when one is enough', () => {
    const plan = planOf(
      journey(
        { p: fork, a: wait('P1D'), b: mail, j: { kind: 'join', of: 'p', need: 'any' }, e: end },
        ['p.a>a', 'p.b>b', 'a.over>j', 'b.sent>j', 'j.joined>e'],
      ),
    );
    const story = new Story(plan, { at, reply: () => undefined }).starts();
    story.passesTo('2027-02-01T00:00:00Z');

    expect(story.state.outcome).toBe('done');
    expect(story.effects.map((effect) => `${effect.type} ${effect.effect}`)).toEqual([
      'perform b#1',
      'cancel b#1',
    ]);
    expect(story.because('withdrawn')).toEqual({ join: 'j' });
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'b#1',
      outcome: 'sent',
      output: {},
    });
    expect(story.because('settled-after-end')).toMatchObject({ effect: 'b#1', outcome: 'sent' });
  });

  it('passes when the rest can no longer bring the number, and says so', () => {
    const plan = planOf(
      journey(
        {
          p: fork,
          a: wait('P1D'),
          b: wait('P3D'),
          j: { kind: 'join', of: 'p' },
          e: end,
          gone: { kind: 'end', outcome: 'gone' },
        },
        ['p.a>a', 'p.b>b', 'a.over>j', 'b.over>gone', 'j.joined>e'],
      ),
    );
    const story = new Story(plan, { at }).starts().passesTo('2027-02-01T00:00:00Z');

    expect(story.because('need-unmet')).toEqual({ arrived: ['a'] });
    expect(story.leftAt('j#1')).toBe('2027-01-11T01:00:00.000Z');
    expect(story.state.outcome).toBe('done');
  });

  it('closes nested ways with those around them', () => {
    const plan = planOf(
      journey(
        {
          p: fork,
          q: fork,
          a: wait('P1D'),
          b: wait('P9D'),
          c: wait('P9D'),
          k: { kind: 'join', of: 'q' },
          j: { kind: 'join', of: 'p', need: 1 },
          e: end,
        },
        [
          'p.a>a',
          'p.b>q',
          'q.a>b',
          'q.b>c',
          'b.over>k',
          'c.over>k',
          'k.joined>j',
          'a.over>j',
          'j.joined>e',
        ],
      ),
    );
    const story = new Story(plan, { at }).starts();
    expect(story.state.tokens.map((token) => token.step)).toEqual(['a', 'b', 'c']);
    story.passesTo('2027-01-09T01:00:00Z');

    expect(story.state).toMatchObject({ status: 'ended', outcome: 'done' });
    expect(
      story.trail.filter((entry) => entry.what === 'withdrawn').map((entry) => entry.step),
    ).toEqual(['b', 'c']);
  });

  it('enters a join again on the next round, with the next visit', () => {
    const plan = planOf(
      journey(
        {
          r: { kind: 'repeat', times: 2 },
          p: fork,
          a: wait('P1D'),
          b: wait('P2D'),
          j: { kind: 'join', of: 'p' },
          e: end,
        },
        ['r.again>p', 'r.done>e', 'p.a>a', 'p.b>b', 'a.over>j', 'b.over>j', 'j.joined>r'],
      ),
    );
    const story = new Story(plan, { at }).starts().passesTo('2027-02-01T00:00:00Z');

    expect(story.leftAt('j#1')).toBe('2027-01-10T01:00:00.000Z');
    expect(story.leftAt('j#2')).toBe('2027-01-12T01:00:00.000Z');
    expect(story.state.tokens).toEqual([]);
    expect(story.state.outcome).toBe('done');
  });

  it('ends with its last token, or at once where an end says so', () => {
    const steps = { p: fork, a: wait('P1D'), b: wait('P3D'), e: end };
    const edges = ['p.a>a', 'p.b>b', 'a.over>e', 'b.over>f'];
    const apart = planOf(journey({ ...steps, f: { kind: 'end', outcome: 'late' } }, edges));
    const atOnce = planOf(
      journey({ ...steps, e: { ...end, stop: 'run' }, f: { kind: 'end', outcome: 'late' } }, edges),
    );

    expect(new Story(apart, { at }).starts().passesTo('2027-02-01T00:00:00Z').state).toMatchObject({
      outcome: 'late',
      endedAt: Date.parse('2027-01-11T01:00:00Z'),
    });
    expect(new Story(atOnce, { at }).starts().passesTo('2027-02-01T00:00:00Z').state).toMatchObject(
      { outcome: 'done', endedAt: Date.parse('2027-01-09T01:00:00Z') },
    );
  });

  it('raises an incident rather than going more than 200 ways at once', () => {
    const many = Array.from({ length: 50 }, (_, index) => `w${index}`);
    const plan = planOf(
      journey({ p: { kind: 'parallel', branches: many }, a: wait('PT1H'), e: end }, [
        ...many.slice(1).map((way) => `p.${way}>a`),
        'p.w0>e',
        'a.over>p',
      ]),
    );
    const story = new Story(plan, { at }).starts().passesTo('2027-01-08T09:00:00Z');

    expect(story.state.tokens.length).toBeLessThanOrEqual(200);
    expect(story.because('incident')).toMatchObject({ code: 'too-many-ways' });
  });

  it('is told of ways that meet without a join, and of joins that bring nothing together', () => {
    const meeting = journey({ p: fork, a: wait('P1D'), e: end, j: { kind: 'join', of: 'a' } }, [
      'p.a>a',
      'p.b>a',
      'a.over>j',
      'j.joined>e',
    ]);
    const { diagnostics } = compile(meeting, environment);

    expect(diagnostics).toMatchObject([
      { code: 'graph/join-without-parallel', severity: 'error', pointer: '/steps/j/of' },
      { code: 'graph/parallel-without-join', severity: 'warning', stepId: 'p' },
    ]);
  });
});
