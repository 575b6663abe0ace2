import { describe, expect, it } from 'vitest';

import { SubjectErasedError } from '../keys.ts';
import type { RunRecord, Store, TaskRecord } from '../ports.ts';
import { at, unique, type Stores } from './samples.ts';

// The promises about tasks.

const hour = 3_600_000;

/** Describes what every adapter promises about tasks. */
export function describeTasks(stores: Stores): void {
  type NewTask = Parameters<Store['tasks']['add']>[0];

  /** A run that waits, and a task that it waits for. */
  async function aTask(change: Partial<NewTask> = {}): Promise<NewTask> {
    const subject = change.subject ?? { type: 'patient', key: unique('person') };
    const run: RunRecord = {
      ...{ id: unique('task-run'), journey: 'tasks', version: 1, planHash: 'a-hash', subject },
      ...{ key: unique('key'), ordinal: 1, status: 'active', startedAt: at },
      ...{ positions: [], incidents: [], revision: 0 },
    };
    const state = { runId: run.id, status: 'active', startedAt: at, revision: 0, vars: {} };
    await stores().store.runs.insert(run, state as never);
    return {
      ...{ id: unique('task'), effect: `${run.id}/call#1`, runId: run.id, subject },
      ...{ queue: unique('queue'), title: 'Call Ada', priority: 'normal', createdAt: at },
      outcomes: [{ port: 'reached', label: 'Reached' }, { port: 'no-answer' }],
      ...change,
    };
  }
  /** One that stands on the list. */
  async function anOpenTask(change: Partial<NewTask> = {}): Promise<NewTask> {
    const task = await aTask(change);
    await stores().store.tasks.add(task);
    return task;
  }
  /** What somebody found who reached nobody. */
  const anAttempt = (change: object = {}) => ({
    ...{ by: 'ada', at: at + 1, outcome: 'no-answer', backAt: at + hour, dueAt: at + 2 * hour },
    ...{ after: 0, values: { tried: 'mobile' }, note: 'It rang.' },
    ...change,
  });
  const anEnd = { by: 'ada', at: at + 2, outcome: 'reached', values: { mood: { $set: 'good' } } };

  describe('tasks', () => {
    it('are stored once, and kept as they are (S1, S6)', async () => {
      const { store, other } = stores();
      const task = await aTask({
        script: 'Ask **how** it goes.',
        dueAt: at + hour,
        form: { type: 'object', properties: { 'a.b': { $comment: 'x' } } },
      });

      expect(await store.tasks.add(task)).toBe(true);
      expect(await other.tasks.add({ ...task, title: 'Another' })).toBe(false);

      expect(await other.tasks.get(task.id)).toEqual({ ...task, status: 'open' });
      expect(await store.tasks.get('none')).toBeUndefined();
    });

    it('are listed by when they are due, never last, page by page', async () => {
      const { store, other } = stores();
      const queue = unique('queue');
      const never = await anOpenTask({ queue });
      const late = await anOpenTask({ queue, dueAt: at + 2 * hour });
      const soon = await anOpenTask({ queue, dueAt: at + hour });
      const over = await anOpenTask({ queue, dueAt: at });
      await store.tasks.withdraw(over.id, 'cancelled', at);

      const first = await other.tasks.list({ queue }, { limit: 2 });
      const cursor = first.nextCursor ?? '';
      const second = await store.tasks.list({ queue }, { limit: 2, cursor });

      expect(first.items.map(({ id }) => id)).toEqual([soon.id, late.id]);
      expect(second.items.map(({ id }) => id)).toEqual([never.id]);
      expect(second.nextCursor).toBeUndefined();
    });

    it('are found by queue, by who has them, by when they are due, and by status', async () => {
      const { store } = stores();
      const queue = unique('queue');
      const by = unique('nurse');
      const theirs = await anOpenTask({ queue, dueAt: at + hour });
      const nobodys = await anOpenTask({ queue, dueAt: at + 2 * hour });
      await store.tasks.claim(theirs.id, by, at);
      const ids = async (filter: Parameters<Store['tasks']['list']>[0]) =>
        (await store.tasks.list(filter, { limit: 10 })).items.map(({ id }) => id);

      expect(await ids({ queue })).toEqual([theirs.id, nobodys.id]);
      expect(await ids({ assignee: by })).toEqual([theirs.id]);
      expect(await ids({ queue, dueBefore: at + 2 * hour })).toEqual([theirs.id]);
      expect(await ids({ queue, status: 'open' })).toEqual([nobodys.id]);
      expect(await ids({ queue, status: 'done' })).toEqual([]);
      await store.tasks.complete(theirs.id, { ...anEnd, by });
      expect(await ids({ queue, status: 'done', assignee: by })).toEqual([theirs.id]);
      expect(await ids({ queue })).toEqual([nobodys.id]);
    });

    it('are claimed by one of twenty, and again by the same without a change', async () => {
      const { store, other } = stores();
      const { id } = await anOpenTask();

      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : other).tasks.claim(id, `nurse-${index}`, at + index),
        ),
      );
      const winner = answers.indexOf(true);

      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await store.tasks.claim(id, `nurse-${winner}`, at + 99)).toBe(true);
      expect(await store.tasks.get(id)).toMatchObject({
        ...{ status: 'claimed', assignee: `nurse-${winner}`, claimedAt: at + winner },
      });
    });

    it('are given back by who has them, and by nobody else', async () => {
      const { store } = stores();
      const { id } = await anOpenTask();
      await store.tasks.claim(id, 'ada', at);

      expect(await store.tasks.release(id, 'bob')).toBe(false);
      expect(await store.tasks.release(id, 'ada')).toBe(true);
      expect(await store.tasks.release(id, 'ada')).toBe(false);

      const task = await store.tasks.get(id);
      expect(task?.status).toBe('open');
      expect([task?.assignee, task?.claimedAt]).toEqual([undefined, undefined]);
      expect(await store.tasks.claim(id, 'bob', at)).toBe(true);
    });

    it('are done once of twenty tries, with the answers of that one', async () => {
      const { store, other } = stores();
      const { id } = await anOpenTask();

      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : other).tasks.complete(id, { ...anEnd, values: { index } }),
        ),
      );

      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await store.tasks.get(id)).toMatchObject({
        ...{ status: 'done', by: 'ada', outcome: 'reached', closedAt: at + 2 },
        values: { index: answers.indexOf(true) },
      });
    });

    it('are not done by somebody while another has them', async () => {
      const { store } = stores();
      const { id } = await anOpenTask();
      await store.tasks.claim(id, 'bob', at);

      expect(await store.tasks.complete(id, anEnd)).toBe(false);
      expect((await store.tasks.get(id))?.status).toBe('claimed');
      expect(await store.tasks.complete(id, { ...anEnd, by: 'bob', note: 'Well.' })).toBe(true);
      expect(await store.tasks.get(id)).toMatchObject({ values: anEnd.values, note: 'Well.' });
      expect(await store.tasks.complete('none', anEnd)).toBe(false);
    });

    it('that were tried stand there again, later, with nobody, and tell of it (S1)', async () => {
      const { store, other } = stores();
      const { id, queue } = await anOpenTask({ dueAt: at });
      await store.tasks.claim(id, 'ada', at);

      expect(await store.tasks.attempt(id, anAttempt())).toBe(true);
      expect(await store.tasks.attempt(id, anAttempt({ after: 1, backAt: at + 9 * hour }))).toBe(
        true,
      );

      const task = await other.tasks.get(id);
      expect(task).toMatchObject({
        ...{ status: 'open', notBefore: at + 9 * hour, dueAt: at + 2 * hour },
        history: [
          {
            ...{ type: 'attempted', by: 'ada', at: at + 1, outcome: 'no-answer' },
            ...{ backAt: at + hour, values: { tried: 'mobile' }, note: 'It rang.' },
          },
          { backAt: at + 9 * hour },
        ],
      });
      expect([task?.assignee, task?.claimedAt]).toEqual([undefined, undefined]);
      const found = async (filter: object) =>
        (await other.tasks.list({ queue, ...filter }, { limit: 9 })).items.length;
      expect(await found({ readyAt: at + 9 * hour - 1 })).toBe(0);
      expect(await found({ readyAt: at + 9 * hour })).toBe(1);
      expect(await found({ laterThan: at + 9 * hour - 1 })).toBe(1);
      expect(await found({ laterThan: at + 9 * hour })).toBe(0);
      expect(await found({})).toBe(1);
    });

    it('are tried once of twenty tries, and not ended by who saw less', async () => {
      const { store, other } = stores();
      const { id } = await anOpenTask();

      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : other).tasks.attempt(id, anAttempt({ by: `nurse-${index}` })),
        ),
      );

      expect(answers.filter(Boolean)).toHaveLength(1);
      expect((await store.tasks.get(id))?.history).toHaveLength(1);
      expect(await store.tasks.complete(id, { ...anEnd, after: 0 })).toBe(false);
      expect(await store.tasks.complete(id, { ...anEnd, after: 1 })).toBe(true);
      expect(await store.tasks.attempt(id, anAttempt({ after: 1 }))).toBe(false);
      expect(await store.tasks.attempt('none', anAttempt())).toBe(false);
    });

    it('are not tried while another has them', async () => {
      const { store } = stores();
      const { id } = await anOpenTask();
      await store.tasks.claim(id, 'bob', at);

      expect(await store.tasks.attempt(id, anAttempt())).toBe(false);
      expect(await store.tasks.get(id)).toMatchObject({ status: 'claimed', assignee: 'bob' });
    });

    it('are handed over by who has them, to a queue or to a person, and stand there at once', async () => {
      const { store, other } = stores();
      const { id, queue } = await anOpenTask();
      const elsewhere = unique('queue');
      const move = { by: 'ada', at: at + 3, queue: elsewhere, note: 'She asked for benefits.' };
      expect(await store.tasks.handOver(id, move)).toBe(false);
      await store.tasks.attempt(id, anAttempt());
      await store.tasks.claim(id, 'ada', at + 2);
      expect(await store.tasks.handOver(id, { ...move, by: 'bob' })).toBe(false);

      expect(await store.tasks.handOver(id, move)).toBe(true);
      expect(await store.tasks.handOver(id, move)).toBe(false);

      const moved = await other.tasks.get(id);
      expect(moved).toMatchObject({ status: 'open', queue: elsewhere });
      expect([moved?.assignee, moved?.claimedAt, moved?.notBefore]).toEqual(
        Array<undefined>(3).fill(undefined),
      );
      await store.tasks.claim(id, 'ada', at + 4);
      expect(await store.tasks.handOver(id, { ...move, at: at + 5, to: 'bob' })).toBe(true);
      const given = await other.tasks.get(id);
      expect(given).toMatchObject({ status: 'claimed', assignee: 'bob', claimedAt: at + 5 });
      expect(given?.history).toMatchObject([
        { type: 'attempted' },
        { type: 'handed-over', fromQueue: queue, ...move },
        { type: 'handed-over', fromQueue: elsewhere, to: 'bob' },
      ]);
      expect(await store.tasks.handOver('none', move)).toBe(false);
    });

    it('are counted by queue, without those that are over', async () => {
      const { store, other } = stores();
      const [first = '', second = ''] = [unique('queue'), unique('queue')].toSorted();
      await anOpenTask({ queue: second });
      const { id } = await anOpenTask({ queue: first });
      await anOpenTask({ queue: first });
      const over = await anOpenTask({ queue: second });
      await store.tasks.withdraw(over.id, 'cancelled', at);
      await store.tasks.claim(id, 'ada', at);

      const queues = await other.tasks.queues();

      expect(queues.filter(({ queue }) => queue === first || queue === second)).toEqual([
        { queue: first, count: 2 },
        { queue: second, count: 1 },
      ]);
    });

    it('that are appointments move, until they are over', async () => {
      const { store, other } = stores();
      const appointment = { start: at + hour, end: at + 2 * hour, location: 'Clinic 3' };
      const { id } = await anOpenTask({ dueAt: at + 2 * hour, appointment });
      const plain = await anOpenTask({ dueAt: at + hour });
      const later = { start: at + 5 * hour, end: at + 6 * hour };

      expect(await store.tasks.move(id, later)).toBe(true);

      const moved = { appointment: { ...appointment, ...later }, dueAt: at + 6 * hour };
      expect(await other.tasks.get(id)).toMatchObject({ title: 'Call Ada', ...moved });
      expect(await store.tasks.move(plain.id, later)).toBe(false);
      await store.tasks.withdraw(id, 'cancelled', at);
      expect(await store.tasks.move(id, appointment)).toBe(false);
      expect(await other.tasks.get(id)).toMatchObject(moved);
      expect(await store.tasks.move('none', later)).toBe(false);
    });

    it.each(['cancelled', 'overdue'] as const)('that are %s are over for good', async (as) => {
      const { store } = stores();
      const { id } = await anOpenTask();
      await store.tasks.claim(id, 'ada', at);

      expect(await store.tasks.withdraw(id, as, at + 1)).toBe(true);

      expect(await store.tasks.withdraw(id, 'cancelled', at + 2)).toBe(false);
      expect(await store.tasks.claim(id, 'ada', at)).toBe(false);
      expect(await store.tasks.release(id, 'ada')).toBe(false);
      expect(await store.tasks.complete(id, anEnd)).toBe(false);
      expect(await store.tasks.attempt(id, anAttempt())).toBe(false);
      const move = { by: 'ada', at, queue: 'another', note: '' };
      expect(await store.tasks.handOver(id, move)).toBe(false);
      expect(await store.tasks.get(id)).toMatchObject({ status: as, closedAt: at + 1 });
      expect(await store.tasks.withdraw('none', as, at)).toBe(false);
    });

    it('that are done are untold until their run was told', async () => {
      const { store, other } = stores();
      const { id } = await anOpenTask();
      const untold = async (before: number): Promise<TaskRecord[]> =>
        (await other.tasks.untold(before, 1_000)).filter((task) => task.id === id);
      expect(await untold(at + 9)).toEqual([]);

      await store.tasks.complete(id, anEnd);
      expect(await untold(at + 2)).toEqual([]);
      expect(await untold(at + 3)).toMatchObject([{ outcome: 'reached', values: anEnd.values }]);

      await store.tasks.markTold(id);
      expect(await untold(at + 9)).toEqual([]);
      expect((await store.tasks.get(id))?.status).toBe('done');
    });

    it('about somebody who was erased say nothing, and are off the list (S8)', async () => {
      const { store, other } = stores();
      const queue = unique('queue');
      const subject = { type: 'patient', key: unique('person') };
      const open = await anOpenTask({
        queue,
        subject,
        script: 'About Ada',
        form: { type: 'object' },
      });
      const done = await anOpenTask({ queue, subject });
      await store.tasks.attempt(open.id, anAttempt());
      await store.tasks.claim(open.id, 'ada', at);
      const move = { by: 'ada', at: at + 2, queue, to: 'bob', note: 'She cannot hear well.' };
      await store.tasks.handOver(open.id, move);
      await store.tasks.complete(done.id, { ...anEnd, note: 'She is well.' });
      const late = await aTask({ queue, subject });

      await store.subjectKeys.destroy(subject.type, subject.key, at);
      for (const { id } of [open, done]) expect(await other.tasks.get(id)).toBeDefined(); // readable or not, it answers
      await store.erasures.wipe(subject.type, subject.key);

      const left = ({ id, effect, runId, priority, createdAt }: NewTask) => ({
        ...{ id, effect, runId, priority, createdAt, queue, subject, title: '', outcomes: [] },
      });
      expect(await other.tasks.get(open.id)).toEqual({
        ...{ ...left(open), status: 'cancelled', assignee: 'bob', claimedAt: at + 2 },
        dueAt: at + 2 * hour,
        history: [
          {
            ...{ type: 'attempted', by: 'ada', at: at + 1, outcome: 'no-answer' },
            backAt: at + hour,
          },
          {
            ...{ type: 'handed-over', by: 'ada', at: at + 2, fromQueue: queue, queue },
            to: 'bob',
          },
        ],
      });
      expect(await other.tasks.get(done.id)).toEqual({
        ...{ ...left(done), status: 'done', by: 'ada', outcome: 'reached', closedAt: at + 2 },
      });
      expect((await store.tasks.list({ queue }, { limit: 10 })).items).toEqual([]);
      await expect(store.tasks.add(late)).rejects.toThrow(SubjectErasedError);
      expect(await store.tasks.get(late.id)).toBeUndefined();
    });
  });
}
