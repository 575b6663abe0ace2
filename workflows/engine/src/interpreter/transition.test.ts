import { readFileSync } from 'node:fs';
import type { JourneyDocument, Step } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../plan.ts';
import { Story, type Reply } from '../test-support/harness.ts';
import { journey, planOf } from '../test-support/journeys.ts';
import { inputOf } from '../views.ts';

const end = { kind: 'end', outcome: 'done' } as const;
const mail = {
  kind: 'action',
  uses: 'email/send',
  purpose: 'support',
  with: { subject: 'Hi', body: 'Hello' },
} as const;
const at = '2027-01-08T01:00:00Z';
const refusal = {
  ...{ type: 'effect.failed', code: 'smtp-550', kind: 'permanent' },
  ...{ detail: 'refused', attempts: 1 },
} as Reply;

interface SampleCase {
  name: string;
  request: {
    document: JourneyDocument;
    until: string;
    people: {
      subject: { key: string; timeZone?: string };
      enters: string;
      events?: { at: string; type: string }[];
    }[];
  };
  expect: {
    key: string;
    outcome: string;
    endedAt?: string;
    left?: Record<string, string>;
    ports?: Record<string, string>;
    goals?: string[];
  }[];
}

const samples = JSON.parse(
  readFileSync(new URL('../../test-data/simulation-samples.json', import.meta.url), 'utf8'),
) as { cases: SampleCase[] };

describe('the published simulation samples', () => {
  it.each(samples.cases.map((sample) => [sample.name, sample] as const))(
    'gives the published answer: %s',
    (_, sample) => {
      const plan = planOf(sample.request.document);
      for (const expected of sample.expect) {
        const person = sample.request.people.find(({ subject }) => subject.key === expected.key);
        if (!person) throw new Error(`no person ${expected.key}`);
        const { key, ...attributes } = person.subject;
        const story = new Story(plan, { at: person.enters, subject: { key, attributes } }).starts();
        for (const event of person.events ?? []) story.passesTo(event.at).hears(event.type);
        story.passesTo(sample.request.until);

        expect(story.state.outcome).toBe(expected.outcome);
        if (expected.endedAt) expect(Date.parse(expected.endedAt)).toBe(story.state.endedAt);
        for (const [effect, instant] of Object.entries(expected.left ?? {})) {
          expect(Date.parse(story.leftAt(effect) ?? '')).toBe(Date.parse(instant));
        }
        for (const [effect, port] of Object.entries(expected.ports ?? {}))
          expect(story.path()).toContain(`${effect} ${port}`);
        if (expected.goals)
          expect(story.state.goals.map((goal) => goal.id)).toEqual(expected.goals);
      }
    },
  );
});

describe('an action', () => {
  const document = journey({
    start: 'm',
    steps: { m: mail, end },
    edges: [{ from: 'm', port: 'sent', to: 'end' }],
  });

  it('is asked for once, under its step and visit', () => {
    const story = new Story(planOf(document), { at }).starts();

    expect(story.effects).toEqual([{ type: 'perform', effect: 'm#1', step: 'm', visit: 1 }]);
    expect(story.state).toMatchObject({ status: 'ended', outcome: 'done' });
  });

  it('ignores an outcome it no longer waits for (E3)', () => {
    const story = new Story(planOf(document), { at, reply: () => undefined }).starts();
    const settle = {
      type: 'effect.settled',
      at: story.now,
      effect: 'm#1',
      outcome: 'sent',
      output: {},
    } as const;
    const once = story.handles(settle).state;

    expect(story.handles(settle).state).toEqual(once);
  });

  it('becomes an incident when it fails and its failure port leads nowhere, and goes on when it is retried', () => {
    let fails = true;
    const story = new Story(planOf(document), {
      at,
      reply: () =>
        fails
          ? {
              type: 'effect.failed',
              code: 'smtp-550',
              kind: 'permanent',
              detail: 'refused',
              attempts: 1,
            }
          : { type: 'effect.settled', outcome: 'sent', output: {} },
    }).starts();

    expect(story.state.tokens[0]?.doing).toMatchObject({
      type: 'incident',
      incident: { code: 'smtp-550', detail: 'refused' },
    });

    fails = false;
    story.commands({ type: 'retry', step: 'm' });

    expect(story.state.outcome).toBe('done');
    expect(story.effects.map((effect) => effect.effect)).toEqual(['m#1', 'm#1']);
  });

  it('is another effect when an operator edits its input, which adds up from edit to edit', () => {
    const story = new Story(planOf(document), { at, reply: () => refusal }).starts();
    const edit = (input: JsonObject) => story.commands({ type: 'retry', step: 'm', input });

    edit({ to: 'b@x.example', subject: 'Again' });
    story.commands({ type: 'retry', step: 'm' });
    edit({ to: 'c@x.example', text: null });

    expect(story.effects.map(({ effect }) => effect)).toEqual(['m#1', 'm#1!1', 'm#1!1', 'm#1!2']);
    const [token] = story.state.tokens;
    expect(inputOf({ to: 'a@x.example', body: 'Hello', text: 'Hello' }, token ?? {})).toEqual({
      to: 'c@x.example',
      subject: 'Again',
      body: 'Hello',
    });
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'm#1!1',
      outcome: 'sent',
      output: {},
    });
    expect(story.state.status).toBe('active'); // an answer to what was edited since
  });

  it('hears the answer to an edited effect, and forgets the edit when it goes on', () => {
    const settled: Reply = { type: 'effect.settled', outcome: 'sent', output: {} } as Reply;
    const reply = ({ effect }: { effect: string }): Reply =>
      ({ 'm#1': refusal, 'm#1!1': settled })[effect];
    const twice = journey({
      start: 'm',
      steps: { m: mail, n: mail, end },
      edges: [
        { from: 'm', port: 'sent', to: 'n' },
        { from: 'n', port: 'sent', to: 'end' },
      ],
    });
    const story = new Story(planOf(twice), { at, reply }).starts();

    story.commands({ type: 'retry', step: 'm', input: { to: 'b@x.example' } });

    expect(story.effects.map(({ effect }) => effect)).toEqual(['m#1', 'm#1!1', 'n#1']);
    expect(story.because('commanded')).toMatchObject({ input: { to: 'b@x.example' } });
    expect(story.state.tokens[0]).not.toHaveProperty('edited');
  });

  it('takes no edited input where there is nothing to give it to, nor for two steps at once', () => {
    const broken = journey({
      start: 'both',
      steps: {
        both: { kind: 'parallel', branches: ['a', 'b'] },
        m: mail,
        n: mail,
        end,
      },
      edges: [
        { from: 'both', port: 'a', to: 'm' },
        { from: 'both', port: 'b', to: 'n' },
        { from: 'm', port: 'sent', to: 'end' },
        { from: 'n', port: 'sent', to: 'end' },
      ],
    });
    const story = new Story(planOf(broken), { at, reply: () => refusal }).starts();
    story.commands({ type: 'retry', input: { to: 'b@x.example' } });
    expect(story.because('refused')?.['detail']).toContain('for one step');
    expect(story.effects).toHaveLength(2);

    const unread = journey({
      start: 'b',
      steps: { b: { kind: 'branch', cases: [{ port: 'p', if: 'subject.n > 1' }] }, end },
      edges: [
        { from: 'b', port: 'p', to: 'end' },
        { from: 'b', port: 'else', to: 'end' },
      ],
    });
    const stuck = new Story(planOf(unread), {
      at,
      subject: { key: 'p', attributes: { n: 'many' } },
    }).starts();
    stuck.commands({ type: 'retry', input: { n: 1 } });
    expect(stuck.because('refused')?.['detail']).toContain("kind 'branch' takes no input");
  });

  it('takes its failure port when there is one', () => {
    const plan = planOf({
      ...document,
      steps: { ...document.steps, bad: { kind: 'end', outcome: 'bad' } },
      edges: [...document.edges, { from: 'm', port: 'failed', to: 'bad' }],
    });
    const story = new Story(plan, {
      at,
      reply: () =>
        ({
          type: 'effect.failed',
          code: 'x',
          kind: 'permanent',
          detail: 'd',
          attempts: 1,
        }) as never,
    }).starts();

    expect(story.state.outcome).toBe('bad');
  });

  it('never takes a failure port after an unknown outcome: a person decides', () => {
    const plan = planOf({
      ...document,
      edges: [...document.edges, { from: 'm', port: 'failed', to: 'end' }],
    });
    const story = new Story(plan, {
      at,
      reply: () =>
        ({
          type: 'effect.failed',
          code: 'unknown',
          kind: 'unknown-outcome',
          detail: 'd',
          attempts: 1,
        }) as never,
    }).starts();

    expect(story.state).toMatchObject({
      status: 'active',
      tokens: [{ doing: { type: 'incident' } }],
    });
  });

  it('goes on by the outcome it names when a policy suppresses it, and the trail still says suppressed', () => {
    const story = new Story(planOf(document), {
      at,
      reply: () => ({ type: 'effect.suppressed', because: { code: 'no-consent' } }) as never,
    }).starts();

    expect(story.path()).toEqual(['m#1 suppressed']);
    expect(story.because('suppressed')).toEqual({ code: 'no-consent' });
    expect(story.state.outcome).toBe('done');
  });

  it('is performed again when a deferral is over, under the same name', () => {
    let turn = 0;
    const story = new Story(planOf(document), {
      at,
      reply: () =>
        ((turn += 1) === 1
          ? {
              type: 'effect.deferred',
              until: Date.parse(at) + 3_600_000,
              because: { code: 'quiet' },
            }
          : { type: 'effect.settled', outcome: 'sent', output: {} }) as never,
    })
      .starts()
      .passesTo('2027-01-08T03:00:00Z');

    expect(story.effects.map((effect) => effect.effect)).toEqual(['m#1', 'm#1']);
    expect(new Date(story.state.endedAt ?? 0).toISOString()).toBe('2027-01-08T02:00:00.000Z');
  });

  it('that settles later leaves by timeout when nobody answers, and a late answer moves nobody', () => {
    const plan = planOf(
      journey({
        start: 'a',
        steps: {
          a: { kind: 'action', uses: 'callback/ask' },
          yes: { kind: 'end', outcome: 'yes' },
          late: { kind: 'wait', for: [{ port: 'p', after: 'P1D' }] },
        },
        edges: [
          { from: 'a', port: 'yes', to: 'yes' },
          { from: 'a', port: 'no', to: 'yes' },
          { from: 'a', port: 'timeout', to: 'late' },
          { from: 'late', port: 'p', to: 'yes' },
        ],
      }),
    );
    const story = new Story(plan, {
      at,
      reply: () => ({ type: 'effect.accepted', reference: 'r1' }) as never,
    })
      .starts()
      .passesTo('2027-01-10T02:00:00Z');
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'a#1',
      outcome: 'yes',
      output: {},
    });

    expect(story.path()).toEqual(['a#1 timeout']);
    expect(story.because('settled-after-end')).toMatchObject({ effect: 'a#1', outcome: 'yes' });
    expect(story.state.tokens).toMatchObject([{ step: 'late' }]);
  });
});

describe('a wait', () => {
  const waits = (
    alternatives: object[],
    more: Partial<JourneyDocument> = {},
  ): ReturnType<typeof planOf> =>
    planOf(
      journey({
        start: 'w',
        steps: { w: { kind: 'wait', for: alternatives as never }, end },
        edges: alternatives.map((alternative) => ({
          from: 'w',
          port: (alternative as { port: string }).port,
          to: 'end',
        })),
        ...more,
      }),
    );

  it('ends by the first alternative that comes true', () => {
    const plan = waits([
      { port: 'late', after: 'P3D' },
      { port: 'early', after: 'P1D' },
    ]);

    expect(new Story(plan, { at }).starts().passesTo('2027-02-01T00:00:00Z').path()).toEqual([
      'w#1 early',
    ]);
  });

  it('lets the order of the list decide on the same instant (W2)', () => {
    const plan = waits([
      { port: 'one', after: 'P1D' },
      { port: 'two', after: 'PT24H' },
    ]);

    expect(new Story(plan, { at }).starts().passesTo('2027-02-01T00:00:00Z').path()).toEqual([
      'w#1 one',
    ]);
  });

  it('computes a moment in the order date, offset, time, in the subject’s zone', () => {
    const plan = waits([{ port: 'p', at: { cel: 'subject.due' }, offset: '-P5D', time: '09:00' }]);
    const story = new Story(plan, {
      at,
      subject: { key: 'p1', attributes: { due: '2027-03-31', timeZone: 'Asia/Taipei' } },
    }).starts();

    expect(story.passesTo('2027-04-01T00:00:00Z').leftAt('w#1')).toBe('2027-03-26T01:00:00.000Z');
  });

  it('goes on at once when the moment is past, and says so', () => {
    const plan = waits([{ port: 'p', at: { cel: 'subject.due' } }]);
    const story = new Story(plan, {
      at,
      subject: { key: 'p1', attributes: { due: '2026-01-01' } },
    }).starts();

    expect(story.because('left')).toMatchObject({ port: 'p', note: 'already past' });
  });

  it('arms a moment when the attribute it reads appears (W4)', () => {
    const plan = waits([
      { port: 'p', at: { cel: 'subject.due' } },
      { port: 'q', event: 'x' },
    ]);
    const story = new Story(plan, { at }).starts().passesTo('2027-01-09T00:00:00Z');
    story.changes({ due: '2027-01-12' }).passesTo('2027-02-01T00:00:00Z');

    expect(story.leftAt('w#1')).toBe('2027-01-12T00:00:00.000Z');
  });

  it('moves with the attribute only when it follows', () => {
    const moved = (follow: boolean): string | undefined => {
      const plan = waits([{ port: 'p', at: { cel: 'subject.due' }, follow }]);
      const story = new Story(plan, {
        at,
        subject: { key: 'p1', attributes: { due: '2027-01-20' } },
      }).starts();
      return story.changes({ due: '2027-01-25' }).passesTo('2027-03-01T00:00:00Z').leftAt('w#1');
    };

    expect(moved(false)).toBe('2027-01-20T00:00:00.000Z');
    expect(moved(true)).toBe('2027-01-25T00:00:00.000Z');
  });

  it('hears an event once, however often it is delivered (E4)', () => {
    const story = new Story(waits([{ port: 'p', event: 'x' }]), { at }).starts();
    story.hears('x', {}, 'same').hears('x', {}, 'same');

    expect(story.path()).toEqual(['w#1 p']);
  });

  it('is not released by an event whose condition reads an absent field, and the trail says so', () => {
    const story = new Story(waits([{ port: 'p', event: 'x', if: 'event.data.n > 1' }]), {
      at,
    }).starts();
    story.hears('x').hears('x', { n: 1 });
    expect(story.path()).toEqual([]);
    expect(story.trail.filter((entry) => entry.what === 'unheard')).toHaveLength(2);

    expect(story.hears('x', { n: 2 }).path()).toEqual(['w#1 p']);
  });

  it('lets what was due before an event come before it, however late the host is (E6)', () => {
    const story = new Story(
      waits([
        { port: 'event', event: 'x' },
        { port: 'time', after: 'PT1H' },
      ]),
      { at },
    ).starts();
    story.now = Date.parse(at) + 7_200_000;

    expect(story.hears('x').path()).toEqual(['w#1 time']);
  });

  it('does not count the event that brought somebody to a wait that counts from its entry', () => {
    const plan = planOf(
      journey({
        start: 'a',
        steps: {
          a: { kind: 'wait', for: [{ port: 'heard', event: 'x' }] },
          b: { kind: 'wait', for: [{ port: 'heard', event: 'x', since: 'entry' }] },
          end,
        },
        edges: [
          { from: 'a', port: 'heard', to: 'b' },
          { from: 'b', port: 'heard', to: 'end' },
        ],
      }),
    );
    const story = new Story(plan, { at }).starts().hears('x');
    expect(story.state.tokens[0]?.step).toBe('b');
    expect(story.hears('x').state.status).toBe('ended');
  });

  it('lets the order of the list decide between an event and a moment at the same instant', () => {
    const of = (first: 'event' | 'moment') => {
      const both = [
        { port: 'heard', event: 'x' },
        { port: 'due', after: 'P1D' },
      ] as const;
      return planOf(
        journey({
          start: 'w',
          steps: {
            w: { kind: 'wait', for: first === 'event' ? [...both] : [...both].reverse() },
            end,
          },
          edges: [
            { from: 'w', port: 'heard', to: 'end' },
            { from: 'w', port: 'due', to: 'end' },
          ],
        }),
      );
    };
    const answers = (['event', 'moment'] as const).map((first) => {
      const story = new Story(of(first), { at }).starts();
      story.now += 86_400_000;
      return story.hears('x').path();
    });

    expect(answers).toEqual([['w#1 heard'], ['w#1 due']]);
  });

  it('lets an event accepted before the moment win, though it is handled after it (E6)', () => {
    const story = new Story(
      waits([
        { port: 'event', event: 'x' },
        { port: 'time', after: 'PT1H' },
      ]),
      { at },
    ).starts();
    const acceptedAt = Date.parse(at) + 1_000;
    story.handles({
      type: 'event.received',
      at: Date.parse(at) + 7_200_000,
      id: 'e',
      event: { id: 'e', type: 'x', source: 's', acceptedAt, data: {} },
    });

    expect(story.path()).toEqual(['w#1 event']);
  });

  it('counts an event that came while the latest action was under way', () => {
    const plan = planOf(
      journey({
        start: 'm',
        steps: {
          m: mail,
          w: {
            kind: 'wait',
            for: [
              { port: 'p', event: 'clicked' },
              { port: 'q', after: 'P1D' },
            ],
          },
          end,
        },
        edges: [
          { from: 'm', port: 'sent', to: 'w' },
          { from: 'w', port: 'p', to: 'end' },
          { from: 'w', port: 'q', to: 'end' },
        ],
      }),
    );
    const story = new Story(plan, { at, reply: () => undefined }).starts().hears('clicked');
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'm#1',
      outcome: 'sent',
      output: {},
    });

    expect(story.path()).toEqual(['m#1 sent', 'w#1 p']);
    expect(story.output('w')).toMatchObject({ type: 'clicked' });
  });

  it('is released by one event at most once, on whatever visit (W3)', () => {
    const plan = planOf(
      journey({
        start: 'r',
        steps: {
          r: { kind: 'repeat', times: 3 },
          w: { kind: 'wait', for: [{ port: 'p', event: 'x', since: 'start' }] },
          end,
        },
        edges: [
          { from: 'r', port: 'again', to: 'w' },
          { from: 'w', port: 'p', to: 'r' },
          { from: 'r', port: 'done', to: 'end' },
        ],
      }),
    );
    const story = new Story(plan, { at }).starts().hears('x');

    expect(story.path()).toEqual(['r#1 again', 'w#1 p', 'r#2 again']);
  });

  it('leaves when the condition it watches comes true', () => {
    const story = new Story(waits([{ port: 'p', when: 'subject.status == "active"' }]), {
      at,
    }).starts();
    expect(story.changes({ status: 'new' }).path()).toEqual([]);

    expect(story.changes({ status: 'active' }).path()).toEqual(['w#1 p']);
  });

  it('spreads wake-ups by a stable offset below its length', () => {
    const plan = planOf(
      journey({
        start: 'w',
        steps: { w: { kind: 'wait', spread: 'PT15M', for: [{ port: 'p', after: 'P1D' }] }, end },
        edges: [{ from: 'w', port: 'p', to: 'end' }],
      }),
    );
    const wake = (key: string): number =>
      Date.parse(
        new Story(plan, { at, subject: { key } })
          .starts()
          .passesTo('2027-02-01T00:00:00Z')
          .leftAt('w#1') ?? '',
      );
    const offsets = ['a', 'b', 'c', 'd'].map(
      (key) => wake(key) - Date.parse('2027-01-09T01:00:00Z'),
    );

    expect(offsets.every((offset) => offset >= 0 && offset < 900_000)).toBe(true);
    expect(new Set(offsets).size).toBe(4);
    expect(wake('a')).toBe(wake('a'));
  });
});

describe('branch, repeat and set', () => {
  it('takes the first case that is true and keeps the values that decided', () => {
    const plan = planOf(
      journey({
        start: 'b',
        steps: {
          b: {
            kind: 'branch',
            cases: [
              { port: 'a', if: 'subject.age > 65' },
              { port: 'c', if: 'subject.age > 18' },
            ],
          },
          end,
        },
        edges: ['a', 'c', 'else'].map((port) => ({ from: 'b', port, to: 'end' })),
      }),
    );
    const story = new Story(plan, { at, subject: { key: 'p', attributes: { age: 40 } } }).starts();

    expect(story.because('left')).toMatchObject({ port: 'c', values: { 'subject.age': 40 } });
  });

  it('makes an incident of an expression that fails, with the place of the fault, and reads it again on retry', () => {
    const plan = planOf(
      journey({
        start: 'b',
        steps: { b: { kind: 'branch', cases: [{ port: 'a', if: 'subject.age > 65' }] }, end },
        edges: ['a', 'else'].map((port) => ({ from: 'b', port, to: 'end' })),
      }),
    );
    const story = new Story(plan, { at }).starts();
    expect(story.because('incident')).toMatchObject({
      code: 'expression-failed',
      detail: "'subject.age > 65' failed at character 9: No such key: age",
    });

    story.changes({ age: 70 }).commands({ type: 'retry' });

    expect(story.path()).toEqual(['b#1 a']);
  });

  it('counts rounds, and begins anew when it is entered after it was done', () => {
    const plan = planOf(
      journey({
        start: 'r',
        vars: { n: { type: 'integer', default: 0 } },
        steps: {
          r: { kind: 'repeat', times: 2, until: 'vars.n >= 5' },
          s: { kind: 'set', vars: { n: 'vars.n + 1' } },
          end,
        },
        edges: [
          { from: 'r', port: 'again', to: 's' },
          { from: 's', port: 'next', to: 'r' },
          { from: 'r', port: 'done', to: 'end' },
        ],
      }),
    );
    const story = new Story(plan, { at }).starts();

    expect(story.path()).toEqual(['r#1 again', 's#1 next', 'r#2 again', 's#2 next', 'r#3 done']);
    expect(story.state).toMatchObject({ vars: { n: 2 }, rounds: {}, outcome: 'done' });
  });

  it('sets all variables from the values before the step', () => {
    const plan = planOf(
      journey({
        start: 's',
        vars: { a: { type: 'integer', default: 1 }, b: { type: 'integer', default: 2 } },
        steps: { s: { kind: 'set', vars: { a: 'vars.b', b: 'vars.a' } }, end },
        edges: [{ from: 's', port: 'next', to: 'end' }],
      }),
    );

    expect(new Story(plan, { at }).starts().state.vars).toEqual({ a: 2, b: 1 });
  });
});

describe('exits, goals and commands', () => {
  const long = journey({
    start: 'w',
    exits: [
      { id: 'withdrawn', event: 'consent.withdrawn', outcome: 'withdrawn' },
      { id: 'gone', when: 'subject.status == "deceased"', outcome: 'deceased' },
    ],
    goals: [{ id: 'bought', event: 'bought', ends: true }],
    steps: { w: { kind: 'wait', for: [{ port: 'p', after: 'P1Y' }] }, end },
    edges: [{ from: 'w', port: 'p', to: 'end' }],
  });

  it('ends a run by an exit from the middle of a long wait, held or not', () => {
    const story = new Story(planOf(long), { at })
      .starts()
      .commands({ type: 'hold' })
      .hears('consent.withdrawn');

    expect(story.state).toMatchObject({ status: 'ended', outcome: 'withdrawn', tokens: [] });
  });

  it('reads exit conditions before the first step is entered', () => {
    const story = new Story(planOf(long), {
      at,
      subject: { key: 'p', attributes: { status: 'deceased' } },
    }).starts();

    expect(story.state.outcome).toBe('deceased');
    expect(story.trail.some((entry) => entry.what === 'entered')).toBe(false);
  });

  it('cancels the effect that an exit leaves behind, and notes what comes of it', () => {
    const plan = planOf(
      journey({
        ...long,
        start: 'm',
        steps: { ...long.steps, m: mail },
        edges: [...long.edges, { from: 'm', port: 'sent', to: 'w' }],
      }),
    );
    const story = new Story(plan, { at, reply: () => undefined })
      .starts()
      .hears('consent.withdrawn');
    expect(story.effects.at(-1)).toMatchObject({ type: 'cancel', effect: 'm#1' });

    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'm#1',
      outcome: 'sent',
      output: {},
    });

    expect(story.trail.at(-1)).toMatchObject({
      what: 'settled-after-end',
      because: { effect: 'm#1' },
    });
    expect(story.state.outcome).toBe('withdrawn');
  });

  it('ends with the goal that ends it', () => {
    expect(new Story(planOf(long), { at }).starts().hears('bought').state.outcome).toBe(
      'goal:bought',
    );
  });

  it('keeps a held run where it is, and lets go what came true meanwhile when it is resumed', () => {
    const plan = planOf(
      journey({
        start: 'w',
        steps: { w: { kind: 'wait', for: [{ port: 'p', after: 'P1D' }] }, end },
        edges: [{ from: 'w', port: 'p', to: 'end' }],
      }),
    );
    const story = new Story(plan, { at }).starts().commands({ type: 'hold' });
    story.now = Date.parse('2027-01-20T00:00:00Z');
    story.handles({ type: 'timer.fired', at: story.now });
    expect(story.path()).toEqual([]);

    story.commands({ type: 'resume' });

    expect(story.path()).toEqual(['w#1 p']);
    expect(story.state.status).toBe('ended');
  });

  it('notes a command that does not apply as refused', () => {
    const story = new Story(planOf(long), { at }).starts().commands({ type: 'retry' });

    expect(story.because('refused')).toMatchObject({
      type: 'retry',
      detail: 'no incident stands there',
    });
  });

  it('looks at exits and goals when a variable changed, before anything more is asked for', () => {
    const plan = planOf(
      journey({
        start: 's',
        vars: { n: { type: 'integer' } },
        exits: [{ id: 'enough', when: 'vars.n >= 1', outcome: 'enough' }],
        goals: [{ id: 'one', when: 'vars.n >= 1' }],
        steps: { s: { kind: 'set', vars: { n: 'vars.n + 1' } }, m: mail, end },
        edges: [
          { from: 's', port: 'next', to: 'm' },
          { from: 'm', port: 'sent', to: 'end' },
        ],
      }),
    );
    const story = new Story(plan, { at }).starts();

    expect(story.state.outcome).toBe('enough');
    expect(story.effects).toEqual([]);
  });

  it('looks at exits when an effect brings changed attributes', () => {
    const plan = planOf(
      journey({
        ...long,
        start: 'm',
        steps: { ...long.steps, m: mail },
        edges: [...long.edges, { from: 'm', port: 'sent', to: 'w' }],
      }),
    );
    const story = new Story(plan, { at, reply: () => undefined }).starts();
    story.handles({
      type: 'effect.settled',
      at: story.now,
      effect: 'm#1',
      outcome: 'sent',
      output: {},
      subject: { status: 'deceased' },
    });

    expect(story.state.outcome).toBe('deceased');
    expect(story.trail.at(-1)?.what).toBe('settled-after-end');
  });

  it('keeps the reason of what came true or failed while the run was held', () => {
    const plan = planOf(
      journey({
        start: 'm',
        steps: { m: mail, end },
        edges: [{ from: 'm', port: 'sent', to: 'end' }],
      }),
    );
    const story = new Story(plan, { at, reply: () => undefined })
      .starts()
      .commands({ type: 'hold' });
    story.handles({
      type: 'effect.failed',
      at: story.now,
      effect: 'm#1',
      code: 'smtp-451',
      kind: 'retryable',
      detail: 'try later',
      attempts: 5,
    });
    story.commands({ type: 'resume' });

    expect(story.because('incident')).toMatchObject({ code: 'smtp-451', detail: 'try later' });
  });
});

describe('a variable', () => {
  const grows = (text: string, type: 'string' | 'integer' = 'string') =>
    planOf(
      journey({
        start: 'r',
        vars: {
          a: { type, ...(type === 'string' ? { default: 'ab' } : {}) },
          any: { type: 'object', default: { x: 'text' } },
        },
        steps: { r: { kind: 'repeat', times: 40 }, s: { kind: 'set', vars: { a: text } }, end },
        edges: [
          { from: 'r', port: 'again', to: 's' },
          { from: 's', port: 'next', to: 'r' },
          { from: 'r', port: 'done', to: 'end' },
        ],
      }),
    );

  it('that grows without end stops as an incident, long before the run is too large to store', () => {
    const story = new Story(grows('vars.a + vars.a'), { at }).starts();

    expect(story.because('incident')).toMatchObject({ code: 'expression-failed' });
    expect(JSON.stringify(story.state).length).toBeLessThan(300_000);
  });

  it('is never given a value of another type', () => {
    const story = new Story(grows('vars.any.x', 'integer'), { at }).starts();

    expect(story.because('incident')).toMatchObject({
      code: 'wrong-type',
      detail: `'vars.any.x' gives "text"; variable 'a' holds integer`,
    });
  });
});

describe('what a state goes through', () => {
  const deferred = {
    ...{ type: 'effect.deferred', until: Date.parse('2027-01-10T01:00:00Z') },
    because: { code: 'quiet-hours' },
  } as Reply;
  const inTime = journey({
    start: 'm',
    steps: { m: { ...mail, deadline: 'P5D' }, end, late: { kind: 'end', outcome: 'late' } },
    edges: [
      { from: 'm', port: 'sent', to: 'end' },
      { from: 'm', port: 'timeout', to: 'late' },
    ],
  });

  it('asks for nothing after its deadline, whether it was held or its host was late', () => {
    const held = new Story(planOf(inTime), { at, reply: () => deferred }).starts();
    held.commands({ type: 'hold' });
    held.now = Date.parse('2027-01-17T01:00:00Z');
    held.changes({ anything: 1 });
    expect(held.effects).toHaveLength(1);
    held.commands({ type: 'resume' });
    expect([held.effects.length, held.state.outcome]).toEqual([1, 'late']);

    const late = new Story(planOf(inTime), { at, reply: () => deferred }).starts();
    late.now = Date.parse('2027-01-17T01:00:00Z');
    late.handles({ type: 'timer.fired', at: late.now });
    expect([late.effects.length, late.state.outcome]).toEqual([1, 'late']);
  });

  const twoWays = (w: Step, m: Step = mail) =>
    planOf(
      journey({
        start: 'both',
        steps: { both: { kind: 'parallel', branches: ['a', 'b'] }, w, m, end },
        edges: [
          { from: 'both', port: 'a', to: 'w' },
          { from: 'both', port: 'b', to: 'm' },
          { from: 'w', port: 'ok', to: 'end' },
          { from: 'w', port: 'late', to: 'end' },
          { from: 'm', port: 'sent', to: 'end' },
        ],
      }),
    );
  const whenReady: Step = {
    kind: 'wait',
    for: [
      { port: 'ok', when: 'subject.ready == true' },
      { port: 'late', after: 'P30D' },
    ],
  };

  it('looks at the waits of other ways when an answer brings attributes', () => {
    const story = new Story(twoWays(whenReady), { at, reply: () => undefined }).starts();
    story.handles({
      ...{ type: 'effect.settled', at: story.now, effect: 'm#1', outcome: 'sent', output: {} },
      subject: { ready: true },
    });

    expect(story.path()).toContain('w#1 ok');
  });

  it('keeps newer attributes when an answer brings older ones', () => {
    const plan = twoWays({
      kind: 'wait',
      for: [
        { port: 'late', after: 'P30D' },
        { port: 'ok', when: 'subject.ready == false' },
      ],
    });
    const story = new Story(plan, { at, reply: () => undefined }).starts();
    const attributes = { ready: true };
    story.handles({ type: 'subject.changed', at: story.now, id: 'c5', attributes, revision: 5 });
    story.handles({
      ...{ type: 'effect.settled', at: story.now, effect: 'm#1', outcome: 'sent', output: {} },
      ...{ subject: { ready: false }, subjectRevision: 4 },
    });

    expect(story.state.subject.attributes).toEqual(attributes);
    expect(story.path()).not.toContain('w#1 ok');
  });

  it('loses no event to an alternative that did not take it', () => {
    const plan = planOf(
      journey({
        start: 'm',
        steps: {
          m: mail,
          pause: { kind: 'wait', for: [{ port: 'over', after: 'PT1H' }] },
          w: {
            kind: 'wait',
            for: [
              { port: 'x', event: 'x' },
              { port: 'y', event: 'y' },
            ],
          },
          end,
        },
        edges: [
          { from: 'm', port: 'sent', to: 'pause' },
          { from: 'pause', port: 'over', to: 'w' },
          { from: 'w', port: 'x', to: 'w' },
          { from: 'w', port: 'y', to: 'end' },
        ],
      }),
    );
    const story = new Story(plan, { at }).starts().hears('x').hears('y');
    story.passesTo('2027-01-08T03:00:00Z');

    expect(story.path()).toEqual(['m#1 sent', 'pause#1 over', 'w#1 x', 'w#2 y']);
  });

  it('stops what goes round at one instant by one event after the other', () => {
    const plan = planOf(
      journey({
        start: 'm',
        steps: { m: mail, w: { kind: 'wait', for: [{ port: 'x', event: 'x' }] } },
        exits: [{ id: 'out', event: 'out', outcome: 'out' }],
        edges: [
          { from: 'm', port: 'sent', to: 'w' },
          { from: 'w', port: 'x', to: 'm' },
        ],
      }),
    );
    const story = new Story(plan, { at }).starts();
    for (let turn = 0; turn < 500; turn += 1) story.hears('x');

    expect(story.because('incident')).toMatchObject({ code: 'loop-without-progress' });
    expect(story.effects.length).toBeLessThan(205);
    const slow = new Story(plan, { at }).starts();
    for (let turn = 0; turn < 300; turn += 1) {
      slow.now += 1;
      slow.hears('x');
    }
    expect(slow.because('incident')).toBeUndefined();
  });

  it('has steps of any name', () => {
    const plan = planOf(
      journey({
        start: 'constructor',
        steps: {
          constructor: { kind: 'repeat', times: 2 },
          w: { kind: 'wait', for: [{ port: 'over', after: 'P1D' }] },
          end,
        } as never,
        edges: [
          { from: 'constructor', port: 'again', to: 'w' },
          { from: 'w', port: 'over', to: 'constructor' },
          { from: 'constructor', port: 'done', to: 'end' },
        ],
      }),
    );
    const story = new Story(plan, { at }).starts().passesTo('2027-02-01T00:00:00Z');

    expect(story.path().map((left) => left.replace('constructor', 'c'))).toEqual(
      'c#1 again,w#1 over,c#2 again,w#2 over,c#3 done'.split(','),
    );
  });

  it('goes by the order of the list when a change comes at the instant of a wait', () => {
    const change = (list: Extract<Step, { kind: 'wait' }>['for']) => {
      const story = new Story(twoWays({ kind: 'wait', for: list }), { at }).starts();
      story.now = Date.parse('2027-01-09T01:00:00Z');
      return story.changes({ ready: true }).path();
    };
    const ready = { port: 'ok', when: 'subject.ready == true' } as const;
    const day = { port: 'late', after: 'P1D' } as const;

    expect(change([ready, day])).toContain('w#1 ok');
    expect(change([day, ready])).toContain('w#1 late');
  });

  it('moves a date that follows by what it reads, not by the zone', () => {
    const follows: Step = {
      kind: 'wait',
      for: [
        { port: 'ok', at: { cel: 'subject.day' }, time: '09:00', follow: true },
        { port: 'late', event: 'never' },
      ],
    };
    const attributes = { day: '2027-01-10', timeZone: 'Asia/Taipei' };
    const story = new Story(twoWays(follows), { at, subject: { key: 'p', attributes } }).starts();
    const due = () => story.state.tokens[0]?.doing;
    story.changes({ ...attributes, timeZone: 'America/New_York' });
    expect(due()).toMatchObject({ alternatives: [{ at: Date.parse('2027-01-10T01:00:00Z') }, {}] });

    story.changes({ day: '2027-01-12', timeZone: 'America/New_York' });
    expect(due()).toMatchObject({ alternatives: [{ at: Date.parse('2027-01-12T14:00:00Z') }, {}] });
  });

  it('asks for nothing that it takes back at once', () => {
    const stops = planOf(
      journey({
        start: 'both',
        steps: {
          both: { kind: 'parallel', branches: ['a', 'b'] },
          m: mail,
          end,
          stop: { kind: 'end', outcome: 'stopped', stop: 'run' },
        },
        edges: [
          { from: 'both', port: 'a', to: 'm' },
          { from: 'both', port: 'b', to: 'stop' },
          { from: 'm', port: 'sent', to: 'end' },
        ],
      }),
    );
    const story = new Story(stops, { at, reply: () => undefined }).starts();

    expect([story.state.outcome, story.effects, story.state.left]).toEqual(['stopped', [], []]);
  });

  it('notes what still comes of an effect that an operator has replaced', () => {
    const unknown = {
      ...{ type: 'effect.failed', code: 'lost', kind: 'unknown-outcome' },
      ...{ detail: 'nobody knows', attempts: 1 },
    } as Reply;
    const story = new Story(planOf(inTime), {
      at,
      reply: ({ effect }) => (effect === 'm#1' ? unknown : undefined),
    }).starts();
    story.commands({ type: 'retry', step: 'm', input: { to: 'b@x.example' } });

    story.handles({
      ...{ type: 'effect.settled', at: story.now, effect: 'm#1', outcome: 'sent', output: {} },
    });

    expect(story.because('settled-after-end')).toMatchObject({ effect: 'm#1', outcome: 'sent' });
    expect(story.state.tokens[0]?.doing.type).toBe('performing');
  });
});
