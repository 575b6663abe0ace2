import { calendars, type Alternative } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { Story } from '../test-support/harness.ts';
import { environment, journey, planOf } from '../test-support/journeys.ts';

const office = { days: ['MO', 'TU', 'WE', 'TH', 'FR'], from: '09:00', to: '17:00' } as const;

function waiting(alternative: object, more: object = {}) {
  return journey({
    start: 'w',
    steps: {
      w: { kind: 'wait', for: [{ port: 'p', ...alternative } as Alternative], ...more },
      end: { kind: 'end', outcome: 'done' },
    },
    edges: [{ from: 'w', port: 'p', to: 'end' }],
  });
}

function walked(document: ReturnType<typeof waiting>, at: string, timeZone = 'Asia/Taipei') {
  const subject = { key: 'p1', attributes: { timeZone } };
  return new Story(planOf(document), { at, subject }).starts();
}

describe('a wait for a window', () => {
  it('goes on at once when it is inside, and says so', () => {
    const story = walked(waiting({ window: office }), '2026-11-24T02:30:00Z');

    expect(story.state.status).toBe('ended');
    expect(story.because('left')).toMatchObject({ window: office, note: 'inside already' });
  });

  it('waits for the opening as an instant that was computed on entry', () => {
    const story = walked(waiting({ window: office }), '2026-11-27T10:00:00Z');
    expect(story.because('waits')).toEqual({
      for: [{ port: 'p', until: '2026-11-30T01:00:00.000Z' }],
    });

    story.changes({ timeZone: 'America/New_York' }).passesTo('2026-12-01T00:00:00Z');

    expect(story.leftAt('w#1')).toBe('2026-11-30T01:00:00.000Z');
  });

  it('spreads people from the opening on, never past the end', () => {
    const window = { from: '09:00', to: '09:10' };
    const instants = Array.from({ length: 50 }, (_, index) => {
      const story = new Story(planOf(waiting({ window }, { spread: 'PT8H' })), {
        at: '2026-11-24T10:00:00Z',
        subject: { key: `p${index}` },
      });
      return story.starts().passesTo('2026-11-26T00:00:00Z').leftAt('w#1') ?? '';
    });

    expect(new Set(instants).size).toBe(50);
    for (const instant of instants) expect(instant).toMatch(/^2026-11-25T09:0\d:/);
  });

  it('keeps the calendar in the plan, and no other', () => {
    const plan = planOf(waiting({ window: { ...office, calendar: 'tw' } }));
    const tw = calendars.find(({ id }) => id === 'tw');

    expect(plan.calendars).toEqual({
      tw: { years: tw?.years, holidays: tw?.holidays, workdays: tw?.workdays },
    });
    expect(planOf(waiting({ window: office }))).not.toHaveProperty('calendars');
  });

  it('makes one group of incidents where the calendar does not know the year', () => {
    const document = waiting({ window: { ...office, calendar: 'cn' } });
    const one = walked(document, '2026-12-31T10:00:00Z', 'Asia/Shanghai');
    const other = walked(document, '2027-03-01T01:30:00Z', 'Asia/Shanghai');

    expect(one.because('incident')).toMatchObject({ code: 'calendar-unknown-year' });
    expect(one.because('incident')?.['detail']).toContain('2027');
    expect(other.because('incident')?.['fingerprint']).toBe(
      one.because('incident')?.['fingerprint'],
    );

    one.commands({ type: 'skip', step: 'w', port: 'p' });
    expect(one.state.status).toBe('ended');
  });
});

describe("a subject's zone that does not exist", () => {
  it.each([
    ['a wait of days', { after: 'P1D' }],
    ['a date', { at: '2026-12-01', time: '09:00' }],
    ['days from an instant', { at: '2026-12-01T00:00:00Z', offset: 'P1D' }],
    ['a window', { window: office }],
  ])('makes an incident of %s, until it is mended (W5)', (_, alternative) => {
    const story = walked(waiting(alternative), '2026-11-24T00:00:00Z', 'Mars/Base');
    expect(story.because('incident')).toMatchObject({ code: 'unknown-zone' });
    expect(story.because('incident')?.['detail']).toContain("'Mars/Base'");
    expect(story.state.status).toBe('active');

    story.changes({ timeZone: 'Asia/Taipei' }).commands({ type: 'retry', step: 'w' });
    story.passesTo('2026-12-31T00:00:00Z');

    expect(story.state.status).toBe('ended');
  });

  it.each([
    ['hours', { after: 'PT1H' }],
    ['an instant', { at: '2026-12-01T00:00:00Z' }],
    ['hours from an instant', { at: '2026-12-01T00:00:00Z', offset: '-PT1H' }],
    ['an event', { event: 'x' }],
  ])('does not matter to %s', (_, alternative) => {
    const story = walked(waiting(alternative), '2026-11-24T00:00:00Z', 'Mars/Base');

    expect(story.because('incident')).toBeUndefined();
  });

  it('is no zone at all when it is empty: the next one counts', () => {
    const story = walked(waiting({ after: 'P1D' }), '2026-11-24T00:00:00Z', '');

    expect(story.because('incident')).toBeUndefined();
  });
});

describe('compiling a window', () => {
  const findings = (window: object, parts: object = {}) =>
    compile(waiting({ window }), { ...environment, ...parts }).diagnostics.filter(({ code }) =>
      /schema|time/.test(code),
    );

  it.each([{ from: '09:00', to: '09:00' }, { to: '00:00' }])(
    'refuses one that never opens: %j',
    (window) => {
      expect(findings(window)).toMatchObject([
        { code: 'time/empty-window', pointer: '/steps/w/for/0/window', stepId: 'w' },
      ]);
    },
  );

  it.each([{}, { to: '24:00' }, { from: '00:00' }, { from: '22:00', to: '06:00' }])(
    'accepts %j',
    (window) => {
      expect(findings(window)).toEqual([]);
    },
  );

  it('names the nearest calendar, and mends it', () => {
    const [finding, ...more] = findings({ calendar: 'tww' });

    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: 'schema/invalid',
      pointer: '/steps/w/for/0/window/calendar',
      fix: { patch: [{ op: 'replace', value: 'tw' }] },
    });
    expect(finding?.message).toContain('cn, hk, tw, us');
  });

  it('knows no calendar where none is given', () => {
    expect(findings({ calendar: 'tw' }, { calendars: [] })).toMatchObject([
      { code: 'schema/invalid' },
    ]);
  });

  it('is quick for 2,000 waits', () => {
    const steps = Object.fromEntries(
      Array.from({ length: 1_999 }, (_, index) => [
        `w${index}`,
        {
          kind: 'wait',
          for: [
            { port: 'p', window: { ...office, calendar: 'tw' } },
            { port: 'q', at: '2030-01-01', time: '09:00' },
          ],
        } as const,
      ]),
    );
    const edges = Object.keys(steps).flatMap((from, index) => {
      const to = index === 1_998 ? 'end' : `w${index + 1}`;
      return [
        { from, port: 'p', to },
        { from, port: 'q', to },
      ];
    });
    const began = performance.now();
    const { plan } = compile(
      journey({
        start: 'w0',
        steps: { ...steps, end: { kind: 'end', outcome: 'done' } },
        edges,
      }),
      environment,
    );

    expect(plan?.calendars).toHaveProperty('tw');
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
