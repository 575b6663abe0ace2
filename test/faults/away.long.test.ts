import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

const people = 40;
const mail = { kind: 'action', uses: 'email/send', purpose: 'support' };
const document = {
  ...{ format: 1, key: 'steady', name: 'Steady', subject: 'patient', start: 'first' },
  entry: [{ on: 'event', event: 'joined' }],
  steps: {
    first: { ...mail, with: { subject: 'First', body: 'Hello.' } },
    pause: { kind: 'wait', for: [{ port: 'over', after: 'PT15S' }], spread: 'PT15S' },
    second: { ...mail, with: { subject: 'Second', body: 'Hello again.' } },
    listens: {
      kind: 'wait',
      for: [
        { port: 'heard', event: 'said' },
        { port: 'over', after: 'P1Y' },
      ],
    },
    done: { kind: 'end', outcome: 'completed' },
    unheard: { kind: 'end', outcome: 'unheard' },
  },
  edges: [
    { from: 'first', port: 'sent', to: 'pause' },
    { from: 'pause', port: 'over', to: 'second' },
    { from: 'second', port: 'sent', to: 'listens' },
    { from: 'listens', port: 'heard', to: 'done' },
    { from: 'listens', port: 'over', to: 'unheard' },
  ],
};

let stack: StackUnderTest;
beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
});
afterAll(() => stack.remove());

const happens = (type: string) =>
  stack.call(
    'POST',
    '/events',
    Array.from({ length: people }, (_, index) => ({
      ...{ specversion: '1.0', id: `${type}-${index}`, source: 'test', type, data: {} },
      subject: `patient/p${index}`,
    })),
    { headers: { 'content-type': 'application/cloudevents-batch+json' } },
  );
const runs = () =>
  stack.call<{ items: { status: string; outcome: string; positions: { step: string }[] }[] }>(
    'GET',
    '/runs?journey=steady&limit=200',
  );

describe('a store that is away for a minute', () => {
  it('stops nothing for good, and nothing is sent twice', async () => {
    await stack.publish(document);
    for (let index = 0; index < people; index += 1)
      await stack.call('PUT', `/subjects/patient/p${index}`, {
        email: `p${index}@patients.example`,
      });
    await happens('joined');
    await delay(2_000); // first mails on their way

    // Stopped, not killed: it answers nothing and refuses nothing, which is worse.
    const mongod = await stack.pidOf('mongod');
    process.kill(mongod, 'SIGSTOP');
    await delay(60_000);
    process.kill(mongod, 'SIGCONT');

    await eventually(
      runs,
      ({ items }) =>
        items.length === people && items.every((run) => run.positions[0]?.step === 'listens'),
      120_000,
    );
    await happens('said');
    await eventually(runs, ({ items }) => items.every(({ status }) => status === 'ended'));
    expect(new Set((await runs()).items.map(({ outcome }) => outcome))).toEqual(
      new Set(['completed']),
    );
    const { items: incidents } = await stack.call<{ items: unknown[] }>('GET', '/incidents');
    expect(incidents).toEqual([]);
    for (let index = 0; index < people; index += 1) {
      const { items } = await stack.call<{ items: { subject: string }[] }>(
        'GET',
        `/sandbox/mail?to=p${index}@patients.example`,
      );
      expect(items.map(({ subject }) => subject).sort()).toEqual(['First', 'Second']);
    }
  });
});
