import {
  compile,
  initialState,
  transition,
  type Plan,
  type PlanAction,
  type RunState,
  type Token,
} from '@sojourn/engine';
import {
  accepted,
  createRegistry,
  definePlugin,
  done,
  PluginError,
  type ActionDefinition,
  type PerformRequest as PluginRequest,
} from '@sojourn/plugin-kit';
import type { JourneyDocument } from '@sojourn/schemas';
import { createMemoryStore, type Store } from '@sojourn/store';
import { beforeEach, describe, expect, it } from 'vitest';
import { answered, aWorker } from '../test-support/worker.ts';
import type { ActivityDependencies } from './dependencies.ts';

const begin = Date.parse('2027-01-08T01:00:00Z');

const document: JourneyDocument = {
  format: 1,
  key: 'one-send',
  name: 'One send',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  start: 'm',
  steps: {
    m: {
      kind: 'action',
      uses: 'post/send',
      purpose: 'support',
      with: { text: 'Hi {{ subject.givenName }}', count: { cel: 'entry.n + 1' } },
      expires: 'P2D',
      retry: { attempts: 3, firstDelay: 'PT30S', factor: 10, maxDelay: 'PT1H' },
    },
    end: { kind: 'end', outcome: 'done' },
  },
  edges: [{ from: 'm', port: 'sent', to: 'end' }],
};

/** A channel whose doings a test decides, and that notes what it was asked. */
function aChannel(change: Partial<ActionDefinition> = {}) {
  const asked: PluginRequest[] = [];
  const plugin = definePlugin({
    id: 'post',
    version: '1.0.0',
    apiVersion: 1,
    name: 'Post',
    actions: {
      send: {
        title: 'Send',
        schemaVersion: 1,
        config: {
          type: 'object',
          additionalProperties: false,
          properties: {
            text: { type: 'string', 'x-template': true, contentMediaType: 'text/plain' },
            count: { type: 'integer' },
          },
        },
        output: {
          type: 'object',
          additionalProperties: false,
          properties: { id: { type: 'string' } },
        },
        outcomes: ['sent'],
        whenSuppressed: 'sent',
        settles: 'now',
        contact: true,
        perform: (request) => {
          asked.push(request);
          return Promise.resolve(done('sent', { id: '1' }));
        },
        ...change,
      },
    },
  });
  return { plugin, asked };
}

describe('performing an effect', () => {
  let store: Store;
  let now: number;
  let plan: Plan;
  let state: RunState;

  beforeEach(async () => {
    store = createMemoryStore();
    now = begin;
    const compiled = compile(document, {
      manifests: createRegistry([aChannel().plugin]).manifests(),
      timeZone: 'UTC',
      now,
    });
    if (!compiled.plan) throw new Error(JSON.stringify(compiled.diagnostics));
    plan = compiled.plan;
    const subject = { type: 'patient', key: 'p1' };
    await store.subjects.merge('patient', 'p1', { givenName: 'Ada' }, now);
    const initial = initialState(plan, {
      runId: 'r1',
      key: 'p1',
      subject: { ...subject, attributes: {} },
      entry: { n: 1 },
      at: now,
    });
    await store.runs.insert(
      {
        id: 'r1',
        journey: 'one-send',
        version: 1,
        planHash: plan.hash,
        subject,
        key: 'p1',
        ordinal: 1,
        status: 'active',
        startedAt: now,
        positions: [],
        incidents: [],
        revision: 0,
      },
      initial,
    );
    const first = transition(plan, initial, { type: 'run.started', at: now });
    state = first.state;
    pending = first.trail;
  });

  let pending: ReturnType<typeof transition>['trail'];

  const perform = (
    channel: ReturnType<typeof aChannel>,
    change: { alone?: boolean; effect?: string } = {},
    more: Partial<ActivityDependencies> = {},
  ) =>
    aWorker({ store, plan, plugin: channel.plugin, clock: () => now, more }).performEffect({
      ...{ planHash: plan.hash, state, pending, effect: 'm#1', step: 'm', visit: 1, alone: true },
      ...change,
    });
  const attempt = async (...given: Parameters<typeof perform>) => answered(await perform(...given));

  const failing = (error: Error, more: Partial<ActionDefinition> = {}) =>
    aChannel({ perform: () => Promise.reject(error), ...more });
  const failure = (kind: PluginError['kind'], retryAfterMs?: number) =>
    new PluginError({
      code: 'broken',
      kind,
      detail: 'broken',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });

  it('renders and checks the config, and hands the effect’s name to the provider (P1)', async () => {
    const channel = aChannel();
    await attempt(channel);

    expect(channel.asked).toMatchObject([
      {
        config: { text: 'Hi Ada', count: 2 },
        idempotencyKey: 'r1/m#1',
        attempt: 1,
        purpose: 'support',
      },
    ]);
    expect(channel.asked[0]?.callbackUrl).toBeUndefined(); // it takes no callbacks
  });

  it('is found by the provider’s reference under the default connection, where the step names none', async () => {
    const step = plan.steps['m'] as PlanAction;
    plan = {
      ...plan,
      steps: { ...plan.steps, m: { ...step, needsConnection: true, settles: 'later' } },
    };
    await store.connections.insert({
      ...{ id: 'main-post', plugin: 'post', type: 'line', name: 'Post', default: true },
      ...{ settings: {}, limits: {}, createdAt: now, updatedAt: now },
    });

    await attempt(aChannel({ perform: () => Promise.resolve(accepted('parcel-7')) }));

    expect((await store.effects.byReference('main-post', 'parcel-7'))?.id).toBe('r1/m#1');
  });

  it('is performed where what names no connection is, when its own is the default (P9)', async () => {
    const step = plan.steps['m'] as PlanAction;
    const named = { ...step, connection: 'main-post', needsConnection: true };
    plan = { ...plan, steps: { ...plan.steps, m: named } };
    await store.connections.insert({
      ...{ id: 'main-post', plugin: 'post', type: 'line', name: 'Post', default: true },
      ...{ settings: {}, limits: {}, createdAt: now, updatedAt: now },
    });
    const queues = { own: () => 'plugin.post.main-post', isServed: () => Promise.resolve(true) };
    const channel = aChannel();

    expect(await perform(channel, {}, { queues })).toEqual({ queue: 'plugin.post.default' });
    expect(channel.asked).toEqual([]);
    expect((await attempt(channel)).event.type).toBe('effect.settled');

    const standing = await store.connections.get('main-post');
    if (standing) await store.connections.replace({ ...standing, default: false });
    const other = await perform(channel, { effect: 'm#1' }, { queues });
    expect(other).toHaveProperty('event');
  });

  it('tells a plugin that takes callbacks where its end may be reported', async () => {
    const channel = aChannel();
    const callbacks = {
      verify: () => Promise.resolve(true),
      receive: () => Promise.resolve([]),
    };
    await attempt({
      ...channel,
      plugin: { ...channel.plugin, callbacks } as typeof channel.plugin,
    });

    expect(channel.asked[0]?.callbackUrl).toBe('https://sojourn.example/callbacks/r1/m#1');
  });

  it('asks the connection that an attempt used what became of it, whatever the default is now (P8)', async () => {
    const step = plan.steps['m'] as PlanAction;
    plan = { ...plan, steps: { ...plan.steps, m: { ...step, needsConnection: true } } };
    const line = (id: string, isDefault: boolean) => ({
      ...{ id, plugin: 'post', type: 'line', name: id, default: isDefault },
      ...{ settings: {}, limits: {}, createdAt: now, updatedAt: now },
    });
    await store.connections.insert(line('first', true));
    const lines: string[] = [];
    const channel = aChannel({
      perform: () => Promise.reject(failure('unknown-outcome')),
      reconcile: (_, { connection }) => {
        lines.push(connection.id);
        return Promise.resolve(done('sent', { id: '1' }));
      },
    });
    await expect(attempt(channel)).rejects.toThrow();
    await store.connections.insert(line('second', true));
    await store.connections.replace(line('first', false));

    const { event } = await attempt(channel);

    expect(event).toMatchObject({ type: 'effect.settled' });
    expect(lines).toEqual(['first']);
  });

  it('is withdrawn where its own run no longer stands, and is not tried for ever (P6)', async () => {
    state = { ...state, tokens: [] };
    const channel = aChannel();

    const answer = await attempt(channel);

    expect(answer).toMatchObject({
      event: { type: 'effect.suppressed', because: { code: 'withdrawn' } },
      stored: false,
    });
    expect(channel.asked).toEqual([]);
  });

  it('says which reading of the person its attributes are of', async () => {
    const { subject } = await store.subjects.merge('patient', 'p1', { n: 2 }, now);

    const { event } = await attempt(aChannel());

    expect(event).toMatchObject({ subjectRevision: subject.revision });
  });

  it('gives what an operator edited in place of what the designer wrote', async () => {
    const [token] = state.tokens;
    const edited = { times: 1, input: { text: 'Dear {{ subject.givenName }}', count: null } };
    state = { ...state, tokens: [{ ...token, edited } as Token] };
    const channel = aChannel();

    await attempt(channel, { effect: 'm#1!1' });

    expect(channel.asked).toMatchObject([
      { config: { text: 'Dear Ada' }, idempotencyKey: 'r1/m#1!1' },
    ]);
    expect(channel.asked[0]?.config).not.toHaveProperty('count');
  });

  it('stores outcome, position and the whole trail of what it predicts (P5)', async () => {
    const answer = await attempt(aChannel());

    expect(answer.stored).toBe(true);
    expect(await store.runs.get('r1')).toMatchObject({
      status: 'ended',
      outcome: 'done',
      positions: [],
    });
    const { items } = await store.runs.trail('r1', { limit: 50 });
    expect(items.map(({ what }) => what)).toEqual([
      'started',
      'entered',
      'sent',
      'left',
      'entered',
      'ended',
    ]);
  });

  it('stores the outcome alone when others may change the run meanwhile', async () => {
    const answer = await attempt(aChannel(), { alone: false });

    expect(answer.stored).toBe(false);
    expect(await store.runs.get('r1')).toMatchObject({ status: 'active', revision: 0 });
    expect((await store.effects.get('r1/m#1'))?.outcome?.type).toBe('effect.settled');
  });

  it('sends nothing again once an outcome stands, and gives the same answer (P2)', async () => {
    const channel = aChannel();
    const first = await attempt(channel);
    now += 60_000;

    expect((await attempt(channel)).event).toEqual(first.event);
    expect(channel.asked).toHaveLength(1);
  });

  it('waits while another attempt’s lease runs (P3)', async () => {
    const channel = aChannel();
    await store.effects.begin({
      id: 'r1/m#1',
      runId: 'r1',
      plugin: 'post',
      action: 'send',
      at: now,
      leaseUntil: now + 12_000,
    });

    await expect(attempt(channel)).rejects.toMatchObject({ type: 'another-attempt-runs' });
    expect(channel.asked).toEqual([]);
  });

  it('comes again after a lease that has passed since it was looked at: never at once, which to Temporal is never (P4)', async () => {
    const lease = { id: 'r1/m#1', runId: 'r1', plugin: 'post', action: 'send' };
    await store.effects.begin({ ...lease, at: now, leaseUntil: now + 12_000 });
    const begin = store.effects.begin.bind(store.effects);
    store.effects.begin = async (asked) => {
      const answer = await begin(asked);
      now += 20_000; // a busy machine
      return answer;
    };

    const failure = await attempt(aChannel()).catch((error: unknown) => error);

    expect(failure).toMatchObject({ type: 'another-attempt-runs', nextRetryDelay: 1_000 });
  });

  it('asks the provider after an attempt that was cut off, and does not send again what it has (P2)', async () => {
    const channel = aChannel({ reconcile: () => Promise.resolve(done('sent', { id: 'known' })) });
    await store.effects.begin({
      id: 'r1/m#1',
      runId: 'r1',
      plugin: 'post',
      action: 'send',
      at: now,
      leaseUntil: now + 12_000,
    });
    now += 15_000;

    expect((await attempt(channel)).event).toMatchObject({
      type: 'effect.settled',
      output: { id: 'known' },
    });
    expect(channel.asked).toEqual([]);
  });

  it('sends again when the provider says that nothing arrived', async () => {
    const written: unknown[] = [];
    const channel = aChannel({
      reconcile: (_key, _context, config) => {
        written.push(config);
        return Promise.resolve({ type: 'not-found' });
      },
    });
    await store.effects.begin({
      id: 'r1/m#1',
      runId: 'r1',
      plugin: 'post',
      action: 'send',
      at: now,
      leaseUntil: now + 12_000,
    });
    now += 15_000;

    expect((await attempt(channel)).event.type).toBe('effect.settled');
    expect(channel.asked).toHaveLength(1);
    expect(written).toEqual([plan.steps['m']?.kind === 'action' && plan.steps['m'].with]);
  });

  it.each([
    ['has no way to ask', {}],
    ['cannot be asked', { reconcile: () => Promise.reject(failure('unknown-outcome')) }],
  ])(
    'leaves it to a person when the provider %s: never a silent second send (P2)',
    async (_, more) => {
      const channel = aChannel(more);
      await store.effects.begin({
        id: 'r1/m#1',
        runId: 'r1',
        plugin: 'post',
        action: 'send',
        at: now,
        leaseUntil: now + 12_000,
      });
      now += 15_000;

      expect((await attempt(channel)).event).toMatchObject({
        type: 'effect.failed',
        kind: 'unknown-outcome',
      });
      expect(channel.asked).toEqual([]);
      expect(await store.runs.get('r1')).toMatchObject({
        status: 'active',
        incidents: [{ step: 'm' }],
      });
    },
  );

  it('keeps the intent while the provider cannot be reached to be asked', async () => {
    const channel = aChannel({ reconcile: () => Promise.reject(failure('retryable')) });
    await store.effects.begin({
      id: 'r1/m#1',
      runId: 'r1',
      plugin: 'post',
      action: 'send',
      at: now,
      leaseUntil: now + 12_000,
    });
    now += 15_000;
    await expect(attempt(channel)).rejects.toMatchObject({ type: 'broken' });

    const again = aChannel();
    now += 60_000;

    expect((await attempt(again)).event).toMatchObject({ kind: 'unknown-outcome' });
    expect(again.asked).toEqual([]);
  });

  it('takes whatever a plugin throws of its own for an unknown outcome', async () => {
    expect((await attempt(failing(new Error('oops')))).event).toMatchObject({
      type: 'effect.failed',
      code: 'plugin-threw',
      kind: 'unknown-outcome',
    });
  });

  it('lets Temporal try again after a short delay, and counts (P4)', async () => {
    await expect(attempt(failing(failure('retryable')))).rejects.toMatchObject({
      nextRetryDelay: 30_000,
    });
    expect((await store.effects.get('r1/m#1'))?.attempts).toBe(1);
  });

  it('turns a long delay into a wait, and fails when its attempts are spent (P4)', async () => {
    await expect(attempt(failing(failure('retryable')))).rejects.toThrow();
    expect((await attempt(failing(failure('retryable')))).event).toMatchObject({
      type: 'effect.deferred',
      until: begin + 300_000,
    });
    expect((await attempt(failing(failure('retryable')))).event.type).toBe('effect.deferred'); // a redelivery: the wait stands

    now = begin + 300_000;

    expect((await attempt(failing(failure('retryable')))).event).toMatchObject({
      type: 'effect.failed',
      code: 'broken',
      attempts: 3,
    });
  });

  it('waits as told when the provider limits the rate, and spends no attempt', async () => {
    await expect(attempt(failing(failure('rate-limited', 5_000)))).rejects.toMatchObject({
      nextRetryDelay: 5_000,
    });
    expect((await store.effects.get('r1/m#1'))?.attempts).toBe(0);
  });

  it.each([
    [0, 1_000],
    [-5_000, 1_000],
    [Number.NaN, 30_000],
    [Number.POSITIVE_INFINITY, 30_000],
  ])('takes a pause of %d ms that a plugin asks for as one of %d ms (P4)', async (asked, given) => {
    await expect(attempt(failing(failure('retryable', asked)))).rejects.toMatchObject({
      nextRetryDelay: given,
    });
  });

  it('fails at once when trying again cannot help', async () => {
    for (const kind of ['permanent', 'auth', 'config'] as const) {
      await store.effects.reopen('r1/m#1');
      expect((await attempt(failing(failure(kind)), { alone: false })).event).toMatchObject({
        type: 'effect.failed',
        kind,
        attempts: 1,
      });
    }
  });

  it('never passes a wrong output on', async () => {
    const channel = aChannel({ perform: () => Promise.resolve(done('sent', { surprise: true })) });

    expect((await attempt(channel)).event).toMatchObject({
      type: 'effect.failed',
      kind: 'output-invalid',
    });
  });

  it.each(['', undefined])('waits for nothing that nobody can name: %j', async (reference) => {
    const channel = aChannel({ perform: () => Promise.resolve(accepted(reference as string)) });

    expect((await attempt(channel)).event).toMatchObject({
      type: 'effect.failed',
      kind: 'output-invalid',
    });
  });

  it('says which field cannot be rendered', async () => {
    state = { ...state, entry: {} };

    expect((await attempt(aChannel())).event).toMatchObject({
      type: 'effect.failed',
      code: 'render-failed',
      detail: expect.stringContaining('/count') as string,
    });
  });

  it('is suppressed when consent was withdrawn, for the purpose or for all', async () => {
    const channel = aChannel();
    await store.subjects.putConsent({
      type: 'patient',
      key: 'p1',
      purpose: '*',
      channel: 'post',
      state: 'withdrawn',
      at: now,
      source: 'a letter',
    });

    expect((await attempt(channel)).event).toMatchObject({
      type: 'effect.suppressed',
      because: { code: 'consent-withdrawn', source: 'a letter' },
    });
    expect(channel.asked).toEqual([]);
  });

  it('is suppressed when it is too late for it', async () => {
    now = begin + 2 * 86_400_000 + 1;

    expect((await attempt(aChannel())).event).toMatchObject({
      type: 'effect.suppressed',
      because: { code: 'too-late' },
    });
  });
});
