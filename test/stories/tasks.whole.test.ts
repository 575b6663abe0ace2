import type { JourneyDocument } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

interface Task {
  id: string;
  status: string;
  runId: string;
  title: string;
  script?: string;
  history: Record<string, unknown>[];
}
interface Run {
  id: string;
  status: string;
  outcome: string | null;
  positions: { step: string }[];
}
interface Page<Item> {
  items: Item[];
}

const form = {
  type: 'object',
  required: ['mood'],
  properties: { mood: { enum: ['good', 'bad'] } },
};

/** A nurse calls, and how the person is decides the end. */
const careCall: JourneyDocument = {
  format: 1,
  key: 'care-call',
  name: 'Care call',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  inputs: { type: 'object', properties: { deadline: { type: 'string' } } },
  reentry: 'parallel',
  exits: [{ id: 'moved', event: 'patient.moved', outcome: 'moved-away' }],
  start: 'call',
  steps: {
    call: {
      kind: 'action',
      uses: 'task/assign',
      deadline: 'PT8S',
      with: {
        ...{ queue: 'nurses', title: 'Call {{ subject.givenName }}', due: 'PT1H', form },
        script: 'Ask **{{ subject.givenName }}** how it goes.',
        outcomes: [
          { port: 'reached', label: 'Reached' },
          { port: 'no-answer' },
          { port: 'busy', again: ['PT1M'] },
        ],
      },
    },
    mood: {
      kind: 'branch',
      cases: [{ port: 'well', if: 'steps["call"].output.values.mood == "good"' }],
    },
    late: { kind: 'wait', for: [{ port: 'over', after: 'P30D' }] },
    well: { kind: 'end', outcome: 'well' },
    unwell: { kind: 'end', outcome: 'unwell' },
    silent: { kind: 'end', outcome: 'silent' },
  },
  edges: [
    { from: 'call', port: 'reached', to: 'mood' },
    { from: 'call', port: 'no-answer', to: 'silent' },
    { from: 'call', port: 'busy', to: 'silent' },
    { from: 'call', port: 'overdue', to: 'late' },
    { from: 'mood', port: 'well', to: 'well' },
    { from: 'mood', port: 'else', to: 'unwell' },
    { from: 'late', port: 'over', to: 'silent' },
  ],
};

let stack: StackUnderTest;
const call: StackUnderTest['call'] = (...asked) => stack.call(...asked);

beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
  await stack.publish(careCall);
  const patient = { ...careCall, key: 'patient-call' };
  const { deadline: _deadline, ...step } = patient.steps['call'] as { deadline?: string };
  await stack.publish({ ...patient, steps: { ...patient.steps, call: step as never } });
});
afterAll(() => stack.remove());

/** Lets somebody in; answers their run and the task that it waits for, as soon as it waits. */
async function enters(key: string, journey = 'patient-call'): Promise<{ run: Run; task: Task }> {
  await call('PUT', `/subjects/patient/${key}`, { givenName: `Ada ${key}` });
  const run = await call<Run>('POST', `/journeys/${journey}/runs`, { subject: `patient/${key}` });
  const { items } = await eventually(
    () => call<Page<Task>>('GET', '/tasks?queue=nurses&limit=200'),
    (page) => page.items.some(({ runId }) => runId === run.id),
  );
  return { run, task: items.find(({ runId }) => runId === run.id)! };
}

const runOf = ({ id }: Run) => call<Run>('GET', `/runs/${id}`);
const taskOf = ({ id }: Task) => call<Task>('GET', `/tasks/${id}`);
const openTasks = async () =>
  (await call<Page<Task>>('GET', '/tasks?limit=200')).items.map(({ id }) => id);
const trailOf = async ({ id }: Run) =>
  (await call<Page<{ what: string; because: Record<string, unknown> }>>('GET', `/runs/${id}/trail`))
    .items;

describe('a journey with a task', () => {
  it('goes on by the outcome that a nurse gives, and uses the answers, once', async () => {
    const { run, task } = await enters('p1');
    expect(task).toMatchObject({
      ...{ status: 'open', title: 'Call Ada p1', script: 'Ask **Ada p1** how it goes.' },
    });

    await call('POST', `/tasks/${task.id}/claim`);
    await call('POST', `/tasks/${task.id}/outcome`, { outcome: 'reached' }, { expect: 422 });
    const answer = { outcome: 'reached', values: { mood: 'good' }, note: 'All well.' };
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => call('POST', `/tasks/${task.id}/outcome`, answer)),
    );

    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await call('POST', `/tasks/${task.id}/outcome`, answer, { expect: 409 });
    await eventually(
      () => runOf(run),
      ({ outcome }) => outcome === 'well',
    );
    const settled = (await trailOf(run)).filter(({ what }) => what === 'settled');
    expect(settled).toMatchObject([
      { because: { outcome: 'reached', output: { values: { mood: 'good' }, note: 'All well.' } } },
    ]);
    expect(await taskOf(task)).toMatchObject({ status: 'done', outcome: 'reached' });
    expect(await openTasks()).not.toContain(task.id);
  });

  it('takes the task off the list when an exit takes the run', async () => {
    const { run, task } = await enters('p2');
    await eventually(
      () => runOf(run),
      ({ positions }) => positions[0]?.step === 'call',
    );

    await call(
      'POST',
      '/events',
      {
        ...{ specversion: '1.0', id: 'e-p2', source: 'test', type: 'patient.moved' },
        ...{ subject: 'patient/p2', data: {} },
      },
      { headers: { 'content-type': 'application/cloudevents+json' } },
    );

    await eventually(
      () => runOf(run),
      ({ outcome }) => outcome === 'moved-away',
    );
    await eventually(
      () => taskOf(task),
      ({ status }) => status === 'cancelled',
    );
    expect(await openTasks()).not.toContain(task.id);
    await call('POST', `/tasks/${task.id}/claim`, undefined, { expect: 409 });
    const late = { outcome: 'reached', values: { mood: 'good' } };
    await call('POST', `/tasks/${task.id}/outcome`, late, { expect: 409 });
  });

  it('takes it back when an operator ends the run', async () => {
    const { run, task } = await enters('p3');

    await call('POST', `/runs/${run.id}/commands`, { type: 'end', reason: 'a wrong number' });

    await eventually(
      () => taskOf(task),
      ({ status }) => status === 'cancelled',
    );
  });

  it('goes on by overdue when the deadline passes, and the task is overdue', async () => {
    const { run, task } = await enters('p4', 'care-call');

    await eventually(
      () => runOf(run),
      ({ positions }) => positions[0]?.step === 'late',
    );

    await eventually(
      () => taskOf(task),
      ({ status }) => status === 'overdue',
    );
    expect(await openTasks()).not.toContain(task.id);
  });

  it('forgets what was to be done about somebody who is erased', async () => {
    const { task } = await enters('p5');
    await call('POST', `/tasks/${task.id}/claim`);
    const attempt = { outcome: 'busy', note: 'Ada shouted.' };
    await call('POST', `/tasks/${task.id}/outcome`, attempt);

    await call('DELETE', '/subjects/patient/p5');

    const left = await eventually(
      () => taskOf(task),
      ({ status }) => status === 'cancelled',
    );
    expect(left.title).toBe('');
    expect(left).not.toHaveProperty('script');
    expect(left.history).toMatchObject([{ type: 'attempted', outcome: 'busy' }]);
    expect(JSON.stringify(left)).not.toContain('Ada');
  });

  it('waits on while its task is tried, and goes on by that outcome after the last rung', async () => {
    const { run, task } = await enters('p7');
    await call('POST', `/tasks/${task.id}/claim`);
    await call('POST', `/tasks/${task.id}/outcome`, { outcome: 'busy' });
    await call('POST', `/tasks/${task.id}/outcome`, { outcome: 'busy' }, { expect: 409 });
    expect((await runOf(run)).status).toBe('active');
    await call('POST', `/tasks/${task.id}/claim`);

    await call('POST', `/tasks/${task.id}/outcome`, { outcome: 'busy' });

    await eventually(
      () => runOf(run),
      ({ outcome }) => outcome === 'silent',
    );
    const settled = (await trailOf(run)).filter(({ what }) => what === 'settled');
    expect(settled).toMatchObject([{ because: { outcome: 'busy', output: { attempts: 2 } } }]);
  });

  it('is told how its task ended though the stack was killed just then', async () => {
    const { run, task } = await enters('p6');
    await call('POST', `/tasks/${task.id}/outcome`, {
      ...{ outcome: 'reached', values: { mood: 'bad' } },
    });

    await stack.kill();
    await stack.start();

    await eventually(
      () => runOf(run),
      ({ outcome }) => outcome === 'unwell',
    );
  });
});
