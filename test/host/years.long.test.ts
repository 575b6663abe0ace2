import type { Step } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';

let servers: Servers;
let rig: Rig;

const years = 5;
const people = 6;

beforeAll(async () => {
  servers = await startServers();
  // A year is six seconds: what lasts longer than two is a long wait, and is slept through.
  rig = await createRig(servers, { pace: { longWaitMs: 2_000, lingerMs: 200 } });
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
});

const mail = (subject: string): Step => ({
  ...{ kind: 'action', uses: 'email/send', purpose: 'support' },
  with: { subject, body: 'Hello' },
});

/** The lengths of the histories of all workflows that a run was, the first first. */
async function historiesOf(workflowId: string): Promise<number[]> {
  const lengths: number[] = [];
  for (let runId: string | undefined; ;) {
    const { events } = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
    lengths.unshift(events?.length ?? 0);
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
    if (runId === '') return lengths;
  }
}

describe('a journey of five years', () => {
  it('keeps every history short, from the first year to the last', async () => {
    const plan = await rig.publish({
      ...{ format: 1, key: 'years', name: 'Years', subject: 'patient' },
      ...{ entry: [{ on: 'manual' }], start: 'year' },
      steps: {
        year: { kind: 'repeat', times: years },
        invite: mail('Your yearly visit'),
        visit: {
          kind: 'wait',
          for: [
            { port: 'came', event: 'visit.done' },
            { port: 'late', after: 'PT3S' },
          ],
        },
        remind: mail('You have not come yet'),
        'visit-again': {
          kind: 'wait',
          for: [
            { port: 'came', event: 'visit.done' },
            { port: 'late', after: 'PT1S' },
          ],
        },
        rest: { kind: 'wait', for: [{ port: 'over', after: 'PT3S' }] },
        done: { kind: 'end', outcome: 'completed' },
      },
      edges: [
        { from: 'year', port: 'again', to: 'invite' },
        { from: 'invite', port: 'sent', to: 'visit' },
        { from: 'visit', port: 'came', to: 'rest' },
        { from: 'visit', port: 'late', to: 'remind' },
        { from: 'remind', port: 'sent', to: 'visit-again' },
        { from: 'visit-again', port: 'came', to: 'rest' },
        { from: 'visit-again', port: 'late', to: 'rest' },
        { from: 'rest', port: 'over', to: 'year' },
        { from: 'year', port: 'done', to: 'done' },
      ],
    });
    const runs = await Promise.all(
      Array.from({ length: people }, (_, index) => rig.start(plan, { key: `p${index}` })),
    );
    // Half of them come each year, once they are asleep; the others are reminded.
    const comes = (_: string, index: number): boolean => index % 2 === 0;
    await Promise.all(
      runs.filter(comes).map(async (run) => {
        for (let year = 1; year <= years; year += 1) {
          await rig.until(run, ({ positions: [at] }) => at?.step === 'visit' && at.visit === year);
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          await rig.send(run, 'visit.done');
        }
      }),
    );
    for (const run of runs) await rig.until(run, ({ status }) => status === 'ended');

    for (const [index, run] of runs.entries()) {
      const came = comes(run, index);
      const histories = await historiesOf(run);
      expect(Math.max(...histories)).toBeLessThanOrEqual(30);
      expect(histories.length).toBeGreaterThanOrEqual(years * 2); // each year it sleeps twice
      expect(Math.max(...histories.slice(-4))).toBeLessThanOrEqual(
        Math.max(...histories.slice(0, 4)),
      );
      const sent = await rig.sandbox.items({ to: `p${index}@`, limit: 50 });
      expect(sent).toHaveLength(came ? years : years * 2);
      const { items } = await rig.store.runs.trail(run, { limit: 1_000 });
      expect(items.map(({ seq }) => seq)).toEqual(items.map((_, seq) => seq));
      expect(items.filter(({ what, step }) => what === 'left' && step === 'rest')).toHaveLength(
        years,
      );
    }
  });
});
