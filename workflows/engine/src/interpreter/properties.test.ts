import type { JourneyDocument } from '@sojourn/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventOf, happenings, soundJourney } from '../test-support/arbitraries.ts';
import { planOf } from '../test-support/journeys.ts';
import type { Plan } from '../plan.ts';
import type { Effect, RunEvent, RunState, Transition } from '../run.ts';
import { nextWakeAt, outstandingEffects } from '../views.ts';
import { initialState } from './start.ts';
import { transition } from './transition.ts';

const begin = Date.parse('2027-01-08T01:00:00Z');
const runs = { numRuns: 300 };

function started(plan: Plan): Transition {
  const state = initialState(plan, {
    runId: 'r',
    key: 'p',
    subject: { type: 'patient', key: 'p', attributes: {} },
    entry: {},
    at: begin,
  });
  return transition(plan, state, { type: 'run.started', at: begin });
}

interface Told {
  plan: Plan;
  state: RunState;
  steps: { before: RunState; event: RunEvent; after: Transition }[];
  effects: Effect[];
}

function tell(
  document: JourneyDocument,
  story: { what: number; which: number; hours: number }[],
): Told {
  const plan = planOf(document);
  const first = started(plan);
  const told: Told = { plan, state: first.state, steps: [], effects: [...first.effects] };
  story.forEach((happening, count) => {
    const event = eventOf(happening, told.state, count);
    const after = transition(plan, told.state, event);
    told.steps.push({ before: told.state, event, after });
    told.effects.push(...after.effects);
    told.state = after.state;
  });
  return told;
}

const stories = [soundJourney, happenings] as const;

describe('transition, on random journeys and random orders of events', () => {
  it('gives the same answer for the same arguments, and changes none of them (E1)', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        for (const { before, event, after } of tell(document, story).steps) {
          const copy = structuredClone(before);
          expect(transition(planOf(document), before, event)).toEqual(after);
          expect(before).toEqual(copy);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('goes on the same from a state that went through JSON (E2)', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        for (const { before, event, after } of tell(document, story).steps) {
          const revived = JSON.parse(JSON.stringify(before)) as RunState;
          expect(transition(planOf(document), revived, event)).toEqual(after);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('changes nothing for an event that names no outstanding effect (E3)', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        const { plan, state } = tell(document, story);
        fc.pre((nextWakeAt(state) ?? Infinity) > state.at); // what is due goes, whatever comes (E6)
        const stray: RunEvent = {
          type: 'effect.settled',
          at: state.at,
          effect: 'nobody#7',
          outcome: 'sent',
          output: {},
        };
        expect(transition(plan, state, stray).state).toBe(state);
      }),
      runs,
    );
  });

  it('changes nothing for a message that was handled (E4)', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        for (const { event, after } of tell(document, story).steps) {
          if (!('id' in event) || !after.state.seen.includes(event.id ?? '')) continue;
          expect(transition(planOf(document), after.state, event).state).toBe(after.state);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('asks for each effect once, but for a retry or the end of a deferral (E5)', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        const { effects, steps } = tell(
          document,
          story.filter(({ what }) => what !== 4 && what !== 12),
        );
        const names = effects
          .filter((effect) => effect.type === 'perform')
          .map((effect) => effect.effect);
        expect(steps.length).toBeLessThanOrEqual(story.length);
        expect(new Set(names).size).toBe(names.length);
      }),
      runs,
    );
  });

  it('numbers the trail without holes and the revisions one by one (E7)', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        let seq = started(planOf(document)).state.nextSeq;
        for (const { before, after } of tell(document, story).steps) {
          for (const entry of after.trail) expect(entry.seq).toBe(seq++);
          expect(after.state.revision - before.revision).toBe(after.state === before ? 0 : 1);
          expect(after.state.at).toBeGreaterThanOrEqual(before.at);
        }
      }),
      runs,
    );
  });

  it('always has a reason to go on: an effect, an instant, an event, or a person', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        const { state } = tell(document, story);
        if (state.status === 'ended') expect(state.tokens).toEqual([]);
        else expect(state.tokens.length).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  it('brings every run that can end to its end', () => {
    fc.assert(
      fc.property(...stories, (document, story) => {
        const told = tell(document, story);
        expect(broughtHome(told.plan, told.state).status).toBe('ended');
      }),
      runs,
    );
  });
});

/** Resumes, answers every effect, retries every incident and lets time pass, until the run ends or 3,000 turns are over. */
function broughtHome(plan: Plan, from: RunState): RunState {
  let state = from;
  for (let turn = 0; turn < 3_000 && state.status !== 'ended'; turn += 1) {
    const at = state.at;
    const id = `home-${turn}`;
    const accepted = state.tokens.find((token) => token.doing.type === 'accepted');
    const effect =
      outstandingEffects(state)[0] ??
      (accepted && { effect: `${accepted.step}#${accepted.visit}`, step: accepted.step });
    const wake = nextWakeAt(state);
    if (state.status === 'held')
      state = transition(plan, state, {
        type: 'command.given',
        at,
        id,
        command: { type: 'resume', by: 'o', reason: 'r' },
      }).state;
    else if (effect) {
      const step = plan.steps[effect.step];
      const outcome = step?.kind === 'action' ? (step.outcomes[0] ?? '') : '';
      state = transition(plan, state, {
        type: 'effect.settled',
        at,
        effect: effect.effect,
        outcome,
        output: {},
      }).state;
    } else if (wake !== undefined) {
      const later = Math.max(at, wake);
      const next = transition(plan, state, { type: 'timer.fired', at: later }).state;
      expect(next).not.toBe(state); // a timer that changes nothing would be set again for ever
      state = next;
    } else {
      state = transition(plan, state, {
        type: 'command.given',
        at,
        id,
        command: { type: 'retry', by: 'o', reason: 'r' },
      }).state;
    }
  }
  return state;
}
