import type { RunState, Token } from '@sojourn/engine';
import { createMemoryStore, type RunRecord, type Store } from '@sojourn/store';
import { beforeEach, describe, expect, it } from 'vitest';
import { taskListOf } from './task-list.ts';

const at = Date.parse('2027-01-05T09:00:00Z');
const hour = 3_600_000;
let store: Store;
beforeEach(() => {
  store = createMemoryStore();
});

/** A run whose stored state is this, and the id of the task that it waits for. */
async function aTaskOf(state: Partial<RunState>): Promise<string> {
  const run: RunRecord = {
    ...{ id: 'run', journey: 'j', version: 1, planHash: 'h', key: 'k', ordinal: 1 },
    ...{ subject: { type: 'patient', key: 'p' }, status: 'active', startedAt: at },
    ...{ positions: [], incidents: [], revision: 0 },
  };
  await store.runs.insert(run, { tokens: [], passages: {}, ...state } as unknown as RunState);
  return await taskListOf(store).assign({
    ...{ key: 'run/call#2', subject: run.subject, queue: 'nurses', title: 'Call', at },
    ...{ priority: 'normal', outcomes: [{ port: 'reached' }] },
  });
}
const token = (change: Partial<Token>): Token => ({
  ...{ step: 'call', visit: 2, since: at, doing: { type: 'accepted', reference: 'x' } },
  ...change,
});
const passage = (port: string, visit = 2) => ({ call: { port, visit, output: null, at } });

describe('the task list of a deployment', () => {
  it('keeps one task for an effect, under a name that tells nothing', async () => {
    const id = await aTaskOf({});
    const again = await taskListOf(store).assign({
      ...{ key: 'run/call#2', subject: { type: 'patient', key: 'p' }, queue: 'nurses' },
      ...{ title: 'Another', at, priority: 'low', outcomes: [] },
    });

    expect([id, again]).toEqual([expect.stringMatching(/^[\w-]{22}$/), id]);
    expect(await store.tasks.get(id)).toMatchObject({
      ...{ effect: 'run/call#2', runId: 'run', title: 'Call', createdAt: at, status: 'open' },
    });
  });

  it.each<[string, string, Partial<RunState>]>([
    ['overdue', 'left it by that port', { passages: passage('overdue') }],
    ['cancelled', 'left it by another way', { passages: passage('moved') }],
    ['cancelled', 'was overdue an earlier time', { passages: passage('overdue', 1) }],
    ['cancelled', 'still stands there with time left', { tokens: [token({ deadlineAt: at + 2 })] }],
    ['overdue', 'still stands there past its deadline', { tokens: [token({ deadlineAt: at })] }],
    [
      'overdue',
      'still stands there past its time-out',
      { tokens: [token({ doing: { type: 'accepted', reference: 'x', until: at - hour } })] },
    ],
    ['cancelled', 'has ended', {}],
  ])('takes back as %s a task whose run %s', async (status, _how, state) => {
    const id = await aTaskOf(state);

    expect(await taskListOf(store).withdraw(id, at)).toBe(true);
    expect(await taskListOf(store).withdraw(id, at)).toBe(false);

    expect(await store.tasks.get(id)).toMatchObject({ status, closedAt: at });
    expect((await store.tasks.list({}, { limit: 10 })).items).toEqual([]);
  });

  it('knows nothing of a task of somebody else', async () => {
    expect(await taskListOf(store).withdraw('none', at)).toBe(false);
  });
});
