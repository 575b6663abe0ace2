import { compile, type JsonObject, type Plan, type RunEvent, type RunState } from '@sojourn/engine';
import { initialState, nextWakeAt, transition } from '@sojourn/engine';
import { simulate } from '@sojourn/engine/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calledPlans, environment, shippedJourney } from '../support/shipped.ts';

// Any JSON value as document or state: a diagnostic, a refusal or an incident, never a throw. Ten thousand mutations of each
// journey that we ship; those that still compile are walked.

const journeys = [
  'tour',
  'refill-adherence',
  'refill-programme',
  'insurance-loop',
  'virtual-representative',
  'doctor-alert',
  'patient-onboarding',
  'benefit-verification',
  'refills-at-home',
];

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

function replaced(value: unknown, [head, ...rest]: readonly string[], by: unknown): unknown {
  if (head === undefined) return by;
  if (Array.isArray(value))
    return value.map((item: unknown, index) =>
      String(index) === head ? replaced(item, rest, by) : item,
    );
  const object = value as Record<string, unknown>;
  return { ...object, [head]: replaced(object[head], rest, by) };
}

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', 'P0D', '-P1D', 'now', 'subject.x', '{{ x', 1e308, -1, {}, [], { cel: '1/0' }),
);

describe.each(journeys)('ten thousand mutations of %s', (key) => {
  const document = shippedJourney(key);
  const paths = pathsOf(document);

  it('are told what is wrong with them, or are walked', () => {
    let walked = 0;
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, by) => {
        const { plan, diagnostics } = compile(replaced(document, path, by), environment);
        expect(plan !== undefined || diagnostics.length > 0).toBe(true);
        if (!plan) return;
        walked += 1;
        if (walked % 10 === 0) walk(plan);
      }),
      { numRuns: 10_000 },
    );
    expect(walked).toBeGreaterThan(0);
  }, 300_000);
});

const entries: Record<string, JsonObject> = {
  'doctor-alert': { reason: 'late-refill', reference: 'r1' },
};

/** One person, a year long, with an event of each type that the plan listens to. */
function walk(plan: Plan): void {
  const events = plan.listens.map((type, index) => ({ at: `2027-0${(index % 8) + 2}-01`, type }));
  const { summary } = simulate(
    {
      start: '2027-01-01',
      until: '2028-01-01',
      people: [
        {
          subject: {
            key: 'p1',
            refillDueOn: '2027-02-01',
            physician: 'd1',
            sharesWithDoctor: true,
          },
          enters: '2027-01-02',
          entry: entries[plan.journey] ?? { prescriptionId: 'rx', daysSupply: 28 },
          events,
        },
      ],
    },
    { plan, plans: calledPlans },
  );
  expect(summary.people).toBe(1);
}

describe('states and events of any form', () => {
  const { plan } = compile(shippedJourney('refill-programme'), environment);
  if (!plan) throw new Error('no plan');
  const subject = { type: 'patient', key: 'p1', attributes: {} };
  const at = Date.parse('2027-01-02T00:00:00Z');
  const first = initialState(plan, {
    ...{ runId: 'r', key: 'p1', subject, at },
    entry: { daysSupply: 28 },
  });
  const started = transition(plan, first, { type: 'run.started', at }).state;
  const waiting = transition(plan, started, {
    type: 'effect.settled',
    at,
    effect: 'welcome#1',
    outcome: 'sent',
    output: {},
  }).state;

  it('never throw where an event carries any values', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.string(), (data, type) => {
        const event = {
          type: 'event.received',
          at,
          id: type,
          event: { id: type, type: 'prescription.filled', source: type, acceptedAt: at, data },
        } as unknown as RunEvent;
        const next = transition(plan, waiting, event);
        expect(next.state.revision).toBeGreaterThanOrEqual(waiting.revision);
      }),
      { numRuns: 10_000 },
    );
  });

  it('go on from a state whose values are any JSON', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('vars', 'entry', 'passages', 'visits', 'rounds'),
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })),
        (part, values) => {
          const state = { ...waiting, [part]: values } as RunState;
          const wake = nextWakeAt(state) ?? at;
          expect(
            transition(plan, state, { type: 'timer.fired', at: wake }).trail.length,
          ).toBeGreaterThan(0);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
