import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { calledJourneyOf, positionsOf, transition, type Plan } from '@sojourn/engine';
import type { JourneyDocument, Step } from '@sojourn/schemas';
import type { RunningWorker } from '@sojourn/temporal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';
import { eventually } from '../support/stack.ts';

const execute = promisify(execFile);
const bin = fileURLToPath(new URL('../../platform/cli/bin/sojourn.mjs', import.meta.url));

let servers: Servers;
let rig: Rig;
let worker: RunningWorker;

beforeAll(async () => {
  servers = await startServers();
  rig = await createRig(servers, { worker: false });
  worker = await rig.beginWorker();
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
});

const mail = (purpose: 'support' | 'marketing' = 'support'): Step => ({
  ...{ kind: 'action', uses: 'email/send', purpose },
  with: { subject: 'Hi', body: 'Hello' },
});
const hears = (event: string, ...more: object[]): Step =>
  ({ kind: 'wait', for: [{ port: 'heard', event }, ...more] }) as Step;

function aJourney(
  key: string,
  steps: Record<string, Step>,
  edges: [string, string, string][],
): JourneyDocument {
  return {
    ...{ format: 1, key, name: key, subject: 'patient', entry: [{ on: 'manual' }] },
    start: Object.keys(steps)[0] ?? '',
    steps: { ...steps, done: { kind: 'end', outcome: 'completed' } },
    edges: edges.map(([from, port, to]) => ({ from, port, to })),
  };
}

/** Runs `sojourn rebuild` as an operator does. */
async function rebuild(): Promise<{ code: number; said: string }> {
  const env = {
    ...process.env,
    ...{ MONGODB_URI: servers.mongoUri, TEMPORAL_ADDRESS: servers.temporalAddress },
    ...{ SOJOURN_KEY: 'the key of the tests', SOJOURN_HOME: join(tmpdir(), 'sojourn-no-home') },
  };
  try {
    const { stdout, stderr } = await execute(process.execPath, [bin, 'rebuild'], { env });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

const each = 25;
const start = (plan: Plan, name: string, address = `${name}%@patients.example`) =>
  Promise.all(
    Array.from({ length: each }, (_, index) =>
      rig.start(plan, {
        key: `${name}${index}`,
        attributes: { email: address.replace('%', String(index)) },
      }),
    ),
  );
const all = async (runs: string[], what: (run: string, index: number) => Promise<unknown>) => {
  await Promise.all(runs.map(what));
};

describe('200 runs whose Temporal database was deleted', () => {
  it('go on where they were and end, with no mail sent twice', async () => {
    await rig.store.policies.put(
      {
        ...{ kind: 'cap', key: 'cap', name: 'Cap', enabled: true, purposes: ['marketing'] },
        ...{ limit: 1, per: 'PT30S', over: 'all' },
      },
      0,
      'owner',
      0,
    );
    const parked = await rig.publish(
      aJourney('parked', { a: mail(), w: hears('x', { port: 'over', after: 'P1Y' }), b: mail() }, [
        ['a', 'sent', 'w'],
        ['w', 'heard', 'b'],
        ['w', 'over', 'done'],
        ['b', 'sent', 'done'],
      ]),
    );
    const deferred = await rig.publish(
      aJourney('deferred', { a: mail('marketing'), b: mail('marketing') }, [
        ['a', 'sent', 'b'],
        ['b', 'sent', 'done'],
      ]),
    );
    const stuck = await rig.publish(aJourney('stuck', { a: mail() }, [['a', 'sent', 'done']]));
    const listening = await rig.publish(
      aJourney('listening', { w: hears('x'), a: mail() }, [
        ['w', 'heard', 'a'],
        ['a', 'sent', 'done'],
      ]),
    );
    const called = await rig.publish(
      aJourney('called', { a: mail(), w: hears('x') }, [
        ['a', 'sent', 'w'],
        ['w', 'heard', 'done'],
      ]),
    );
    const calling = await rig.publish(
      aJourney('calling', { c: { kind: 'call', journey: 'called' }, a: mail() }, [
        ['c', 'completed', 'a'],
        ['c', 'failed', 'done'],
        ['a', 'sent', 'done'],
      ]),
      [calledJourneyOf(called, 1)],
    );
    const busy = await rig.publish(
      aJourney('busy', { a: mail(), b: mail(), c: mail(), d: mail() }, [
        ['a', 'sent', 'b'],
        ['b', 'sent', 'c'],
        ['c', 'sent', 'd'],
        ['d', 'sent', 'done'],
      ]),
    );

    // Given: runs of eight kinds, each where it is to be when the database goes.
    const sleepers = await start(parked, 'sleeper');
    const held = await start(parked, 'held');
    const later = await start(deferred, 'later-');
    const incidents = await start(stuck, 'stuck', 'refuse+stuck%@patients.example');
    const listeners = await start(listening, 'listener');
    const callers = await start(calling, 'caller');
    const here = (runs: string[], isThere: Parameters<Rig['until']>[1]) =>
      all(runs, (run) => rig.until(run, isThere));
    const at = (step: string) => (run: { positions: { step: string }[] }) =>
      run.positions[0]?.step === step;
    await here([...sleepers, ...held, ...listeners], at('w'));
    await all(held, (run) => rig.command(run, { type: 'hold' }));
    await here(held, (run) => run.status === 'held');
    await here(later, (run) => run.positions[0]?.waitingFor === 'deferral');
    await here(incidents, (run) => run.incidents.length === 1);
    await here(callers, (run) => run.positions[0]?.waitingFor === 'callback');
    const children = await Promise.all(
      callers.map(async (run) => {
        const child = await rig.store.runs.latestOfKey('called', `${run}/c#1`);
        return child?.id ?? '';
      }),
    );
    await here(children, at('w'));
    const busyOnes = await start(busy, 'busy');
    await rig.until(busyOnes[0] ?? '', at('b'));
    await worker.stop();
    // Nobody hears these two: what Temporal was told, and did not hand on, is lost with it.
    const [told, silent] = [listeners.slice(0, 5), callers.slice(0, 5)];
    await all(told, (run) => rig.send(run, 'x'));
    for (const run of told)
      for (const { id } of await rig.store.intake.messagesOf(run))
        await rig.store.intake.markDelivered(id);
    await all(silent, async (_, index) => {
      const child = children[index] ?? '';
      const [state, run] = [await rig.store.runs.state(child), await rig.store.runs.get(child)];
      if (!state || !run) throw new Error(`${child} is not in the store`);
      const event = { id: 'x', type: 'x', source: 'test', acceptedAt: Date.now(), data: {} };
      const next = transition(called, state, {
        ...{ type: 'event.received', at: Date.now(), id: 'x', event },
      });
      await rig.store.runs.checkpoint({
        ...{ runId: child, journey: 'called', version: 1, state: next.state, trail: next.trail },
        ...{ positions: positionsOf(next.state), incidents: [], turn: (run.turn ?? 0) + 1 },
      }); // it ended, and its caller was not told
    });

    // When
    const open = await rig.store.runs.count({ status: 'active' });
    const standing = open + (await rig.store.runs.count({ status: 'held' }));
    expect(standing).toBeGreaterThanOrEqual(7 * each);
    await servers.wipeTemporal();
    worker = await rig.beginWorker();
    const first = await rebuild();

    // Then
    expect(first.code).toBe(0);
    expect(first.said).toMatch(new RegExp(`started again +${standing},`));
    expect(first.said).toMatch(/already there +0\n/);
    for (const run of [sleepers[0], held[0], incidents[0], listeners.at(-1)])
      expect(
        (await rig.client.workflow.getHandle(run ?? '').describe()).historyLength,
      ).toBeLessThanOrEqual(1); // asleep: nothing has run yet
    const again = await rebuild();
    expect(again.code).toBe(0);
    expect(again.said).toMatch(/started again +0,/);

    await all(sleepers, (run) => rig.send(run, 'x'));
    await all(held, (run) => rig.command(run, { type: 'resume' }));
    await all(held, (run) => rig.send(run, 'x'));
    await all(listeners.slice(told.length), (run) => rig.send(run, 'x'));
    await all(children.slice(silent.length), (run) => rig.send(run, 'x'));
    await all(incidents, async (run, index) => {
      const email = `stuck${index}@patients.example`;
      await rig.store.subjects.merge('patient', `stuck${index}`, { email }, Date.now());
      await rig.store.effects.reopen(`${run}/a#1`);
      await rig.command(run, { type: 'retry', step: 'a' });
    });
    const everybody = [sleepers, held, later, incidents, listeners, callers, children, busyOnes];
    await here(everybody.flat(), (run) => run.status === 'ended');

    for (const run of everybody.flat())
      expect(await rig.store.runs.get(run)).toMatchObject({ outcome: 'completed' });
    const mailsTo = async (name: string): Promise<number[]> => {
      const counts: number[] = [];
      for (let index = 0; index < each; index += 1)
        counts.push((await rig.sandbox.items({ to: `${name}${index}@`, limit: 20 })).length);
      return counts;
    };
    const expected = {
      sleeper: 2,
      held: 2,
      'later-': 2,
      stuck: 1,
      listener: 1,
      caller: 2,
      busy: 4,
    };
    for (const [name, count] of Object.entries(expected))
      expect([name, await mailsTo(name)]).toEqual([
        name,
        Array.from({ length: each }, () => count),
      ]);
    const { said } = await eventually(rebuild, ({ code }) => code === 0);
    expect(said).toMatch(/started again +0,[^]*already there +0\n/); // nobody is open any more
  });
});
