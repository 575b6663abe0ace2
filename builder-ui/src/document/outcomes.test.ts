import type { ActionManifest, ActionStep, JourneyDocument } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { replaceStep } from './edits.ts';
import { withOutcomes } from './outcomes.ts';

const assign: ActionManifest = {
  title: 'Assign a task',
  schemaVersion: 1,
  config: {},
  output: {},
  outcomes: { from: '/outcomes', key: 'port', also: ['overdue'] },
  settles: 'later',
};

function aTask(...ports: string[]): ActionStep {
  return {
    kind: 'action',
    uses: 'task/assign',
    with: { title: 'Call', outcomes: ports.map((port) => ({ port })) },
  };
}

/** The edges of a task after its config was changed. */
function edgesAfter(step: ActionStep, outcomes: unknown[]): string[] {
  const document = {
    start: 'task',
    steps: { task: step, done: { kind: 'end', outcome: 'completed' } },
    edges: [
      { from: 'task', port: 'yes', to: 'done' },
      { from: 'task', port: 'no', to: 'done' },
    ],
  } as unknown as JourneyDocument;
  const { step: next, ports } = withOutcomes(step, assign, { ...step.with, outcomes });
  return replaceStep(document, 'task', next, ports).edges.map(({ port }) => port);
}

describe('outcomes that the config names', () => {
  it('take their edges along when they are renamed', () => {
    expect(edgesAfter(aTask('yes', 'no'), [{ port: 'agreed' }, { port: 'no' }])).toEqual([
      'agreed',
      'no',
    ]);
  });

  it('take their edges away when they are removed', () => {
    expect(edgesAfter(aTask('yes', 'no'), [{ port: 'no' }])).toEqual(['no']);
  });

  it('keep their edges when they are put in another order', () => {
    expect(edgesAfter(aTask('yes', 'no'), [{ port: 'no' }, { port: 'yes' }])).toEqual([
      'yes',
      'no',
    ]);
  });

  it('keep both edges while two have the same name', () => {
    expect(edgesAfter(aTask('yes', 'no'), [{ port: 'no' }, { port: 'no' }])).toEqual(['yes', 'no']);
  });

  it('have a name as soon as they are added, and one that is free', () => {
    const { step, ports } = withOutcomes(aTask('outcome'), assign, {
      outcomes: [{ port: 'outcome' }, {}],
    });

    expect(step.with).toEqual({ outcomes: [{ port: 'outcome' }, { port: 'outcome-2' }] });
    expect(ports).toEqual({});
  });

  it('stay when another field is written, or when the manifest lists them', () => {
    const written = withOutcomes(aTask('yes'), assign, { ...aTask('yes').with, title: 'Visit' });
    const listed = withOutcomes(aTask('yes'), { ...assign, outcomes: ['sent'] }, {});

    expect([written.ports, listed.ports]).toEqual([undefined, undefined]);
    expect(listed.step.with).toEqual({});
  });
});
