import type { PolicyDocument } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const perMs = 4_000;
const cap: PolicyDocument = {
  ...{ kind: 'cap', key: 'cap', name: 'Cap', enabled: true, purposes: ['marketing'] },
  ...{ limit: 1, per: `PT${perMs / 1_000}S`, over: 'all' },
};

/** A journey of one offer. */
const publish = (key: string) =>
  rig.publish({
    format: 1,
    key,
    name: key,
    subject: 'patient',
    entry: [{ on: 'manual' }],
    start: 'm',
    steps: {
      m: {
        kind: 'action',
        uses: 'email/send',
        purpose: 'marketing',
        with: { subject: 'Hi', body: 'Hello' },
      },
      done: { kind: 'end', outcome: 'completed' },
    },
    edges: [{ from: 'm', port: 'sent', to: 'done' }],
  });

describe('a cap on Temporal', () => {
  it('lets contacts of one person out one after another, each as soon as there is room', async () => {
    await rig.store.policies.put(cap, 0, 'owner', 0);
    const journeys = await Promise.all(['one', 'two', 'three'].map(publish));

    const runs = await Promise.all(journeys.map((plan) => rig.start(plan, { key: 'p1' })));
    for (const run of runs) await rig.until(run, ({ status }) => status === 'ended');

    const places = await rig.store.contacts.of('patient', 'p1');
    expect(places.map(({ sent }) => sent)).toEqual([true, true, true]);
    const pauses = places.slice(1).map(({ at }, index) => at - (places[index]?.at ?? 0));
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(perMs);
    const trails = await Promise.all(
      runs.map(async (run) => (await rig.store.runs.trail(run, { limit: 50 })).items),
    );
    const deferrals = trails.flat().filter(({ what }) => what === 'deferred');
    expect(deferrals.length).toBeGreaterThanOrEqual(3); // one waits once, one twice
    for (const { because } of deferrals) expect(because).toMatchObject({ code: 'cap-reached' });
    expect(await rig.sandbox.items({ to: 'p1@', limit: 10 })).toHaveLength(3);
  });
});
