import { definePlugin, done as completed, PluginError } from '@sojourn/plugin-kit';
import type { JourneyDocument, Step } from '@sojourn/schemas';
import { calledJourneyOf, type Plan } from '@sojourn/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepHistory } from '../support/kept-histories.ts';
import { referenceJourney } from '../support/reference-journey.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';
import { eventually } from '../support/stack.ts';

/** A channel that wants to be asked again at once, and then opens. */
let knocks = 0;
const hasty = definePlugin({
  ...{ id: 'hasty', version: '1.0.0', apiVersion: 1, name: 'Hasty' },
  actions: {
    knock: {
      ...{ title: 'Knock', schemaVersion: 1, outcomes: ['opened'], settles: 'now', contact: false },
      config: { type: 'object', additionalProperties: false, properties: {} },
      output: { type: 'object', additionalProperties: false, properties: {} },
      perform() {
        knocks += 1;
        if (knocks > 1) return Promise.resolve(completed('opened', {}));
        throw new PluginError({
          ...{ code: 'not-now', kind: 'rate-limited', detail: 'not now', retryAfterMs: 0 },
        });
      },
    },
  },
});

let servers: Servers;
let rig: Rig;

beforeAll(async () => {
  servers = await startServers();
  rig = await createRig(servers, { plugins: [hasty] });
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
});

async function trailOf(runId: string): Promise<string[]> {
  const { items } = await rig.store.runs.trail(runId, { limit: 1_000 });
  expect(items.map((entry) => entry.seq)).toEqual(items.map((_, index) => index));
  return items.map((entry) => entry.what);
}

async function endOf(runId: string, name: string, plan: Plan): Promise<void> {
  await rig.until(runId, (run) => run.status === 'ended');
  await rig.client.workflow.getHandle(runId).result();
  await keepHistory(rig, name, runId, plan);
}

const mail: Step = {
  kind: 'action',
  uses: 'email/send',
  purpose: 'support',
  with: { subject: 'Hi', body: 'Hello' },
};
const done: Step = { kind: 'end', outcome: 'completed' };

function aJourney(
  key: string,
  steps: Record<string, Step>,
  edges: [string, string, string][],
  more: Partial<JourneyDocument> = {},
): JourneyDocument {
  return {
    format: 1,
    key,
    name: key,
    subject: 'patient',
    entry: [{ on: 'manual' }],
    start: Object.keys(steps)[0] ?? '',
    steps: { ...steps, done },
    edges: edges.map(([from, port, to]) => ({ from, port, to })),
    ...more,
  };
}

describe('a run on Temporal', () => {
  it('walks the reference journey in at most 24 history events, with every decision stored', async () => {
    const plan = await rig.publish(referenceJourney);
    const runId = await rig.start(plan, { key: 'p1' });
    await endOf(runId, 'reference', plan);

    const history = await rig.client.workflow.getHandle(runId).fetchHistory();
    expect(history.events?.length).toBe(23); // as many as the same journey written by hand; 24 are allowed
    expect(await trailOf(runId)).toEqual(
      'started entered sent left entered waits left entered left entered sent left entered ended'.split(
        ' ',
      ),
    );
    expect(await rig.sandbox.items({ to: 'p1@', limit: 10 })).toHaveLength(2);
  });

  it('sleeps through a long wait with a history that never grows, and is woken by an event', async () => {
    const plan = await rig.publish(
      aJourney(
        'parked',
        {
          pause: {
            kind: 'wait',
            for: [
              { port: 'heard', event: 'x' },
              { port: 'over', after: 'P30D' },
            ],
          },
        },
        [
          ['pause', 'heard', 'done'],
          ['pause', 'over', 'done'],
        ],
      ),
    );
    const runId = await rig.start(plan, { key: 'p2' });
    await rig.until(runId, (run) => run.positions[0]?.step === 'pause');
    // The position is stored a moment before the run continues as new to sleep.
    await eventually(
      () => rig.client.workflow.getHandle(runId).describe(),
      ({ historyLength }) => historyLength === 1,
    );

    await rig.send(runId, 'x');
    await endOf(runId, 'woken-from-a-long-wait', plan);

    expect(await trailOf(runId)).toEqual('started entered waits left entered ended'.split(' '));
    const history = await rig.client.workflow.getHandle(runId).fetchHistory();
    expect(history.events?.length).toBeLessThanOrEqual(8);
  });

  it('stands still as an incident when an effect cannot be done, and goes on when it is retried', async () => {
    const plan = await rig.publish(aJourney('incident', { m: mail }, [['m', 'sent', 'done']]));
    const runId = await rig.start(plan, {
      key: 'p3',
      attributes: { email: 'refuse+p3@patients.example' },
    });
    await rig.until(runId, (run) => run.incidents.length === 1);
    expect((await rig.store.runs.get(runId))?.incidents[0]).toMatchObject({
      step: 'm',
      code: 'recipient-refused',
    });

    await rig.store.subjects.merge('patient', 'p3', { email: 'p3@patients.example' }, Date.now());
    await rig.store.effects.reopen(`${runId}/m#1`);
    await rig.command(runId, { type: 'retry', step: 'm' });
    await endOf(runId, 'incident-retried', plan);

    expect(await trailOf(runId)).toEqual(
      'started entered failed incident commanded sent left entered ended'.split(' '),
    );
    expect(await rig.sandbox.items({ to: 'p3@', limit: 10 })).toHaveLength(1);
  });

  it('does another effect when the retry comes with an edited input, and it once', async () => {
    const plan = await rig.publish(aJourney('edited', { m: mail }, [['m', 'sent', 'done']]));
    const runId = await rig.start(plan, {
      key: 'p3x',
      attributes: { email: 'refuse+p3x@patients.example' },
    });
    await rig.until(runId, (run) => run.incidents.length === 1);
    const input = { to: 'p3x@new.example' };
    await rig.command(runId, { type: 'retry', step: 'm', input });
    await endOf(runId, 'retried-with-other-input', plan);

    expect(await trailOf(runId)).toEqual(
      'started entered failed incident commanded sent left entered ended'.split(' '),
    );
    expect(await rig.sandbox.items({ to: 'p3x@new.example', limit: 10 })).toHaveLength(1);
    expect(await rig.store.effects.get(`${runId}/m#1`)).toMatchObject({
      outcome: { code: 'recipient-refused' },
    });
    expect(await rig.store.effects.get(`${runId}/m#1!1`)).toMatchObject({
      outcome: { outcome: 'sent' },
    });
  });

  it('computes with instants as the simulator does', async () => {
    const plan = await rig.publish({
      ...aJourney(
        'instants',
        {
          computes: {
            kind: 'set',
            vars: {
              began: 'now',
              startedBefore: "run.startedAt <= now && now < timestamp('2999-01-01T00:00:00Z')",
              again: 'timestamp(string(vars.given)) < now',
              later: "now + duration('1h') > now",
            },
          },
          w: { kind: 'wait', for: [{ port: 'over', at: { cel: "now + duration('1s')" } }] },
          after: {
            kind: 'set',
            vars: { waited: "steps['w'].at >= run.startedAt + duration('1s')" },
          },
        },
        [
          ['computes', 'next', 'w'],
          ['w', 'over', 'after'],
          ['after', 'next', 'done'],
        ],
      ),
      vars: {
        given: { type: 'string', default: '2020-01-08T01:00:00Z' },
        began: { type: 'string' },
        startedBefore: { type: 'boolean' },
        again: { type: 'boolean' },
        later: { type: 'boolean' },
        waited: { type: 'boolean' },
      },
    });
    const runId = await rig.start(plan, { key: 'p3i' });
    await rig.until(runId, (run) => run.status === 'ended' || run.incidents.length > 0);

    const run = await rig.store.runs.get(runId);
    expect(run?.incidents).toEqual([]);
    expect((await rig.store.runs.state(runId))?.vars).toEqual({
      ...{ given: '2020-01-08T01:00:00Z', began: new Date(run?.startedAt ?? 0).toISOString() },
      ...{ startedBefore: true, again: true, later: true, waited: true },
    });
  });

  it('keeps a retry that comes before the answer it is about', async () => {
    const plan = await rig.publish(aJourney('early', { m: mail }, [['m', 'sent', 'done']]));
    const runId = await rig.start(plan, {
      key: 'p3e',
      attributes: { email: 'refuse+p3e@patients.example' },
    });
    await rig.command(runId, { type: 'retry', step: 'm' });
    await eventually(
      async () => (await rig.store.runs.trail(runId, { limit: 1_000 })).items,
      (items) => items.filter((entry) => entry.what === 'incident').length === 2,
    );
    // What is seen may be foretold: an `end` that overtakes the answer would end the run before its second incident.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await rig.command(runId, { type: 'end' });
    await endOf(runId, 'retried-before-the-answer', plan);

    expect(await trailOf(runId)).toEqual(
      'started entered failed incident commanded failed incident commanded ended'.split(' '),
    );
  });

  it('stands still while it is held, and lets go what came true meanwhile', async () => {
    const plan = await rig.publish(
      aJourney('held', { w: { kind: 'wait', for: [{ port: 'over', after: 'PT1S' }] } }, [
        ['w', 'over', 'done'],
      ]),
    );
    const runId = await rig.start(plan, { key: 'p4' });
    await rig.command(runId, { type: 'hold' });
    await rig.until(runId, (run) => run.status === 'held');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await rig.store.runs.get(runId))?.positions[0]?.step).toBe('w');

    await rig.command(runId, { type: 'resume' });
    await endOf(runId, 'held-and-resumed', plan);

    expect((await trailOf(runId)).filter((what) => what === 'commanded')).toHaveLength(2);
  });

  it('goes two ways at once, and comes together again', async () => {
    const plan = await rig.publish(
      aJourney(
        'ways',
        {
          p: { kind: 'parallel', branches: ['a', 'b'] },
          a: mail,
          b: { kind: 'wait', for: [{ port: 'over', after: 'PT1S' }] },
          j: { kind: 'join', of: 'p' },
        },
        [
          ['p', 'a', 'a'],
          ['p', 'b', 'b'],
          ['a', 'sent', 'j'],
          ['b', 'over', 'j'],
          ['j', 'joined', 'done'],
        ],
      ),
    );
    const runId = await rig.start(plan, { key: 'p-ways' });
    await endOf(runId, 'parallel-and-join', plan);

    expect((await trailOf(runId)).filter((what) => what === 'arrived')).toHaveLength(2);
    expect(await rig.store.runs.get(runId)).toMatchObject({ outcome: 'completed', positions: [] });
  });

  it('gives up an effect that is not done by its deadline', async () => {
    const plan = await rig.publish(
      aJourney('deadline', { m: { ...mail, deadline: 'PT2S' } }, [
        ['m', 'sent', 'done'],
        ['m', 'timeout', 'done'],
      ]),
    );
    const runId = await rig.start(plan, {
      key: 'p-late',
      attributes: { email: 'later+late@patients.example' },
    });
    await endOf(runId, 'left-by-a-deadline', plan);

    const { items } = await rig.store.runs.trail(runId, { limit: 100 });
    expect(items.find((entry) => entry.what === 'left')?.because).toMatchObject({
      port: 'timeout',
      deadline: expect.any(String) as string,
    });
    expect(await rig.sandbox.items({ to: 'later+late', limit: 10 })).toHaveLength(0);
  });

  it('calls another journey, waits for its end and leaves by it; or ends it when it goes itself', async () => {
    const child = await rig.publish(
      aJourney(
        'called',
        {
          w: {
            kind: 'wait',
            for: [
              { port: 'over', after: 'P1Y' },
              { port: 'heard', event: 'answered' },
            ],
          },
        },
        [
          ['w', 'over', 'done'],
          ['w', 'heard', 'done'],
        ],
      ),
    );
    const plan = await rig.publish(
      aJourney(
        'caller',
        { c: { kind: 'call', journey: 'called' } },
        [
          ['c', 'completed', 'done'],
          ['c', 'failed', 'done'],
        ],
        { exits: [{ id: 'gone', event: 'gone', outcome: 'gone' }] },
      ),
      [calledJourneyOf(child, 1)],
    );
    const waitsForItsEnd = await rig.start(plan, { key: 'p-calls' });
    const goesItself = await rig.start(plan, { key: 'p-goes' });
    const childOf = async (runId: string): Promise<string> => {
      await rig.until(runId, (run) => run.positions[0]?.waitingFor === 'callback');
      const called = await rig.store.runs.latestOfKey('called', `${runId}/c#1`);
      if (!called) throw new Error('nobody was called');
      await rig.until(called.id, (run) => run.positions.length === 1);
      return called.id;
    };
    const [one, other] = [await childOf(waitsForItsEnd), await childOf(goesItself)];
    await rig.send(one, 'answered');
    await rig.send(goesItself, 'gone');
    await endOf(waitsForItsEnd, 'called-and-came-back', plan);
    await endOf(one, 'was-called-then-told', child);
    await endOf(goesItself, 'went-and-cancelled-the-call', plan);
    await rig.until(other, (run) => run.status === 'ended');

    expect(await rig.store.runs.get(waitsForItsEnd)).toMatchObject({ outcome: 'completed' });
    expect(await rig.store.runs.get(one)).toMatchObject({ outcome: 'completed' });
    expect(await rig.store.runs.get(other)).toMatchObject({ outcome: 'cancelled' });
  });

  it('leaves by an exit in the middle of a long wait', async () => {
    const plan = await rig.publish(
      aJourney(
        'exit',
        { w: { kind: 'wait', for: [{ port: 'over', after: 'P1Y' }] } },
        [['w', 'over', 'done']],
        {
          exits: [{ id: 'withdrawn', event: 'consent.withdrawn', outcome: 'withdrawn' }],
        },
      ),
    );
    const runId = await rig.start(plan, { key: 'p5' });
    await rig.until(runId, (run) => run.positions[0]?.step === 'w');
    const told = Date.now();

    await rig.send(runId, 'consent.withdrawn');
    await endOf(runId, 'left-by-an-exit', plan);

    expect(Date.now() - told).toBeLessThan(5_000);
    expect(await rig.store.runs.get(runId)).toMatchObject({ outcome: 'withdrawn', positions: [] });
  });

  it('tries again when a plugin asks for no pause at all', async () => {
    const plan = await rig.publish(
      aJourney('no-pause', { m: { kind: 'action', uses: 'hasty/knock', with: {} } }, [
        ['m', 'opened', 'done'],
      ]),
    );
    const runId = await rig.start(plan, { key: 'p14' });
    await rig.until(runId, (run) => run.status === 'ended' || run.incidents.length > 0);

    expect(await trailOf(runId)).toEqual('started entered settled left entered ended'.split(' '));
  });

  it('is seen where it stands while an effect is tried again, and withdraws the effect when it ends', async () => {
    const retry = { attempts: 30, firstDelay: 'PT2S', factor: 1 };
    const plan = await rig.publish(
      aJourney('withdrawn-effect', { m: { ...mail, retry } }, [['m', 'sent', 'done']], {
        exits: [{ id: 'stop', event: 'stop', outcome: 'stopped' }],
      }),
    );
    const runId = await rig.start(plan, {
      key: 'p7',
      attributes: { email: 'later+p7@patients.example' },
    });
    await rig.until(runId, (run) => run.positions[0]?.step === 'm');
    await rig.command(runId, { type: 'hold' });
    await rig.until(runId, (run) => run.status === 'held');
    const told = Date.now();

    await rig.send(runId, 'stop');
    await rig.until(runId, (run) => run.status === 'ended');
    expect(Date.now() - told).toBeLessThan(2_000);
    await rig.store.subjects.merge('patient', 'p7', { email: 'p7@patients.example' }, Date.now());
    await endOf(runId, 'withdrawn-effect', plan);

    expect(await rig.sandbox.items({ to: 'p7@', limit: 10 })).toEqual([]);
    expect(await trailOf(runId)).toEqual(
      'started entered commanded exited ended settled-after-end'.split(' '),
    );
  });

  it('ends for good when it is ended while a long retry begins', async () => {
    const retry = { attempts: 5, firstDelay: 'PT1S', factor: 10, maxDelay: 'PT1H' };
    const plan = await rig.publish(
      aJourney('ended-while-retried', { m: { ...mail, retry } }, [['m', 'sent', 'done']]),
    );
    const runIds = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const runId = await rig.start(plan, {
          key: `z${index}`,
          attributes: { email: `later+z${index}@patients.example` },
        });
        await new Promise((resolve) => setTimeout(resolve, 11_000 + index * 60)); // about when the wait of 100 s begins
        await rig.command(runId, { type: 'end' });
        return runId;
      }),
    );
    for (const runId of runIds) {
      await endOf(runId, 'ended-while-retried', plan);
      expect((await rig.store.runs.get(runId))?.positions).toEqual([]);
      expect((await trailOf(runId)).filter((what) => what === 'ended')).toHaveLength(1);
    }
  });

  it('keeps trail and position right when events come while an effect is performed', async () => {
    const plan = await rig.publish(
      aJourney(
        'events-meanwhile',
        {
          m: mail,
          w: {
            kind: 'wait',
            for: [
              { port: 'heard', event: 'x' },
              { port: 'over', after: 'PT10S' },
            ],
          },
          n: mail,
        },
        [
          ['m', 'sent', 'w'],
          ['w', 'heard', 'n'],
          ['w', 'over', 'n'],
          ['n', 'sent', 'done'],
        ],
      ),
    );
    const runIds = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const runId = await rig.start(plan, { key: `q${index}` });
        await Promise.all([
          rig.send(runId, 'x', { n: index }),
          rig.send(runId, 'unheard.of'),
          rig.send(runId, 'x', { n: -index }),
        ]);
        return runId;
      }),
    );
    for (const runId of runIds) await rig.until(runId, (run) => run.status === 'ended');
    await endOf(runIds[0] ?? '', 'events-meanwhile', plan);

    for (const [index, runId] of runIds.entries()) {
      const words = await trailOf(runId);
      expect(words.filter((what) => what === 'sent')).toHaveLength(2);
      expect(words.at(-1)).toBe('ended');
      expect(await rig.sandbox.items({ to: `q${index}@`, limit: 10 })).toHaveLength(2);
    }
  });

  it('continues as new before its history grows long, and loses nothing on the way', async () => {
    const plan = await rig.publish(
      aJourney(
        'many-rounds',
        {
          r: { kind: 'repeat', times: 60 },
          w: { kind: 'wait', for: [{ port: 'heard', event: 'x' }] },
        },
        [
          ['r', 'again', 'w'],
          ['w', 'heard', 'r'],
          ['r', 'done', 'done'],
        ],
      ),
    );
    const runId = await rig.start(plan, { key: 'p6' });
    for (let round = 0; round < 60; round += 1) await rig.send(runId, 'x', { round });
    await endOf(runId, 'many-rounds', plan);

    const words = await trailOf(runId);
    expect(words.filter((what) => what === 'left')).toHaveLength(121);
    const history = await rig.client.workflow.getHandle(runId).fetchHistory();
    expect(history.events?.length).toBeLessThanOrEqual(200);
  });
});
