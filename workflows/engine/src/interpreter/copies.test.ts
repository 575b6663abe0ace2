import { expect, it } from 'vitest';
import type { RecentEvent, RunState, Token } from '../run.ts';
import { copyOfRecent, copyOfState, copyOfToken } from './copies.ts';

// `Required`: a field that is new in the type must be added here, and is then missed in the copy.

it('copies every field of a state', () => {
  const state: Required<RunState> = {
    ...{ format: 1, runId: 'r', key: 'k', status: 'ended', frozen: true, frozenWordAt: 1 },
    ...{ caller: { runId: 'q', effect: 'e' }, outcome: 'done', startedAt: 2, endedAt: 3, at: 4 },
    ...{ subject: { type: 'patient', key: 'p', attributes: {} }, entry: {}, vars: { n: 1 } },
    ...{ visits: { a: 1 }, visitsNow: { at: 5, of: {} }, passages: {}, rounds: { b: 2 } },
    ...{ tokens: [], goals: [], recent: [], seen: ['s'], revision: 6, left: ['l'], nextSeq: 7 },
  };
  expect(copyOfState(state)).toStrictEqual(state);
  const { frozen, frozenWordAt, caller, outcome, endedAt, visitsNow, ...bare } = state;
  expect(copyOfState(bare)).toStrictEqual(bare);
  expect([frozen, frozenWordAt, caller, outcome, endedAt, visitsNow]).not.toContain(undefined);
});

it('copies every field of a token', () => {
  const token: Required<Token> = {
    ...{ step: 's', visit: 1, since: 2, actionAt: 3, deadlineAt: 4 },
    ...{ ways: [{ of: 'p', visit: 1, branch: 'b' }], edited: { times: 1, input: {} } },
    doing: { type: 'joining', need: 2, arrived: [] } as unknown as Token['doing'],
  };
  expect(copyOfToken(token)).toStrictEqual(token);
  const { step, visit, since, doing } = token;
  expect(copyOfToken({ step, visit, since, doing })).toStrictEqual({ step, visit, since, doing });
});

it('copies every field of an event that is kept', () => {
  const event: Required<RecentEvent> = {
    ...{ id: 'e', type: 't', source: 's', time: '2027-01-01T00:00:00Z', acceptedAt: 1 },
    ...{ data: { n: 1 }, released: ['w'] },
  };
  expect(copyOfRecent(event)).toStrictEqual(event);
  const { time, released, ...bare } = event;
  expect(copyOfRecent(bare)).toStrictEqual(bare);
  expect([time, released]).not.toContain(undefined);
});
