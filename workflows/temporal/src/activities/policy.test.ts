import {
  compile,
  initialState,
  instantText,
  transition,
  type JsonObject,
  type Plan,
} from '@sojourn/engine';
import {
  accepted,
  createRegistry,
  definePlugin,
  done,
  PluginError,
  type ActionDefinition,
} from '@sojourn/plugin-kit';
import type {
  CapPolicy,
  JourneyDocument,
  PolicyDocument,
  QuietHoursPolicy,
} from '@sojourn/schemas';
import { createMemoryStore, type Store } from '@sojourn/store';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { answered, aWorker } from '../test-support/worker.ts';
import type { ActivityDependencies } from './dependencies.ts';

const begin = Date.parse('2027-01-08T22:30:00Z');
const hour = 3_600_000;

const document: JourneyDocument = {
  format: 1,
  key: 'offers',
  name: 'Offers',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  start: 'm',
  steps: {
    m: {
      kind: 'action',
      uses: 'post/send',
      purpose: 'marketing',
      with: { text: 'Hi' },
      expires: 'P2D',
      retry: { attempts: 2, firstDelay: 'PT10S', factor: 10, maxDelay: 'PT1H' },
    },
    end: { kind: 'end', outcome: 'done' },
  },
  edges: [{ from: 'm', port: 'sent', to: 'end' }],
};

function aChannel(change: Partial<ActionDefinition> = {}) {
  const sent: number[] = [];
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
          properties: { text: { type: 'string' } },
        },
        output: { type: 'object', additionalProperties: false },
        outcomes: ['sent'],
        whenSuppressed: 'sent',
        settles: 'now',
        contact: true,
        perform: ({ attempt }) => {
          sent.push(attempt);
          return Promise.resolve(done('sent', {}));
        },
        ...change,
      },
    },
  });
  return { plugin, sent };
}

const night: QuietHoursPolicy = {
  ...{ kind: 'quiet-hours', key: 'night', name: 'Night', enabled: true },
  ...{ from: '21:00', to: '08:00' },
};
const weekly: CapPolicy = {
  ...{ kind: 'cap', key: 'weekly', name: 'Weekly', enabled: true },
  ...{ limit: 1, per: 'P7D', over: 'all' },
};

describe('the policies before a contact', () => {
  let store: Store;
  let now: number;
  let plan: Plan;

  beforeEach(() => {
    store = createMemoryStore();
    now = begin;
    const compiled = compile(document, {
      manifests: createRegistry([aChannel().plugin]).manifests(),
      timeZone: 'UTC',
      now,
    });
    if (!compiled.plan) throw new Error(JSON.stringify(compiled.diagnostics));
    plan = compiled.plan;
  });

  const policy = async (document_: PolicyDocument) => {
    const revision = (await store.policies.get(document_.key))?.revision ?? 0;
    await store.policies.put(document_, revision, 'owner', now);
  };

  /** One person's run, at its action. */
  const aRun = async (runId: string, key = 'p1', attributes: JsonObject = {}) => {
    const subject = { type: 'patient', key };
    await store.subjects.merge('patient', key, attributes, now);
    const initial = initialState(plan, {
      ...{ runId, key, entry: {}, at: now },
      subject: { ...subject, attributes: {} },
    });
    await store.runs.insert(
      {
        ...{ id: runId, journey: 'offers', version: 1, planHash: plan.hash, subject, key: runId },
        ...{ ordinal: 1, status: 'active', startedAt: now, positions: [], incidents: [] },
        revision: 0,
      },
      initial,
    );
    const { state, trail } = transition(plan, initial, { type: 'run.started', at: now });
    return { state, trail };
  };
  type Run = Awaited<ReturnType<typeof aRun>>;

  const worker = (channel: ReturnType<typeof aChannel>, more: Partial<ActivityDependencies> = {}) =>
    aWorker({ store, plan, plugin: channel.plugin, clock: () => now, more });
  const request = ({ state, trail }: Run, alone = true) => ({
    ...{ planHash: plan.hash, state, pending: trail, alone },
    ...{ effect: 'm#1', step: 'm', visit: 1 },
  });
  const attempt = async (run: Run, channel = aChannel(), more?: Partial<ActivityDependencies>) =>
    answered(await worker(channel, more).performEffect(request(run))).event;
  const places = () => store.contacts.of('patient', 'p1');

  it('allow without any policy, and read and write nothing about contacts', async () => {
    const reserve = vi.spyOn(store.contacts, 'reserve');
    const of = vi.spyOn(store.contacts, 'of');

    expect((await attempt(await aRun('r1'))).type).toBe('effect.settled');
    await policy({ ...weekly, purposes: ['support'] });
    expect((await attempt(await aRun('r2'))).type).toBe('effect.settled');

    expect(reserve).not.toHaveBeenCalled();
    expect(of).not.toHaveBeenCalled();
  });

  it('are read once in two seconds, and obeyed after them', async () => {
    const list = vi.spyOn(store.policies, 'list');
    const channel = aChannel();
    const activities = worker(channel);
    for (const id of ['r1', 'r2', 'r3']) await activities.performEffect(request(await aRun(id)));
    await policy(night);
    now += 2_000;

    expect(answered(await activities.performEffect(request(await aRun('r4')))).event.type).toBe(
      'effect.deferred',
    );
    expect(list).toHaveBeenCalledTimes(2);
    expect(channel.sent).toHaveLength(3);
  });

  it('defer until the person’s morning, show it, and are asked again then', async () => {
    await policy(night);
    const run = await aRun('r1', 'p1', { timeZone: 'Europe/Berlin' });
    const channel = aChannel();
    const event = await attempt(run, channel);

    expect(event).toMatchObject({
      type: 'effect.deferred',
      until: Date.parse('2027-01-09T07:00:00Z'),
      because: { code: 'quiet-hours', policy: 'night', revision: 1, zone: 'Europe/Berlin' },
    });
    expect((await store.runs.get('r1'))?.positions).toMatchObject([
      { step: 'm', until: Date.parse('2027-01-09T07:00:00Z') },
    ]);
    const { items } = await store.runs.trail('r1', { limit: 50 });
    expect(items.find(({ what }) => what === 'deferred')?.because).toMatchObject({
      ...{ code: 'quiet-hours', rule: 'quiet-hours', until: '2027-01-09T07:00:00.000Z' },
    });

    now = Date.parse('2027-01-09T07:00:00Z');
    await policy({ ...night, to: '09:00' }); // somebody changed it meanwhile
    expect(await attempt(run, channel)).toMatchObject({
      ...{ type: 'effect.deferred', until: now + hour, because: { revision: 2 } },
    });
    now += hour;
    expect((await attempt(run, channel)).type).toBe('effect.settled');
    expect(channel.sent).toEqual([1]);
  });

  it('suppress at once what would be deferred until it is too late, and say why', async () => {
    await policy(weekly);
    await attempt(await aRun('r1'));
    const event = await attempt(await aRun('r2'));

    expect(event).toMatchObject({
      type: 'effect.suppressed',
      because: {
        ...{ code: 'too-late', rule: 'expires', until: instantText(begin + 48 * hour) },
        ...{ deferredUntil: instantText(begin + 7 * 24 * hour) },
        deferredBy: { code: 'cap-reached', policy: 'weekly', count: 1, limit: 1 },
      },
    });
  });

  it('suppress whatever is for somebody who was erased', async () => {
    const run = await aRun('r1');
    await store.subjects.remove('patient', 'p1');

    expect(await attempt(run)).toMatchObject({ because: { code: 'subject-erased' } });
  });

  it('hold everything back in a frozen journey, and nothing in one that is paused or closed', async () => {
    await store.journeys.create(
      {
        ...{ key: 'offers', name: 'Offers', subjectType: 'patient', state: 'live', waits: 'run' },
        ...{ createdAt: now, updatedAt: now },
      },
      {},
      'owner',
    );
    for (const [state, waits, type] of [
      ['paused', 'freeze', 'effect.deferred'],
      ['paused', 'run', 'effect.settled'],
      ['closed', 'freeze', 'effect.settled'],
    ] as const) {
      await store.journeys.update('offers', { state, waits });
      const event = await attempt(await aRun(`${state}-${waits}`));

      expect(event.type).toBe(type);
      if (event.type === 'effect.deferred')
        expect(event).toMatchObject({ until: now + hour, because: { code: 'journey-frozen' } });
    }
  });

  it('ask whether the content is approved, where somebody approves content', async () => {
    const of = vi.fn(() =>
      Promise.resolve({ approved: false, because: { content: 'offer', market: 'DE' } }),
    );
    const channel = aChannel();

    expect(await attempt(await aRun('r1'), channel, { approvals: { of } })).toMatchObject({
      type: 'effect.suppressed',
      because: { code: 'content-not-approved', content: 'offer', market: 'DE' },
    });
    expect(of).toHaveBeenCalledWith({
      ...{ planHash: plan.hash, journey: 'offers', step: 'm' },
      ...{ channel: 'post', purpose: 'marketing' },
    });
    expect(channel.sent).toEqual([]);
  });

  it('ask nothing about an action that contacts nobody', async () => {
    await policy(night);
    const channel = aChannel({ contact: false });
    const { plan: silent } = compile(document, {
      ...{ manifests: createRegistry([channel.plugin]).manifests(), timeZone: 'UTC', now },
    });
    plan = silent!;
    const consents = vi.spyOn(store.subjects, 'consents');

    expect((await attempt(await aRun('r1'), channel)).type).toBe('effect.settled');
    expect(consents).not.toHaveBeenCalled();
  });

  describe('with a cap', () => {
    beforeEach(() => policy({ ...weekly, per: 'P1D' }));

    it('note the contact that was made, and defer the next', async () => {
      await attempt(await aRun('r1'));

      expect(await places()).toMatchObject([
        { ...{ effect: 'r1/m#1', at: begin, channel: 'post', purpose: 'marketing', sent: true } },
      ]);
      now += hour;
      expect(await attempt(await aRun('r2'))).toMatchObject({
        ...{ type: 'effect.deferred', until: begin + 24 * hour },
        because: { code: 'cap-reached', limit: 1, count: 1, per: 'P1D', over: 'all' },
      });
      expect(await places()).toHaveLength(1);
    });

    it('let as many of many at once through as there is room for', async () => {
      await policy({ ...weekly, limit: 3 });
      const runs = await Promise.all(Array.from({ length: 20 }, (_, index) => aRun(`r${index}`)));
      const channel = aChannel();
      const activities = worker(channel);

      const answers = await Promise.all(
        runs.map(async (run) => answered(await activities.performEffect(request(run)))),
      );

      expect(answers.filter(({ event }) => event.type === 'effect.settled')).toHaveLength(3);
      expect(channel.sent).toHaveLength(3);
      expect(await places()).toHaveLength(3);
    });

    it('count people apart', async () => {
      await attempt(await aRun('r1', 'p1'));

      expect((await attempt(await aRun('r2', 'p2'))).type).toBe('effect.settled');
    });

    it('keep the place of one whose provider took it, and of a wrong answer', async () => {
      const later = { settles: 'later' as const, perform: () => Promise.resolve(accepted('ref')) };
      await attempt(await aRun('r1'), aChannel(later));
      expect(await places()).toMatchObject([{ effect: 'r1/m#1', sent: true }]);

      await store.contacts.forget('patient', 'p1');
      const wrong = aChannel({ perform: () => Promise.resolve(done('sent', { surprise: true })) });
      expect(await attempt(await aRun('r2'), wrong)).toMatchObject({ kind: 'output-invalid' });
      expect(await places()).toMatchObject([{ effect: 'r2/m#1', sent: true }]);
    });

    const failing = (kind: PluginError['kind'], more: Partial<ActionDefinition> = {}) =>
      aChannel({
        perform: () => Promise.reject(new PluginError({ code: 'broken', kind, detail: 'broken' })),
        ...more,
      });

    it('give the place of a contact that failed to the next', async () => {
      expect((await attempt(await aRun('r1'), failing('permanent'))).type).toBe('effect.failed');
      expect(await places()).toEqual([]);

      expect((await attempt(await aRun('r2'))).type).toBe('effect.settled');
    });

    it('keep the place between attempts that are close, and take no second one', async () => {
      const run = await aRun('r1');
      await expect(attempt(run, failing('retryable'))).rejects.toMatchObject({ type: 'broken' });
      expect(await places()).toMatchObject([{ effect: 'r1/m#1', sent: false }]);
      now += 10_000;

      expect((await attempt(run)).type).toBe('effect.settled');
      expect(await places()).toMatchObject([{ effect: 'r1/m#1', sent: true, at: now }]);
    });

    it('give the place back when the next attempt is far away', async () => {
      const rejection = new PluginError({
        ...{ code: 'broken', kind: 'retryable', detail: 'broken', retryAfterMs: hour },
      });
      const channel = aChannel({ perform: () => Promise.reject(rejection) });

      expect((await attempt(await aRun('r1'), channel)).type).toBe('effect.deferred');
      expect(await places()).toEqual([]);
    });

    it('keep the place of one of which nobody knows', async () => {
      const event = await attempt(await aRun('r1'), failing('unknown-outcome'));

      expect(event).toMatchObject({ type: 'effect.failed', kind: 'unknown-outcome' });
      expect(await places()).toMatchObject([{ effect: 'r1/m#1', sent: false }]);
    });

    it('give the place back when a rule objects between attempts', async () => {
      const run = await aRun('r1');
      await expect(attempt(run, failing('retryable'))).rejects.toThrow();
      const said = { purpose: '*', channel: 'post', state: 'withdrawn', at: now, source: 's' };
      await store.subjects.putConsent({
        ...{ type: 'patient', key: 'p1' },
        ...said,
        state: 'withdrawn',
      });

      expect(await attempt(run)).toMatchObject({ because: { code: 'consent-withdrawn' } });
      expect(await places()).toEqual([]);
    });

    it('make good a place that a crash left unsaid', async () => {
      const run = await aRun('r1');
      const confirm = vi.spyOn(store.contacts, 'confirm').mockRejectedValueOnce(new Error('away'));
      const channel = aChannel();
      await expect(attempt(run, channel)).rejects.toThrow('away');

      expect((await attempt(run, channel)).type).toBe('effect.settled');
      expect(confirm).toHaveBeenCalledTimes(2);
      expect(channel.sent).toHaveLength(1);
      expect(await places()).toMatchObject([{ sent: true }]);
    });
  });

  describe('after an attempt that was cut off (P7)', () => {
    let run: Run;
    beforeEach(async () => {
      run = await aRun('r1');
      await store.effects.begin({
        ...{ id: 'r1/m#1', runId: 'r1', plugin: 'post', action: 'send' },
        ...{ at: now, leaseUntil: now + 12_000 },
      });
      now += 15_000;
      await policy(night);
    });

    it('do not defer what was sent before they were asked', async () => {
      const channel = aChannel({ reconcile: () => Promise.resolve(done('sent', {})) });

      expect((await attempt(run, channel)).type).toBe('effect.settled');
    });

    it('defer what was not, and its attempt does not count', async () => {
      const channel = aChannel({ reconcile: () => Promise.resolve({ type: 'not-found' }) });

      expect((await attempt(run, channel)).type).toBe('effect.deferred');
      expect((await store.effects.get('r1/m#1'))?.attempts).toBe(1);
      expect(channel.sent).toEqual([]);
      now = Date.parse('2027-01-09T08:00:00Z');
      expect((await attempt(run, channel)).type).toBe('effect.settled');
      expect(channel.sent).toHaveLength(1);
    });

    it('leave it to a person when the provider cannot be asked: a deferral would forget it', async () => {
      expect(await attempt(run)).toMatchObject({ kind: 'unknown-outcome' });
    });
  });
});
