import type { JourneyDocument } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';

// Whoever was away for a while is told everything at once: that a timer fired, and what came in meanwhile. A run's wait is then
// over twice.

let servers: Servers;
let rig: Rig;

beforeAll(async () => {
  servers = await startServers();
  rig = await createRig(servers, { worker: false });
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
});

/** Waits four seconds for a word, and writes whether it comes or not. */
const document: JourneyDocument = {
  format: 1,
  key: 'together',
  name: 'Together',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  start: 'listen',
  steps: {
    listen: {
      kind: 'wait',
      for: [
        { port: 'over', after: 'PT4S' },
        { port: 'heard', event: 'word' },
      ],
    },
    write: {
      kind: 'action',
      uses: 'email/send',
      purpose: 'support',
      with: { subject: 'Hi', body: 'Hello' },
    },
    done: { kind: 'end', outcome: 'written' },
  },
  edges: [
    { from: 'listen', port: 'over', to: 'write' },
    { from: 'listen', port: 'heard', to: 'write' },
    { from: 'write', port: 'sent', to: 'done' },
  ],
};

describe('a timer that fired, and a message, in one task of the workflow', () => {
  it('lead on, and what comes of the action afterwards is heard', async () => {
    const plan = await rig.publish(document);
    const worker = await rig.beginWorker();
    const runs = new Map<string, string>();
    for (const event of ['word', 'something-else']) {
      const runId = await rig.start(plan, { key: event });
      await rig.until(runId, (run) => run.positions[0]?.step === 'listen');
      runs.set(event, runId);
    }
    await worker.stop();
    await new Promise((resolve) => setTimeout(resolve, 5_000)); // both timers fire
    for (const [event, runId] of runs) await rig.send(runId, event);

    await rig.beginWorker();
    for (const [event, runId] of runs) {
      await rig.until(runId, (run) => run.status === 'ended');
      expect(await rig.store.runs.get(runId)).toMatchObject({ outcome: 'written' });
      expect(await rig.sandbox.items({ to: `${event}@`, limit: 10 })).toHaveLength(1);
    }
  });
});
