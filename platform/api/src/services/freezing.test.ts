import { compile, initialState, transition, type Plan, type RunEvent } from '@sojourn/engine';
import { createMemoryStore, type Store } from '@sojourn/store';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFreezing, type Freezing } from './freezing.ts';

const document = {
  format: 1,
  key: 'j',
  name: 'J',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  start: 'w',
  steps: {
    w: { kind: 'wait', for: [{ port: 'over', after: 'P1D' }] },
    done: { kind: 'end', outcome: 'done' },
  },
  edges: [{ from: 'w', port: 'over', to: 'done' }],
};

let store: Store;
let plan: Plan;
let told: string[];
let away: number;
beforeEach(async () => {
  store = createMemoryStore();
  told = [];
  away = 0;
  const compiled = compile(document, { manifests: [], timeZone: 'UTC', now: 0 }).plan;
  if (!compiled) throw new Error('no plan');
  plan = compiled;
  for (const key of ['a', 'b', 'c']) {
    const subject = { type: 'patient', key };
    const first = initialState(plan, {
      runId: key,
      key,
      subject: { ...subject, attributes: {} },
      entry: {},
      at: Date.now(),
    });
    const run = {
      id: key,
      journey: 'j',
      version: 1,
      planHash: plan.hash,
      subject,
      key,
      ordinal: 1,
    };
    await store.runs.insert(
      {
        ...run,
        status: 'active',
        startedAt: Date.now(),
        positions: [],
        incidents: [],
        revision: 0,
      },
      first,
    );
    await handle(key, { type: 'run.started', at: Date.now() });
  }
});

/** A host that is not Temporal: what a run is told, it does. */
async function handle(runId: string, message: RunEvent): Promise<void> {
  const state = await store.runs.state(runId);
  if (!state) throw new Error(`no run ${runId}`);
  const next = transition(plan, state, message);
  if (next.state === state) return;
  await store.runs.checkpoint({
    ...{ runId, journey: 'j', version: 1, state: next.state, trail: next.trail },
    positions: [],
    incidents: [],
  });
}

function aFreezing(): Freezing {
  return createFreezing({
    store,
    enrolment: {
      deliver: async (runId, _messageId, message) => {
        if (away > 0) away -= 1;
        else await handle(runId, message);
        told.push(`${runId} ${message.type === 'command.given' ? message.command.type : ''}`);
      },
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: Date.now,
    pause: () => new Promise((resolve) => setTimeout(resolve, 1)),
  });
}

const frozen = async () =>
  (await Promise.all(['a', 'b', 'c'].map((id) => store.runs.state(id)))).map(
    (state) => state?.frozen === true,
  );
/** However busy the machine is. */
const settled = () =>
  expect.poll(() => store.settings.get('freezing'), { timeout: 10_000 }).toEqual({});

describe('a journey that is frozen', () => {
  it('has everybody stand still, and lets them go again', async () => {
    const freezing = aFreezing();
    await freezing.want('j', true);
    await settled();
    expect(await frozen()).toEqual([true, true, true]);
    expect(told).toEqual(['c freeze', 'b freeze', 'a freeze']);

    await freezing.want('j', false);
    await settled();
    expect(await frozen()).toEqual([false, false, false]);
    freezing.close();
  });

  it('tells those again who could not be told, also after a restart (Z1)', async () => {
    away = 2;
    const first = aFreezing();
    await first.want('j', true);
    first.close();
    const second = aFreezing();
    await second.resume();
    await settled();

    expect(await frozen()).toEqual([true, true, true]);
    second.close();
  });

  it('does what was wanted last', async () => {
    const freezing = aFreezing();
    await freezing.want('j', true);
    await freezing.want('j', false);
    await settled();

    expect(await frozen()).toEqual([false, false, false]);
    freezing.close();
  });
});
