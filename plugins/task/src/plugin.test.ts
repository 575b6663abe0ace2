import {
  checkValue,
  renderConfig,
  type JsonObject,
  type PerformRequest,
} from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { describe, expect, it } from 'vitest';
import { laterBy } from './due.ts';
import { taskPlugin } from './plugin.ts';
import type { NewTask, TaskList } from '@sojourn/plugin-kit';

const now = Date.parse('2027-01-31T09:00:00Z');

/** A list that keeps what it is given, once under its key. */
function aList(): TaskList & { tasks: NewTask[]; withdrawn: [string, number][] } {
  const tasks: NewTask[] = [];
  const withdrawn: [string, number][] = [];
  return {
    tasks,
    withdrawn,
    assign(task) {
      if (!tasks.some(({ key }) => key === task.key)) tasks.push(task);
      return Promise.resolve(`id of ${task.key}`);
    },
    withdraw(id, at) {
      withdrawn.push([id, at]);
      return Promise.resolve(withdrawn.length === 1);
    },
    move: () => Promise.resolve(false),
  };
}

const context = createTestContext({ plugin: 'task', clock: () => now });
const least: JsonObject = { queue: 'nurses', title: 'Call', outcomes: [{ port: 'reached' }] };
const { assign } = taskPlugin().actions;
const faults = (config: JsonObject) => checkValue(assign.config, { ...least, ...config });

function aRequest(config: JsonObject = {}): PerformRequest {
  const scope = { subject: { givenName: 'Ada *Lovelace*' } };
  const rendered = renderConfig({ ...least, ...config }, assign.config, {
    ...{ scope, evaluate: () => null },
  });
  expect(checkValue(assign.config, rendered)).toEqual([]);
  return {
    config: rendered,
    subject: { type: 'patient', key: 'p1', attributes: { givenName: 'Ada' } },
    ...{ idempotencyKey: 'run/call#1', attempt: 1, deadline: now + 10_000 },
    links: { click: (target) => target, open: () => '', unsubscribe: () => '' },
  };
}

describe('assigning a task', () => {
  it('puts it on the list, rendered, and waits for its end', async () => {
    const list = aList();
    const form = { type: 'object', properties: { mood: { type: 'string' } } };

    const result = await taskPlugin({ list }).actions.assign.perform(
      aRequest({
        ...{ title: 'Call {{ subject.givenName }}', script: 'Ask {{ subject.givenName }}', form },
        ...{ due: 'P1DT2H', priority: 'high' },
        outcomes: [
          { port: 'reached', label: 'Reached' },
          { port: 'no-answer', again: ['PT4H'] },
        ],
      }),
      context,
    );

    expect(result).toEqual({ type: 'accepted', reference: 'id of run/call#1' });
    expect(list.tasks).toEqual([
      {
        ...{ key: 'run/call#1', subject: { type: 'patient', key: 'p1' }, queue: 'nurses' },
        ...{ title: 'Call Ada *Lovelace*', script: 'Ask Ada &#42;Lovelace&#42;', form },
        ...{ at: now, dueAt: now + 26 * 3_600_000, priority: 'high' },
        outcomes: [
          { port: 'reached', label: 'Reached' },
          { port: 'no-answer', again: ['PT4H'] },
        ],
      },
    ]);
  });

  it('puts it there once, however often it is asked for', async () => {
    const list = aList();
    const action = taskPlugin({ list }).actions.assign;

    const [first, second] = [
      await action.perform(aRequest(), context),
      await action.perform(aRequest(), context),
    ];

    expect(second).toEqual(first);
    expect(list.tasks).toMatchObject([{ priority: 'normal' }]);
    expect(list.tasks[0]).not.toHaveProperty('dueAt');
  });

  it.each<[string, JsonObject]>([
    ['is about no object', { properties: {} }],
    ['names a rule that is not there', { type: 'object', $ref: '#/$defs/none' }],
  ])('refuses a form that %s, before anybody sees it', async (_what, form) => {
    const list = aList();

    await expect(
      taskPlugin({ list }).actions.assign.perform(aRequest({ form }), context),
    ).rejects.toMatchObject({ code: 'form-invalid', kind: 'config' });
    expect(list.tasks).toEqual([]);
  });

  it('cannot be done by a process without a list', async () => {
    await expect(assign.perform(aRequest(), context)).rejects.toMatchObject({
      ...{ code: 'no-task-list', kind: 'config' },
    });
  });

  it('is taken back from the list when the run goes on, and tells whether it still stood there', async () => {
    const list = aList();
    const action = taskPlugin({ list }).actions.assign;

    expect(await action.cancel?.('id of run/call#1', context)).toBe(true);
    expect(await action.cancel?.('id of run/call#1', context)).toBe(false);
    expect(list.withdrawn[0]).toEqual(['id of run/call#1', now]);
  });

  it.each<[string, JsonObject]>([
    ['a queue that is no slug', { queue: 'The Nurses' }],
    ['no outcome', { outcomes: [] }],
    ['more than twelve', { outcomes: Array.from({ length: 13 }, (_, n) => ({ port: `p${n}` })) }],
    ['an outcome named as another port is', { outcomes: [{ port: 'overdue' }] }],
    ['another such', { outcomes: [{ port: 'failed' }] }],
    ['a duration that is none', { due: 'P' }],
    ['another such', { due: '2 days' }],
    ['a ladder without a rung', { outcomes: [{ port: 'silent', again: [] }] }],
    ['more than ten', { outcomes: [{ port: 'silent', again: Array(11).fill('P1D') }] }],
    ['a priority that is none', { priority: 'urgent' }],
    ['a field that is not known', { more: 1 }],
  ])('refuses %s', (_what, config) => {
    expect(faults(config)).not.toEqual([]);
  });

  it.each(['4 hours', 'PT', 'P', 'P0D', 'PT0M', 'P1M', 'P1Y', 'PT30S', '-P1D', 'P1DT', 'P1000D'])(
    'refuses %s as a rung, and says what one is',
    (rung) => {
      const outcomes = [{ port: 'reached' }, { port: 'silent', again: ['P1D', rung] }];

      expect(faults({ outcomes })).toEqual([
        {
          pointer: '/outcomes/1/again/1',
          detail: 'has not the form that is asked for: give one such as PT4H or P1D',
        },
      ]);
    },
  );

  it.each(['PT4H', 'P1D', 'P3D', 'PT90M', 'P2W', 'P1DT12H'])('accepts %s as a rung', (rung) => {
    expect(faults({ outcomes: [{ port: 'silent', again: [rung] }] })).toEqual([]);
  });

  it('accepts outcomes that only begin like another port', () => {
    expect(faults({ outcomes: [{ port: 'failed-twice' }, { port: 'overdue-soon' }] })).toEqual([]);
  });
});

describe('when a task is due', () => {
  it.each([
    ['PT15M', '2027-01-31T09:15:00Z'],
    ['P3D', '2027-02-03T09:00:00Z'],
    ['P1W', '2027-02-07T09:00:00Z'],
    ['P1M', '2027-02-28T09:00:00Z'],
    ['P1Y1MT30S', '2028-02-29T09:00:30Z'],
    ['P13M', '2028-02-29T09:00:00Z'],
  ])('%s later is %s', (duration, then) => {
    expect(laterBy(now, duration)).toBe(Date.parse(then));
  });
});
