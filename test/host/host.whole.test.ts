import type { JourneyDocument } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceJourney } from '../support/reference-journey.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';

let servers: Servers;
let rig: Rig;

beforeAll(async () => {
  servers = await startServers();
  rig = await createRig(servers);
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
});

describe('a run on Temporal', () => {
  it('walks the reference journey in at most 24 history events, with every decision stored', async () => {
    const plan = await rig.publish(referenceJourney);
    const runId = await rig.start(plan, { key: 'p1' });
    await rig.until(runId, (run) => run.status === 'ended');
    await rig.client.workflow.getHandle(runId).result();

    const history = await rig.client.workflow.getHandle(runId).fetchHistory();
    const trail = await rig.store.runs.trail(runId, { limit: 100 });
    expect(history.events?.length).toBeLessThanOrEqual(24);
    expect(trail.items.map((entry) => entry.seq)).toEqual(trail.items.map((_, index) => index));
    expect(trail.items.map((entry) => entry.what)).toEqual(
      'started entered sent left entered waits left entered left entered sent left entered ended'.split(
        ' ',
      ),
    );
    expect(await rig.sandbox.items({ to: 'p1@', limit: 10 })).toHaveLength(2);
  });

  it('goes on by an event, however it was parked', async () => {
    const document: JourneyDocument = {
      ...referenceJourney,
      key: 'parked',
      start: 'pause',
      steps: {
        pause: {
          kind: 'wait',
          for: [
            { port: 'heard', event: 'x' },
            { port: 'over', after: 'P30D' },
          ],
        },
        done: { kind: 'end', outcome: 'completed' },
      },
      edges: [
        { from: 'pause', port: 'heard', to: 'done' },
        { from: 'pause', port: 'over', to: 'done' },
      ],
    };
    const runId = await rig.start(await rig.publish(document), { key: 'p2' });
    await rig.until(runId, (run) => run.positions[0]?.step === 'pause');

    await rig.send(runId, 'x');
    await rig.until(runId, (run) => run.status === 'ended');

    const { items } = await rig.store.runs.trail(runId, { limit: 100 });
    expect(items.map((entry) => entry.what)).toEqual(
      'started entered waits left entered ended'.split(' '),
    );
  });
});
