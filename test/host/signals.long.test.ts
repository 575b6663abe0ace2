import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';
import { eventually } from '../support/stack.ts';

let servers: Servers;
let rig: Rig;

const runs = 100;
const signals = 100;

beforeAll(async () => {
  servers = await startServers();
  // A wait of a day is long here as anywhere, but nobody lingers: so that a run continues as new to sleep while its next events are on their way.
  rig = await createRig(servers, { pace: { longWaitMs: 1_000, lingerMs: 0 } });
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
});

/** Waits until a run has counted so many, however busy the machine is. */
async function counted(run: string, count: number): Promise<void> {
  await eventually(
    () => rig.store.runs.state(run),
    (state) => state?.vars['count'] === count,
    120_000,
  );
}

describe('10,000 events around the moment at which runs continue as new', () => {
  it('are each counted once', { timeout: 240_000 }, async () => {
    const plan = await rig.publish({
      ...{ format: 1, key: 'counter', name: 'Counter', subject: 'patient' },
      ...{
        entry: [{ on: 'manual' }],
        start: 'r',
        vars: { count: { type: 'integer', default: 0 } },
      },
      steps: {
        r: { kind: 'repeat', times: signals },
        w: {
          kind: 'wait',
          for: [
            { port: 'heard', event: 'x', since: 'start' },
            { port: 'over', after: 'P1D' },
          ],
        },
        count: { kind: 'set', vars: { count: 'vars.count + 1' } },
        late: { kind: 'end', outcome: 'late' },
        done: { kind: 'end', outcome: 'completed' },
      },
      edges: [
        { from: 'r', port: 'again', to: 'w' },
        { from: 'w', port: 'heard', to: 'count' },
        { from: 'w', port: 'over', to: 'late' },
        { from: 'count', port: 'next', to: 'r' },
        { from: 'r', port: 'done', to: 'done' },
      ],
    });
    const ids = await Promise.all(
      Array.from({ length: runs }, (_, index) => rig.start(plan, { key: `p${index}` })),
    );

    let sent = 0;
    await Promise.all(
      ids.map(async (run) => {
        for (let own = 0; own < signals;) {
          const burst = Math.min(signals - own, 1 + Math.floor(Math.random() * 20));
          await Promise.all(Array.from({ length: burst }, () => rig.send(run, 'x')));
          own += burst;
          sent += burst;
          if (Math.random() >= 0.2) continue;
          await counted(run, own); // it has nothing to do, and continues: the next come about then
          await delay(Math.random() * 300);
        }
      }),
    );
    for (const run of ids) await rig.until(run, ({ status }) => status === 'ended');

    let continued = 0;
    for (const run of ids) {
      expect(await rig.store.runs.get(run)).toMatchObject({ outcome: 'completed' });
      const state = await rig.store.runs.state(run);
      expect(state?.vars['count']).toBe(signals);
      continued += await continuationsOf(run);
    }
    expect(sent).toBe(runs * signals);
    expect(continued).toBeGreaterThan(runs);
  });
});

/** How often a run continued as new. */
async function continuationsOf(workflowId: string): Promise<number> {
  let count = 0;
  for (let runId: string | undefined; ; count += 1) {
    const { events } = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
    expect(events?.length).toBeLessThan(1_000);
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
    if (runId === '') return count;
  }
}
