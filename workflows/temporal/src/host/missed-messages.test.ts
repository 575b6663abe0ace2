import { compile, initialState, transition, type RunEvent, type RunState } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { missedMessages } from './missed-messages.ts';

const document: JourneyDocument = {
  ...{ format: 1, key: 'k', name: 'K', subject: 'patient', entry: [{ on: 'manual' }], start: 'w' },
  steps: {
    w: { kind: 'wait', for: [{ port: 'heard', event: 'x', if: 'subject.level > 100' }] },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [{ from: 'w', port: 'heard', to: 'done' }],
};
const compiled = compile(document, { manifests: [], timeZone: 'UTC', now: 0 });
if (!compiled.plan) throw new Error(JSON.stringify(compiled.diagnostics));
const { plan } = compiled;

const started: RunEvent = { type: 'run.started', at: 1, id: 'start' };
const x = (at: number): RunEvent => ({
  ...{ type: 'event.received', at, id: `x${at}` },
  event: { id: `x${at}`, type: 'x', source: 'test', acceptedAt: at, data: {} },
});
const level = (at: number, value: number): RunEvent => ({
  ...{ type: 'subject.changed', at, id: `subject-${at}`, attributes: { level: value } },
});
const end = (at: number): RunEvent => ({
  ...{ type: 'command.given', at, id: `end-${at}` },
  command: { type: 'end', by: 'test', reason: 'test' },
});

/** Where a run stands that has handled these. */
function after(...events: RunEvent[]): RunState {
  const first = initialState(plan, {
    ...{ runId: 'run', key: 'p', entry: {}, at: 0 },
    subject: { type: 'patient', key: 'p', attributes: { level: 1 } },
  });
  return events.reduce((state, event) => transition(plan, state, event).state, first);
}
const missed = (state: RunState, inbox: RunEvent[]): RunEvent[] =>
  missedMessages(
    plan,
    state,
    inbox.map((message) => ({ message })),
  ).map(({ message }) => message);

describe('the messages that a checkpoint has not seen', () => {
  it('are those that were not handled', () => {
    expect(missed(after(), [started])).toEqual([started]);
    expect(missed(after(started, x(2)), [started, x(2), x(3)])).toEqual([x(3)]);
  });

  it('are none when the run has ended', () => {
    expect(missed({ ...after(started), status: 'ended' }, [x(2)])).toEqual([]);
  });

  it('do not come back because more were handled than are remembered (M1)', () => {
    const many = Array.from({ length: 1_200 }, (_, index) => x(index + 2));
    const state = after(started, ...many);

    expect(state.seen).toHaveLength(1_000);
    expect(missed(state, [started, ...many, x(2_000)])).toEqual([x(2_000)]);
  });

  it('are tried one after the other, and what changes nothing is left out (M2)', () => {
    const answer: RunEvent = {
      ...{ type: 'effect.settled', at: 5, effect: 'call#1', outcome: 'completed', output: null },
    };

    expect(missed(after(started), [answer])).toEqual([]); // nobody waits for it
    expect(missed(after(started), [end(5), x(6)])).toEqual([end(5)]);
  });

  it('hold of a subject its latest change alone (M3)', () => {
    expect(missed(after(started), [level(2, 5), level(3, 1)])).toEqual([]);
    expect(missed(after(started), [level(2, 5), level(3, 6)])).toEqual([level(3, 6)]);
  });
});
