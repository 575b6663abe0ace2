import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

const execute = promisify(execFile);
const bin = fileURLToPath(new URL('../../platform/cli/bin/sojourn.mjs', import.meta.url));
const people = 5;
const document = {
  ...{ format: 1, key: 'parked', name: 'Parked', subject: 'patient', start: 'w' },
  entry: [{ on: 'event', event: 'joined' }],
  steps: {
    w: {
      kind: 'wait',
      for: [
        { port: 'heard', event: 'x' },
        { port: 'over', after: 'P1Y' },
      ],
    },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [
    { from: 'w', port: 'heard', to: 'done' },
    { from: 'w', port: 'over', to: 'done' },
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
  stack.call<{ items: { status: string; positions: { step: string }[] }[] }>(
    'GET',
    '/runs?journey=parked&limit=50',
  );

describe('a stack whose Temporal database is gone', () => {
  it('starts everybody again by itself, says so, and leaves `sojourn rebuild` nothing to do', async () => {
    await stack.publish(document);
    await happens('joined');
    await eventually(
      runs,
      ({ items }) =>
        items.length === people && items.every((run) => run.positions[0]?.step === 'w'),
    );
    await stack.stop();
    await rm(join(stack.home, 'temporal'), { recursive: true });

    await stack.start();

    expect(stack.output()).toContain('Temporal knows none of the open runs that MongoDB has');
    expect(stack.output()).toMatch(/5 started again \(5 of them asleep\)/);
    const { port } = new URL(stack.url);
    const env = { ...process.env, SOJOURN_HOME: stack.home, SOJOURN_PORT: port };
    const { stdout } = await execute(process.execPath, [bin, 'rebuild'], { env });
    expect(stdout).toMatch(/started again +0,[^]*already there +5\n[^]*failed +0\n/);
    await happens('x');
    await eventually(runs, ({ items }) => items.every(({ status }) => status === 'ended'));
    await stack.stop();
    await stack.start();
    expect(stack.output()).not.toContain('knows none of the open runs');
  });

  it('is told what to do when nothing answers', async () => {
    await stack.stop();
    const { port } = new URL(stack.url);
    const env = { ...process.env, SOJOURN_HOME: stack.home, SOJOURN_PORT: port };
    await expect(execute(process.execPath, [bin, 'rebuild'], { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('start Sojourn with the same settings first') as string,
    });
  });
});
