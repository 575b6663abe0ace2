import { compile, type JsonObject } from '@sojourn/engine';
import { Story } from '@sojourn/engine/testing';
import { describe, expect, it } from 'vitest';
import { environment, shippedJourney, shippedPlan } from '../support/shipped.ts';

const at = '2026-11-24T01:00:00Z';

const inThreeLanguages = [
  'tour',
  'refill-adherence',
  'virtual-representative',
  'doctor-alert',
  'patient-onboarding',
  'benefit-verification',
  'refills-at-home',
];

describe('the shipped journeys', () => {
  it.each(inThreeLanguages)('%s can be published as it is', (key) => {
    expect(compile(shippedJourney(key), environment).diagnostics).toEqual([]);
  });

  it.each(inThreeLanguages)('%s says everything in three languages', (key) => {
    const { steps, name, description } = shippedJourney(key);
    for (const text of [name, description, ...Object.values(steps).map((step) => step.name)]) {
      expect(Object.keys((text ?? {}) as object).sort()).toEqual(['en', 'zh-Hans', 'zh-Hant']);
    }
  });
});

describe('the tour', () => {
  const plan = shippedPlan('tour');

  it('thanks whoever clicks within a minute', () => {
    const story = new Story(plan, { at })
      .starts()
      .passesTo('2026-11-24T01:00:20Z')
      .hears('email.clicked')
      .passesTo('2026-11-24T02:00:00Z');

    expect(story.path()).toEqual([
      'welcome#1 sent',
      'look#1 clicked',
      'how#1 curious',
      'thanks#1 sent',
    ]);
    expect(story.state.outcome).toBe('completed');
  });

  it('goes on after a minute without a click', () => {
    const story = new Story(plan, { at }).starts().passesTo('2026-11-24T02:00:00Z');

    expect(story.path()).toEqual([
      'welcome#1 sent',
      'look#1 a-minute',
      'how#1 else',
      'nudge#1 sent',
    ]);
    expect(story.leftAt('look#1')).toBe('2026-11-24T01:01:00.000Z');
  });

  it('stops at once when the visitor unsubscribes', () => {
    expect(new Story(plan, { at }).starts().hears('email.unsubscribed').state.outcome).toBe(
      'unsubscribed',
    );
  });
});

describe('refill adherence', () => {
  const plan = shippedPlan('refill-adherence');
  const patient = (attributes: JsonObject = {}) => ({
    at,
    subject: {
      key: 'p1',
      attributes: { refillDueOn: '2026-12-20', timeZone: 'Asia/Taipei', ...attributes },
    },
    entry: { prescriptionId: 'rx1', daysSupply: 28 },
  });

  it('reminds five days before the refill is due, at nine in the morning where the patient lives', () => {
    const story = new Story(plan, patient()).starts().passesTo('2026-12-16T00:00:00Z');

    expect(story.leftAt('until-due#1')).toBe('2026-12-15T01:00:00.000Z');
    expect(story.path().slice(-4)).toEqual([
      'until-due#1 due',
      'how#1 else',
      'remind-fully#1 sent',
      'count#1 next',
    ]);
  });

  it('reminds in the way the patient prefers', () => {
    const story = new Story(plan, patient({ prefers: 'brief' }))
      .starts()
      .passesTo('2026-12-16T00:00:00Z');

    expect(story.path()).toContain('remind-briefly#1 sent');
    expect(story.state.vars).toEqual({ reminders: 1 });
  });

  it('reminds nobody who fills it in time, and counts the goal', () => {
    const story = new Story(plan, patient()).starts().passesTo('2026-12-10T02:00:00Z');
    story.hears('prescription.filled', { gapDays: -3 });

    expect(story.path()).toEqual([
      'welcome#1 sent',
      'rounds#1 again',
      'until-due#1 refilled',
      'rounds#2 again',
    ]);
    expect(story.state.goals).toMatchObject([{ id: 'refilled-on-time' }]);
  });

  it('ends after three rounds without an answer', () => {
    const story = new Story(plan, patient()).starts().passesTo('2027-03-01T00:00:00Z');

    expect(story.state).toMatchObject({
      status: 'ended',
      outcome: 'completed',
      vars: { reminders: 3 },
    });
  });

  it('leaves a patient in peace as soon as consent is withdrawn', () => {
    const story = new Story(plan, patient())
      .starts()
      .passesTo('2026-12-01T00:00:00Z')
      .hears('consent.withdrawn')
      .passesTo('2027-03-01T00:00:00Z');

    expect(story.state.outcome).toBe('withdrawn');
    expect(
      story.effects.filter((effect) => effect.type === 'perform').map((effect) => effect.effect),
    ).toEqual(['welcome#1']);
  });
});
