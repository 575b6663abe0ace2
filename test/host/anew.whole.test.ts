import { calledJourneyOf, type RunEvent } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';

// A signal that comes while a run's last turn is stored makes Temporal refuse that turn: the workflow decides it anew, the
// signal first. What was stored of the first attempt did not come true.

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

/** Waits a second for a reply, which leads to the end, or to a wait for a second one. */
function asking(key: string, replies: 'one' | 'two'): JourneyDocument {
  const again: JourneyDocument['steps'] = {
    again: { kind: 'wait', for: [{ port: 'more', event: 'more' }] },
  };
  return {
    format: 1,
    key,
    name: key,
    subject: 'patient',
    entry: [{ on: 'manual' }],
    start: 'ask',
    steps: {
      ask: {
        kind: 'wait',
        for: [
          { port: 'reply', event: 'reply' },
          { port: 'over', after: 'PT1S' },
        ],
      },
      ...(replies === 'two' ? again : {}),
      replied: { kind: 'end', outcome: 'replied' },
      silent: { kind: 'end', outcome: 'silent' },
    },
    edges: [
      { from: 'ask', port: 'over', to: 'silent' },
      { from: 'ask', port: 'reply', to: replies === 'two' ? 'again' : 'replied' },
      ...(replies === 'two' ? [{ from: 'again', port: 'more', to: 'replied' }] : []),
    ],
  };
}

/**
 * Tells a run, in the moment in which its end is stored for the first time, of a reply that was accepted before that; then
 * does what is to be done while that end stands.
 */
function replyWhileEnding(
  isMeant: (runId: string) => boolean,
  meanwhile: (runId: string) => Promise<void> = () => Promise.resolve(),
): { endsStored: string[]; turns: number[] } {
  const { runs } = rig.store;
  const original = runs.checkpoint.bind(runs);
  const seen = { endsStored: [] as string[], turns: [] as number[] };
  runs.checkpoint = async (checkpoint) => {
    const { runId, state } = checkpoint;
    const isAnEnd = state.status === 'ended' && isMeant(runId);
    if (isAnEnd) {
      seen.endsStored.push(state.outcome ?? '');
      seen.turns.push(checkpoint.turn ?? 0);
    }
    if (!isAnEnd || seen.endsStored.length > 1) {
      await original(checkpoint);
      return;
    }
    const at = state.at - 200;
    const reply: RunEvent = {
      ...{ type: 'event.received', at, id: 'late-reply' },
      event: { id: 'late-reply', type: 'reply', source: 'test', acceptedAt: at, data: {} },
    };
    await rig.store.intake.put({ id: `${runId}/late-reply`, runId, at, message: reply });
    await rig.host.tell(runId, reply);
    await original(checkpoint);
    await meanwhile(runId);
  };
  return seen;
}

async function trailOf(runId: string): Promise<string[]> {
  const { items } = await rig.store.runs.trail(runId, { limit: 1_000 });
  expect(items.map((entry) => entry.seq)).toEqual(items.map((_, index) => index));
  return items.map(({ what, because: { port } }) =>
    typeof port === 'string' ? `${what} ${port}` : what,
  );
}

describe('a turn that is decided anew', () => {
  it('stands in the store as it came true, not as it was decided first', async () => {
    const plan = await rig.publish(asking('anew', 'one'));
    const seen = replyWhileEnding((id) => id === 'run-anew-p-anew');
    const runId = await rig.start(plan, { key: 'p-anew' });
    await rig.client.workflow.getHandle(runId).result();

    expect(seen.endsStored).toEqual(['silent', 'replied']);
    expect(seen.turns[1]).toBeGreaterThan(seen.turns[0] ?? Infinity); // so it stands whatever its revision is
    expect(await rig.store.runs.get(runId)).toMatchObject({ status: 'ended', outcome: 'replied' });
    expect(await trailOf(runId)).toEqual(
      'started,entered,waits,left reply,entered,ended'.split(','),
    );
  });

  it('takes an end back, and hears what comes while the end still stands', async () => {
    const plan = await rig.publish(asking('back', 'two'));
    const seen = replyWhileEnding(
      (id) => id === 'run-back-p-back',
      async (id) => {
        expect(await rig.store.runs.get(id)).toMatchObject({ status: 'ended', outcome: 'silent' });
        await rig.send(id, 'more');
      },
    );
    const runId = await rig.start(plan, { key: 'p-back' });
    await rig.until(runId, (run) => run.outcome === 'replied');

    expect(seen.endsStored).toEqual(['silent', 'replied']);
    expect(await trailOf(runId)).toEqual(
      'started,entered,waits,left reply,entered,waits,left more,entered,ended'.split(','),
    );
  });

  it('tells a caller of no end that does not come true', async () => {
    const child = await rig.publish(asking('child', 'one'));
    const plan = await rig.publish(
      {
        format: 1,
        key: 'parent',
        name: 'parent',
        subject: 'patient',
        entry: [{ on: 'manual' }],
        start: 'call',
        steps: {
          call: { kind: 'call', journey: 'child' },
          replied: { kind: 'end', outcome: 'replied' },
          silent: { kind: 'end', outcome: 'silent' },
        },
        edges: [
          { from: 'call', port: 'replied', to: 'replied' },
          { from: 'call', port: 'silent', to: 'silent' },
          { from: 'call', port: 'failed', to: 'silent' },
        ],
      },
      [calledJourneyOf(child, 1)],
    );
    const seen = replyWhileEnding((id) => id.startsWith('run-child-'));
    const runId = await rig.start(plan, { key: 'p-parent' });
    await rig.until(runId, (run) => run.status === 'ended');

    const called = await rig.store.runs.latestOfKey('child', `${runId}/call#1`);
    expect(called?.outcome).toBe(seen.endsStored.at(-1));
    expect(await rig.store.runs.get(runId)).toMatchObject({ outcome: called?.outcome });
  });
});
