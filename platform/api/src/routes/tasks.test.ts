import type { TaskRecord } from '@sojourn/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDeployment, enrol, publish, type Deployment } from '../test-support/deployment.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment();
  call = deployment.call;
});
afterEach(async () => {
  await deployment.close();
});

const form = {
  type: 'object',
  required: ['mood'],
  additionalProperties: false,
  properties: { mood: { enum: ['good', 'bad'] }, next: { type: 'string' } },
};
let count = 0;

/** A task that a run of a person waits for. */
async function aTask(
  change: Partial<
    Pick<TaskRecord, 'queue' | 'title' | 'dueAt' | 'form' | 'outcomes' | 'appointment'>
  > = {},
): Promise<{ id: string; runId: string }> {
  const { store, now } = deployment;
  await publish(deployment);
  const key = `p-${(count += 1)}`;
  const runId = await enrol(deployment, key);
  const id = `task-${count}`;
  await store.tasks.add({
    ...{ id, effect: `${runId}/call#1`, runId, subject: { type: 'patient', key } },
    ...{ queue: 'nurses', title: 'Call Ada', priority: 'high', createdAt: now.at, form },
    outcomes: [{ port: 'reached', label: 'Reached her' }, { port: 'no-answer' }],
    ...change,
  });
  return { id, runId };
}

/** Lets somebody else take a task. */
const takenByBob = (id: string) => deployment.store.tasks.claim(id, 'bob', deployment.now.at);

/** How the run was told that its task ended. */
const ends = (runId: string) =>
  deployment.told.flatMap((one) =>
    one.runId === runId && one.message.type === 'effect.settled' ? [one.message] : [],
  );
const audited = async (id: string) =>
  (await call('GET', `audit?target=task/${id}`)).body.items.map(({ what }) => what);

describe('the list of tasks', () => {
  it('shows what is not over, what is due first, first', async () => {
    const { now } = deployment;
    const later = await aTask({ dueAt: now.at + 2_000 });
    const sooner = await aTask({ dueAt: now.at + 1_000, queue: 'regional' });
    const over = await aTask({ dueAt: now.at });
    await deployment.store.tasks.withdraw(over.id, 'overdue', now.at);
    const ids = async (query: string) =>
      (await call('GET', `tasks${query}`)).body.items.map(({ id }) => id);

    expect(await ids('')).toEqual([sooner.id, later.id]);
    expect(await ids('?queue=nurses')).toEqual([later.id]);
    expect(await ids('?status=overdue')).toEqual([over.id]);
    expect(await ids('?due=2026-11-24T08:00:02Z')).toEqual([sooner.id]);
    expect(await ids('?due=2026-11-24')).toEqual([]);
    expect(await ids('?assignee=me')).toEqual([]);
    await call('POST', `tasks/${later.id}/claim`);
    expect(await ids('?assignee=me')).toEqual([later.id]);
    expect(await ids('?assignee=bob')).toEqual([]);
  });

  it('is answered page by page, and a query that means nothing is refused', async () => {
    await aTask();
    await aTask();

    const first = await call('GET', 'tasks?limit=1');
    const second = await call('GET', `tasks?limit=1&cursor=${String(first.body['nextCursor'])}`);

    expect([first.body.items.length, second.body.items.length]).toEqual([1, 1]);
    expect(second.body['nextCursor']).toBeNull();
    for (const query of [
      'due=soon',
      'due=2026-11-24T08:00',
      'status=lost',
      'when=soon',
      'cursor=x',
    ])
      expect((await call('GET', `tasks?${query}`)).status).toBe(400);
  });

  it('shows one task with its script, form and outcomes', async () => {
    const { id, runId } = await aTask();

    const { status, body } = await call('GET', `tasks/${id}`);

    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ id, runId, step: 'call', visit: 1, subject: `patient/p-${count}` },
      ...{ queue: 'nurses', title: 'Call Ada', priority: 'high', form, status: 'open' },
      outcomes: [
        { port: 'reached', label: 'Reached her', backAfter: null, needsForm: true },
        { port: 'no-answer', label: 'no-answer', backAfter: null, needsForm: true },
      ],
      createdAt: '2026-11-24T08:00:00.000Z',
      ...{ notBefore: null, history: [] },
      ...{ dueAt: null, assignee: null, claimedAt: null, closedAt: null },
    });
    expect((await call('GET', 'tasks/none')).status).toBe(404);
  });
});

describe('a task', () => {
  it('is claimed, by the same person again, and not by another', async () => {
    const { id } = await aTask();
    const other = await aTask();
    await takenByBob(other.id);

    const first = await call('POST', `tasks/${id}/claim`);
    const again = await call('POST', `tasks/${id}/claim`);
    const refused = await call('POST', `tasks/${other.id}/claim`);

    expect(first.body).toMatchObject({ status: 'claimed', claimedAt: '2026-11-24T08:00:00.000Z' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect([refused.status, refused.body.code]).toEqual([409, 'task-held']);
    expect(refused.body['assignee']).toBe('bob');
    expect(await audited(id)).toEqual(['task-claimed']);
    expect(await audited(other.id)).toEqual([]);
  });

  it('that is claimed is an event about the person, once', async () => {
    const { id } = await aTask();
    const subject = { type: 'patient', key: `p-${count}` };

    await call('POST', `tasks/${id}/claim`);
    await call('POST', `tasks/${id}/claim`);

    const { items } = await deployment.store.intake.eventsOf(subject, { limit: 10 });
    expect(items.map(({ type, data }) => [type, data['task']])).toEqual([['task.claimed', id]]);
  });

  it('is given back by who has it', async () => {
    const { id } = await aTask();
    const other = await aTask();
    await takenByBob(other.id);
    expect((await call('POST', `tasks/${id}/release`)).body.code).toBe('task-held');
    await call('POST', `tasks/${id}/claim`);

    const { body } = await call('POST', `tasks/${id}/release`);

    expect(body).toMatchObject({ status: 'open', assignee: null });
    expect((await call('POST', `tasks/${other.id}/release`)).status).toBe(409);
    expect(await audited(id)).toEqual(['task-released', 'task-claimed']);
  });

  it('that is done tells its run once, with the answers (K1)', async () => {
    const { id, runId } = await aTask();
    const answer = { outcome: 'reached', values: { mood: 'good' }, note: 'She is well.' };

    const first = await call('POST', `tasks/${id}/outcome`, answer);
    const second = await call('POST', `tasks/${id}/outcome`, { ...answer, outcome: 'no-answer' });

    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ status: 'done', closedAt: '2026-11-24T08:00:00.000Z' });
    expect(first.body).toMatchObject(answer);
    expect([second.status, second.body.code]).toEqual([409, 'task-over']);
    expect(ends(runId)).toMatchObject([
      {
        effect: 'call#1',
        outcome: 'reached',
        output: { outcome: 'reached', values: { mood: 'good' }, note: 'She is well.' },
      },
    ]);
    expect(ends(runId)[0]?.output).toMatchObject({ doneAt: '2026-11-24T08:00:00.000Z' });
    expect(await audited(id)).toEqual(['task-done']);
  });

  it('is done once when ten say so at the same time (K1)', async () => {
    const { id, runId } = await aTask();

    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        call('POST', `tasks/${id}/outcome`, { outcome: 'reached', values: { mood: 'good' } }),
      ),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([
      200,
      ...Array<number>(9).fill(409),
    ]);
    expect(ends(runId)).toHaveLength(1);
  });

  it('that another ends just then is refused, and told by nobody but them (K1)', async () => {
    const { id, runId } = await aTask();
    const { tasks } = deployment.store;
    const complete = tasks.complete.bind(tasks);
    tasks.complete = async (...[task, end]) => {
      await complete(task, { ...end, by: 'bob', outcome: 'no-answer' });
      return await complete(task, end);
    };

    const { status, body } = await call('POST', `tasks/${id}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'good' } },
    });

    expect([status, body.code]).toEqual([409, 'task-over']);
    expect([ends(runId), await audited(id)]).toEqual([[], []]);
  });

  it('tells its run later when it could not be told at once (K2)', async () => {
    const { id, runId } = await aTask();
    deployment.away.host = true;
    const done = await call('POST', `tasks/${id}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'bad' } },
    });
    expect([done.status, ends(runId)]).toEqual([200, []]);
    deployment.away.host = false;
    deployment.now.at += 10_000;

    await deployment.api.platform.intake.sweep(0);
    await deployment.api.platform.tasks.sweep(0);

    expect(ends(runId)).toHaveLength(1);
  });

  it('whose end was stored just before a crash tells its run from the sweep (K2)', async () => {
    const { id, runId } = await aTask();
    const { store, now, api } = deployment;
    await store.tasks.complete(id, {
      ...{ by: 'ada', at: now.at, outcome: 'reached', values: { mood: 'good' } },
    });
    now.at += 10_000;

    expect(await api.platform.tasks.sweep(5_000)).toBe(1);
    expect(await api.platform.tasks.sweep(5_000)).toBe(0);

    expect(ends(runId)).toMatchObject([{ outcome: 'reached', output: { by: 'ada' } }]);
  });

  it('takes only what fits, and names every fault with its place (K3)', async () => {
    const { id, runId } = await aTask();
    const { id: withoutForm } = await aTask({ form: undefined as never });

    const wrong = await call('POST', `tasks/${id}/outcome`, {
      ...{ outcome: 'lost', values: { mood: 'fair', more: 1 } },
    });
    const empty = await call('POST', `tasks/${id}/outcome`, { outcome: 'reached' });
    const unasked = await call('POST', `tasks/${withoutForm}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'good' } },
    });

    expect([wrong.status, wrong.body.code]).toEqual([422, 'task-answer-invalid']);
    expect(wrong.body.errors.map(({ pointer }) => pointer).sort()).toEqual([
      ...['/outcome', '/values/mood', '/values/more'],
    ]);
    expect([empty.status, empty.body.errors[0]?.pointer]).toEqual([422, '/values']);
    expect([unasked.status, unasked.body.errors[0]?.pointer]).toEqual([422, '/values/mood']);
    expect((await call('POST', `tasks/${id}/outcome`, {})).status).toBe(422);
    expect((await call('GET', `tasks/${id}`)).body['status']).toBe('open');
    expect(ends(runId)).toEqual([]);
    expect(await audited(id)).toEqual([]);
  });

  it.each(['cancelled', 'overdue'] as const)(
    'that is %s can be neither taken nor done',
    async (as) => {
      const { id, runId } = await aTask();
      await deployment.store.tasks.withdraw(id, as, deployment.now.at);

      for (const path of ['claim', 'release', 'outcome']) {
        const body =
          path === 'outcome' ? { outcome: 'reached', values: { mood: 'good' } } : undefined;
        const answer = await call('POST', `tasks/${id}/${path}`, body);
        expect([answer.status, answer.body.code]).toEqual([409, 'task-over']);
      }
      expect(ends(runId)).toEqual([]);
    },
  );

  it('that somebody else has is not done by another', async () => {
    const { id, runId } = await aTask();
    await takenByBob(id);

    const { status, body } = await call('POST', `tasks/${id}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'good' } },
    });

    expect([status, body.code]).toEqual([409, 'task-held']);
    expect(ends(runId)).toEqual([]);
  });

  it('whose run has ended cannot be done', async () => {
    const { id, runId } = await aTask();
    await deployment.store.runs.close(runId, { outcome: 'withdrawn', at: deployment.now.at });

    const { status, body } = await call('POST', `tasks/${id}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'good' } },
    });

    expect([status, body.code]).toEqual([409, 'task-over']);
  });
});

const ladder = [{ port: 'reached' }, { port: 'no-answer', again: ['PT4H', 'P1D'] }];

/** What the events about the person of the last task are, oldest first. */
const eventsOfLast = async () => {
  const subject = { type: 'patient', key: `p-${count}` };
  const { items } = await deployment.store.intake.eventsOf(subject, { limit: 20 });
  return items.map(({ type, data }) => ({ type, ...data })).toReversed();
};

describe('a task whose outcome has a ladder', () => {
  const silent = { outcome: 'no-answer', note: 'It rang.' };

  it('is back later, told as an event, and ends by that outcome after the last rung', async () => {
    const { id, runId } = await aTask({ outcomes: ladder, dueAt: deployment.now.at + 3_600_000 });
    const { now } = deployment;
    const when = async (word: string) =>
      (await call('GET', `tasks?when=${word}`)).body.items.map((task) => task.id);
    await call('POST', `tasks/${id}/claim`);

    const first = await call('POST', `tasks/${id}/outcome`, { ...silent, values: { next: 'Fri' } });

    expect([first.status, first.body]).toMatchObject([
      200,
      {
        ...{ status: 'open', assignee: null, claimedAt: null, closedAt: null },
        notBefore: '2026-11-24T12:00:00.000Z',
        dueAt: '2026-11-24T13:00:00.000Z',
        history: [
          {
            ...{ type: 'attempted', at: '2026-11-24T08:00:00.000Z', ...silent },
            ...{ backAt: '2026-11-24T12:00:00.000Z', values: { next: 'Fri' } },
          },
        ],
        outcomes: [
          { port: 'reached', backAfter: null, needsForm: true },
          { port: 'no-answer', backAfter: 'P1D', needsForm: false },
        ],
      },
    ]);
    expect([await when('now'), await when('later')]).toEqual([[], [id]]);
    expect(ends(runId)).toEqual([]);
    now.at += 4 * 3_600_000;
    expect([await when('now'), await when('later')]).toEqual([[id], []]);
    expect((await call('POST', `tasks/${id}/outcome`, silent)).body['status']).toBe('open');
    now.at += 24 * 3_600_000;
    const last = await call('POST', `tasks/${id}/outcome`, silent);

    expect(last.body).toMatchObject({ status: 'done', outcome: 'no-answer', note: 'It rang.' });
    expect(ends(runId)).toMatchObject([
      { outcome: 'no-answer', output: { outcome: 'no-answer', attempts: 3, values: {} } },
    ]);
    const steps = ['task-claimed', 'task-attempted', 'task-attempted', 'task-done'];
    expect(await audited(id)).toEqual(steps.toReversed());
    expect(await eventsOfLast()).toMatchObject([
      { type: 'task.claimed' },
      {
        ...{ type: 'task.attempted', task: id, queue: 'nurses', outcome: 'no-answer' },
        ...{ attempt: 1, backAt: '2026-11-24T12:00:00.000Z' },
      },
      { type: 'task.attempted', attempt: 2 },
    ]);
  });

  it('is tried once when ten say so at the same time, and when one says so twice (K1)', async () => {
    const { id } = await aTask({ outcomes: ladder });

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', `tasks/${id}/outcome`, silent)),
    );
    const late = await call('POST', `tasks/${id}/outcome`, silent);

    expect(answers.map(({ status }) => status).sort()).toEqual([
      200,
      ...Array<number>(9).fill(409),
    ]);
    expect([late.status, late.body.code]).toEqual([409, 'task-later']);
    expect(late.body['backAt']).toBe('2026-11-24T12:00:00.000Z');
    expect((await call('GET', `tasks/${id}`)).body['history']).toHaveLength(1);
    expect(await audited(id)).toEqual(['task-attempted']);
    expect((await eventsOfLast()).map(({ type }) => type)).toEqual(['task.attempted']);
  });

  it('is answered before it is back by who takes it', async () => {
    const { id, runId } = await aTask({ outcomes: ladder });
    await call('POST', `tasks/${id}/outcome`, silent);
    await call('POST', `tasks/${id}/claim`);

    const { status } = await call('POST', `tasks/${id}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'good' } },
    });

    expect(status).toBe(200);
    expect(ends(runId)).toMatchObject([{ outcome: 'reached', output: { attempts: 2 } }]);
  });

  it('is not answered by who looked before somebody else did something (K1)', async () => {
    const { id, runId } = await aTask({ outcomes: ladder });
    const { tasks } = deployment.store;
    const complete = tasks.complete.bind(tasks);
    tasks.complete = async (...[task, end]) => {
      await tasks.claim(task, 'bob', end.at);
      await tasks.handOver(task, { by: 'bob', at: end.at, queue: 'benefits', note: 'Theirs.' });
      return await complete(task, end);
    };

    const { status, body } = await call('POST', `tasks/${id}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'good' } },
    });

    expect([status, body.code]).toEqual([409, 'task-changed']);
    expect([ends(runId), await audited(id)]).toEqual([[], []]);
  });
});

describe('handing a task over', () => {
  const note = 'She asked about her cover.';
  const bob = { id: 'bob', name: 'Bob', role: 'owner' as const };

  it('moves it to another queue for everybody, with the note, and is audited', async () => {
    const { id } = await aTask();
    await call('POST', `tasks/${id}/claim`);

    const { status, body } = await call('POST', `tasks/${id}/hand-over`, {
      ...{ queue: 'benefits', note },
    });

    expect([status, body]).toMatchObject([
      200,
      {
        ...{ status: 'open', queue: 'benefits', assignee: null, claimedAt: null },
        history: [{ type: 'handed-over', fromQueue: 'nurses', queue: 'benefits', note }],
      },
    ]);
    const [entry] = (await call('GET', `audit?target=task/${id}`)).body.items;
    expect(entry).toMatchObject({
      ...{ what: 'task-handed-over', before: { queue: 'nurses' }, after: { queue: 'benefits' } },
    });
    expect(JSON.stringify(entry)).not.toContain('cover');
    expect((await call('GET', 'tasks/queues')).body.items).toEqual([
      { queue: 'benefits', count: 1 },
    ]);
  });

  it('gives it to a person, who has it then', async () => {
    const { id } = await aTask();
    await deployment.store.access.putUser({ ...bob, createdAt: 0 });
    await call('POST', `tasks/${id}/claim`);

    const { body } = await call('POST', `tasks/${id}/hand-over`, { to: 'bob', note });

    expect(body).toMatchObject({ status: 'claimed', queue: 'nurses', assignee: 'bob' });
    expect(body['history']).toMatchObject([{ type: 'handed-over', queue: 'nurses', to: 'bob' }]);
    const again = await call('POST', `tasks/${id}/hand-over`, { queue: 'benefits', note });
    expect([again.status, again.body.code]).toEqual([409, 'task-held']);
  });

  it('is refused where it would not move, or to nobody, and changes nothing (K4)', async () => {
    const { id } = await aTask();
    await call('POST', `tasks/${id}/claim`);
    const me = (await call('GET', 'me')).body['id'];
    const refused = async (body: object) => {
      const answer = await call('POST', `tasks/${id}/hand-over`, body);
      return [answer.status, answer.body.errors[0]?.pointer];
    };

    expect(await refused({ note })).toEqual([422, '/queue']);
    expect(await refused({ queue: 'nurses', note })).toEqual([422, '/queue']);
    expect(await refused({ queue: 'The Others', note })).toEqual([422, '/queue']);
    expect(await refused({ to: 'nobody', note })).toEqual([422, '/to']);
    expect(await refused({ to: me, note })).toEqual([422, '/to']);
    expect((await refused({ queue: 'benefits' }))[0]).toBe(422);

    expect((await call('GET', `tasks/${id}`)).body).toMatchObject({ queue: 'nurses', history: [] });
    expect(await audited(id)).toEqual(['task-claimed']);
  });

  it('is refused to whoever has not got it, and when it is over', async () => {
    const unclaimed = await aTask();
    const theirs = await aTask();
    await takenByBob(theirs.id);
    const over = await aTask();
    await deployment.store.tasks.withdraw(over.id, 'overdue', deployment.now.at);
    const answers = await Promise.all(
      [unclaimed, theirs, over].map(({ id }) =>
        call('POST', `tasks/${id}/hand-over`, { queue: 'benefits', note }),
      ),
    );

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [409, 'task-held'],
      [409, 'task-held'],
      [409, 'task-over'],
    ]);
    expect((await call('GET', 'tasks?queue=benefits')).body.items).toEqual([]);
  });
});

describe('a listener for tasks', () => {
  it('hears of a change', async () => {
    const topics: string[] = [];
    const stop = await deployment.api.platform.live.listen(new Set(['tasks']), (topic) =>
      topics.push(topic),
    );

    await aTask();

    await expect.poll(() => topics).toEqual(['tasks']);
    stop();
  });
});

describe('the calendar of a queue', () => {
  const hour = 3_600_000;
  const addressOf = async (body: object): Promise<string> =>
    (await call('POST', 'tasks/calendars', body)).body['url'] as string;
  /** What a calendar program reads, without signing in. */
  const read = async (
    url: string,
  ): Promise<[status: number, type: string | null, text: string]> => {
    const { pathname } = new URL(url);
    const response = await fetch(`${deployment.url}${pathname}`);
    return [response.status, response.headers.get('content-type'), await response.text()];
  };

  it('has its appointments as they stand, and nothing of whom they are about (D1)', async () => {
    const { at } = deployment.now;
    const appointment = { start: at + hour, end: at + 2 * hour, location: 'Clinic 3' };
    const visit = { queue: 'rep:mei', title: 'Dosing in daily practice', appointment };
    const { id } = await aTask({ ...visit, dueAt: at + 2 * hour });
    const over = await aTask({ ...visit, title: 'Called off' });
    await deployment.store.tasks.withdraw(over.id, 'cancelled', at);
    await aTask({ queue: 'rep:mei', title: 'No appointment' });
    await aTask({ ...visit, queue: 'rep:jun', title: 'Of another' });
    const url = await addressOf({ queue: 'rep:mei' });

    const [status, type, text] = await read(url);

    expect([status, type]).toEqual([200, 'text/calendar; charset=utf-8']);
    expect(text.match(/BEGIN:VEVENT/g)).toHaveLength(1);
    expect(text).toContain('SUMMARY:Dosing in daily practice');
    expect(text).toContain('LOCATION:Clinic 3');
    expect(text).toContain(`UID:${id}@sojourn`);
    expect(text).not.toMatch(/patient|p-\d|Ada/);

    await deployment.store.tasks.move(id, { start: at + 24 * hour, end: at + 25 * hour });
    const stamp = new Date(at + 24 * hour).toISOString().replace(/[-:]|\.\d+/g, '');
    expect((await read(url))[2]).toContain(`DTSTART:${stamp}`);
    const { body } = await call('GET', `tasks/${id}`);
    expect(body['appointment']).toEqual({
      start: new Date(at + 24 * hour).toISOString(),
      end: new Date(at + 25 * hour).toISOString(),
      location: 'Clinic 3',
    });
  });

  it('has another address when one is asked for, and those before are worthless (D2)', async () => {
    const url = await addressOf({ queue: 'rep:mei' });
    expect(await addressOf({ queue: 'rep:mei' })).toBe(url);
    const other = await addressOf({ queue: 'rep:jun' });

    const renewed = await addressOf({ queue: 'rep:mei', renew: true });

    const statuses = [url, renewed, other, renewed.replace('.ics', 'x.ics')].map(
      async (one) => (await read(one))[0],
    );
    expect(await Promise.all(statuses)).toEqual([404, 200, 200, 404]);
    const { items } = (await call('GET', 'audit?target=queue/rep:mei')).body;
    expect(items.map(({ what }) => what)).toContain('calendar-renewed');
  });

  it('is told to nobody who is not signed in', async () => {
    const { status } = await call('POST', 'tasks/calendars', { queue: 'q' }, { authorization: '' });
    expect(status).toBe(401);
  });
});
