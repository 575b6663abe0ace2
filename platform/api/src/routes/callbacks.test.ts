import type { RunState } from '@sojourn/engine';
import type { ProviderReport } from '@sojourn/plugin-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callbackUrlOf, webhookUrlOf } from '../links.ts';
import {
  aDeployment,
  aDocument,
  beginMessage,
  enrol,
  publish,
  type Answer,
  type Deployment,
} from '../test-support/deployment.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment();
  call = deployment.call;
  await publish(deployment, asking);
});
afterEach(async () => {
  await deployment.close();
});

/** Sends a message, and asks something in it. */
const asking = aDocument({
  steps: {
    welcome: {
      ...{ kind: 'action', name: 'Welcome', uses: 'email/send', connection: 'default-email' },
      ...{ purpose: 'support', with: { subject: 'Hello', body: 'Welcome' } },
    },
    ask: {
      ...{ kind: 'action', name: 'Well?', uses: 'email/ask', connection: 'default-email' },
      with: { yes: '1' },
    },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [
    { from: 'welcome', port: 'sent', to: 'ask' },
    { from: 'ask', port: 'yes', to: 'done' },
    { from: 'ask', port: 'other', to: 'done' },
  ],
});

const aSettlement = (change: Partial<ProviderReport> = {}): ProviderReport =>
  ({
    ...{ type: 'settled', eventId: 'x-1', reference: 'ref-1', outcome: 'sent', output: {} },
    ...change,
  }) as ProviderReport;
const aReply = (text: string, change: Partial<ProviderReport> = {}): ProviderReport =>
  ({
    ...{ type: 'happened', eventId: `in-${text}`, eventType: 'email.replied', data: { text } },
    ...{ subject: { attribute: 'email', value: 'mei@example.org' }, message: { text } },
    ...change,
  }) as ProviderReport;
const aHappening = (change: Partial<ProviderReport>): ProviderReport =>
  ({ type: 'happened', eventType: 'email.opened', data: {}, ...change }) as ProviderReport;

/** Calls back, signed with the connection's secret unless told otherwise. */
async function report(
  url: string,
  body: ProviderReport[] | string,
  signature = 'secret-word',
): Promise<Answer> {
  const path = new URL(url).pathname.replace('/api/v1/', '');
  const answer = await call('POST', path, body, {
    ...{ 'x-signature': signature, authorization: '' },
  });
  await idle();
  return answer;
}
async function idle(): Promise<void> {
  await deployment.api.platform.reportInbox.idle();
  await deployment.api.platform.intake.idle();
}
const webhook = (id = 'default-email'): string =>
  webhookUrlOf(deployment.signer, deployment.url, { id, plugin: 'email' });
const ownUrl = (runId: string): string =>
  callbackUrlOf(deployment.signer, deployment.url, {
    ...{ runId, effect: 'welcome#1', plugin: 'email' },
  });
const settlements = (): unknown[] =>
  deployment.told.flatMap(({ message }) => (message.type === 'effect.settled' ? [message] : []));
const kept = async (filter = {}) =>
  (await deployment.store.reports.list(filter, { limit: 50 })).items;

/** A run whose message was taken under a reference. */
async function aTakenMessage(reference = 'ref-1'): Promise<string> {
  const run = await enrol(deployment);
  const effect = await beginMessage(deployment, run);
  await deployment.store.effects.settle(effect, {
    ...{ type: 'effect.accepted', at: deployment.now.at, effect: 'welcome#1', reference },
  });
  return run;
}

/** Stores another state of a run, as its host would. */
async function become(runId: string, change: Partial<RunState>): Promise<void> {
  const state = await deployment.store.runs.state(runId);
  if (!state) throw new Error('there is no run');
  await deployment.store.runs.checkpoint({
    ...{ runId, journey: 'adherence', version: 1, trail: [], positions: [], incidents: [] },
    state: { ...state, revision: state.revision + 1, ...change },
  });
}

/** A person with an address, whose run asked them something. */
async function somebodyAsked(key = 'p-1'): Promise<string> {
  const email = 'mei@example.org';
  await deployment.store.subjects.merge('patient', key, { email }, deployment.now.at);
  const run = await enrol(deployment, key);
  await beginMessage(deployment, run, { effect: 'ask#1', action: 'ask' });
  await become(run, {
    tokens: [
      {
        ...{ step: 'ask', visit: 1, since: deployment.now.at },
        doing: { type: 'accepted', reference: 'ref-ask' },
      },
    ],
  });
  return run;
}

describe('a callback', () => {
  it('is believed only when it is signed for its connection', async () => {
    await aTakenMessage();
    await call('POST', 'connections', {
      ...{ id: 'other-email', plugin: 'email', type: 'smtp', name: 'Other' },
      settings: { host: 'mail.example', password: 'other-word' },
    });

    expect((await report(`${webhook()}x`, [aSettlement()])).status).toBe(404);
    expect((await report(webhook('none'), [aSettlement()])).status).toBe(404);
    expect((await report(webhook(), [aSettlement()], 'forged')).status).toBe(401);
    expect((await report(webhook('other-email'), [aSettlement()])).status).toBe(401);
    const garbled = await report(webhook(), 'garbled');
    expect([garbled.status, garbled.body.code]).toEqual([422, 'callback-refused']);
    expect(settlements()).toEqual([]);
    expect(await kept()).toEqual([]);

    const taken = await report(webhook(), [aSettlement()]);
    expect([taken.status, taken.body]).toEqual([200, { taken: 1 }]);
    expect(settlements()).toMatchObject([{ effect: 'welcome#1', outcome: 'sent' }]);
  });

  it('of another connection says nothing about what this one sent', async () => {
    await aTakenMessage();
    await call('POST', 'connections', {
      ...{ id: 'other-email', plugin: 'email', type: 'smtp', name: 'Other' },
      settings: { host: 'mail.example', password: 'other-word' },
    });

    const { status } = await report(webhook('other-email'), [aSettlement()], 'other-word');

    expect(status).toBe(200);
    expect(settlements()).toEqual([]);
    expect(await kept({ status: 'unmatched' })).toHaveLength(1);
  });

  it('that comes a hundred times at once counts once (X1)', async () => {
    await aTakenMessage();

    const answers = await Promise.all(
      Array.from({ length: 100 }, () => report(webhook(), [aSettlement()])),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(settlements()).toHaveLength(1);
    expect(await kept()).toMatchObject([{ status: 'taken', reference: 'ref-1' }]);
  });

  it('at the address of one effect may come before the answer to the request', async () => {
    const run = await enrol(deployment);
    await beginMessage(deployment, run);

    const { status } = await report(ownUrl(run), [aSettlement({ reference: 'not-known-yet' })]);

    expect(status).toBe(200);
    expect(settlements()).toMatchObject([{ effect: 'welcome#1', outcome: 'sent' }]);
  });

  it('about what is not known yet is kept, and told when it becomes known (X3)', async () => {
    const run = await enrol(deployment);
    const effect = await beginMessage(deployment, run);
    expect((await report(webhook(), [aSettlement()])).status).toBe(200);
    expect(settlements()).toEqual([]);
    expect(await kept()).toMatchObject([{ status: 'unmatched' }]);

    await deployment.store.effects.settle(effect, {
      ...{ type: 'effect.accepted', at: deployment.now.at, effect: 'welcome#1' },
      reference: 'ref-1',
    });
    deployment.now.at += 2_001;
    expect(await deployment.api.platform.reportInbox.sweep()).toBe(1);
    await idle();

    expect(settlements()).toMatchObject([{ effect: 'welcome#1', outcome: 'sent' }]);
    expect(await kept()).toMatchObject([{ status: 'taken', effect }]);
  });

  it('about what never becomes known is looked at ever later, for a week (X3)', async () => {
    await report(webhook(), [aSettlement()]);
    const { reportInbox } = deployment.api.platform;
    let looks = 0;
    for (let day = 0; day < 10 * 24; day += 1) {
      deployment.now.at += 3_600_000;
      looks += await reportInbox.sweep();
      await idle();
    }

    expect(looks).toBeGreaterThan(4);
    expect(looks).toBeLessThan(12);
    expect(await kept()).toMatchObject([{ status: 'unmatched' }]);
  });

  it("that fails again and again is in no other's way (X2, Y3)", async () => {
    const run = await enrol(deployment);
    const effect = await beginMessage(deployment, run);
    const unknown = Array.from({ length: 60 }, (_, at) =>
      aSettlement({ eventId: `lost-${at}`, reference: `lost-${at}` }),
    );
    await report(webhook(), [...unknown, aSettlement()]);
    await deployment.store.effects.settle(effect, {
      ...{ type: 'effect.accepted', at: deployment.now.at, effect: 'welcome#1' },
      reference: 'ref-1',
    });
    const postpone = vi.spyOn(deployment.store.reports, 'postpone');
    postpone.mockRejectedValue(new Error('no'));
    deployment.now.at += 2_001;

    expect(await deployment.api.platform.reportInbox.sweep()).toBe(61);

    expect(settlements()).toMatchObject([{ effect: 'welcome#1', outcome: 'sent' }]);
    const tried = postpone.mock.calls.flatMap(([waits]) => waits.map(({ id }) => id));
    expect(tried).toHaveLength(60);
    expect(new Set(tried).size).toBe(60); // each once a sweep

    postpone.mockRestore();
    expect(await deployment.api.platform.reportInbox.sweep()).toBe(60); // they stayed due
    expect(await deployment.api.platform.reportInbox.sweep()).toBe(0);
  });

  it("that is known and fails again and again is in no other's way (X2, Y3)", async () => {
    await aTakenMessage();
    const resolve = vi.spyOn(deployment.store.reports, 'resolve');
    resolve.mockRejectedValue(new Error('no'));
    await report(
      webhook(),
      Array.from({ length: 30 }, (_, at) => aSettlement({ eventId: `failing-${at}` })),
    );
    await report(webhook(), [aSettlement({ eventId: 'lost', reference: 'lost' })]);
    await idle();
    resolve.mockClear();
    deployment.now.at += 5_001;

    expect(await deployment.api.platform.reportInbox.sweep()).toBe(31);

    expect(resolve).toHaveBeenCalledTimes(30); // each once a sweep
    expect(await kept({ status: 'unmatched' })).toMatchObject([{ reference: 'lost' }]);
    resolve.mockRestore();
    expect(await deployment.api.platform.reportInbox.sweep()).toBe(30); // they stayed due
  });

  it('and are very many that wait are looked up and noted a few dozen at a time (Y2)', async () => {
    const lost = Array.from({ length: 50 }, (_, at) => [
      aSettlement({ eventId: `lost-${at}`, reference: `lost-${at}` }),
      aHappening({ eventId: `gone-${at}`, reference: `gone-${at}` }),
    ]);
    await report(webhook(), lost.flat());
    const { effects, reports } = deployment.store;
    const calls = [
      vi.spyOn(effects, 'byReference'),
      vi.spyOn(reports, 'resolve'),
      vi.spyOn(effects, 'knownReferences'),
      vi.spyOn(reports, 'postpone'),
    ];
    deployment.now.at += 2_001;

    expect(await deployment.api.platform.reportInbox.sweep()).toBe(100);

    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 4, 4]);
  });

  it.each<[string, Partial<RunState>]>([
    ['the step was left', { passages: { welcome: { port: 'sent', output: {}, at: 0, visit: 1 } } }],
    ['the run has ended', { status: 'ended', outcome: 'completed' }],
  ])('that comes after %s is kept and told to nobody (X4)', async (_, change) => {
    const run = await aTakenMessage();
    await become(run, change);

    const { status, body } = await report(webhook(), [aSettlement()]);
    const again = await report(webhook(), [aSettlement()]);

    expect([status, body.code, again.status]).toEqual([410, 'callback-late', 410]);
    expect(settlements()).toEqual([]);
    expect(await kept()).toMatchObject([{ status: 'late', effect: `${run}/welcome#1` }]);
  });

  it('that could not be told is told by the sweep (X2)', async () => {
    await aTakenMessage();
    deployment.away.host = true;
    expect((await report(webhook(), [aSettlement()])).status).toBe(200);
    deployment.away.host = false;
    deployment.now.at += 10_000;
    await deployment.api.platform.reportInbox.sweep();
    await deployment.api.platform.intake.sweep(5_000);
    await idle();

    expect(settlements()).toHaveLength(1);
  });
});

describe('what a person writes', () => {
  it('is an answer to the step that asked last', async () => {
    const run = await somebodyAsked();

    await report(webhook(), [aReply('1')]);

    expect(settlements()).toMatchObject([
      { effect: 'ask#1', outcome: 'yes', output: { text: '1' } },
    ]);
    expect(await kept({ isMessage: true })).toMatchObject([
      {
        ...{ status: 'taken', effect: `${run}/ask#1`, subject: { type: 'patient', key: 'p-1' } },
        content: { message: { text: '1' } },
      },
    ]);
    const { items } = await deployment.store.intake.eventsOf(
      { type: 'patient', key: 'p-1' },
      { limit: 9 },
    );
    expect(items).toMatchObject([{ type: 'email.replied', data: { text: '1' } }]);
  });

  it('and answers nothing that was asked is heard all the same', async () => {
    await somebodyAsked();

    await report(webhook(), [aReply('?')]);

    expect(settlements()).toEqual([]);
    expect(await kept({ isMessage: true })).toMatchObject([
      { status: 'taken', subject: { key: 'p-1' } },
    ]);
  });

  it('is kept and listed when nobody knows who they are', async () => {
    await report(webhook(), [aReply('hello')]);

    expect(await kept({ isMessage: true })).toMatchObject([
      { status: 'unmatched', content: { message: { text: 'hello' } } },
    ]);
    await deployment.store.subjects.merge(
      ...(['patient', 'late', { email: 'mei@example.org' }, 0] as const),
    );
    deployment.now.at += 2_001;
    await deployment.api.platform.reportInbox.sweep();
    await idle();
    expect(await kept({ isMessage: true })).toMatchObject([
      { status: 'taken', subject: { key: 'late' } },
    ]);
  });

  it('belongs to whoever was written to last, where several share an address', async () => {
    await somebodyAsked('p-1');
    deployment.now.at += 60_000;
    await somebodyAsked('p-2');
    const email = 'mei@example.org';
    await deployment.store.subjects.merge('patient', 'p-3', { email }, deployment.now.at);

    await report(webhook(), [aReply('1')]);

    expect(await kept({ isMessage: true })).toMatchObject([{ subject: { key: 'p-2' } }]);
  });

  it('ends the consent for the channel when it is a word to stop (X5)', async () => {
    await somebodyAsked();

    await report(webhook(), [aReply('STOP', { eventType: 'email.stopped' })]);

    expect((await call('GET', 'subjects/patient/p-1/consents')).body.items).toMatchObject([
      { purpose: '*', channel: 'email', state: 'withdrawn', source: 'email.stopped' },
    ]);
  });

  it.each([
    ['I got a Rash after it', ['rash']],
    ['吃藥後一直嘔吐', ['嘔吐']],
    ['ＲＡＳＨ！', ['rash']],
    ['I like thrash metal', []],
    ['好的，謝謝', []],
  ])('and may be an adverse event raises one task: %s', async (text, words) => {
    await somebodyAsked();

    await report(webhook(), [aReply(text)]);
    await report(webhook(), [aReply(text)]);

    const tasks = (await call('GET', 'tasks?queue=safety')).body.items;
    expect(tasks).toHaveLength(words.length);
    for (const word of words)
      expect(tasks[0]).toMatchObject({
        ...{ subject: 'patient/p-1', priority: 'high', runId: null, step: null },
        script: expect.stringContaining(word) as string,
      });
    expect(settlements()).toHaveLength(1); // the journey does with it what it does
  });

  it('raises the task also when nobody knows who they are, and it can be done', async () => {
    await report(webhook(), [aReply('severe rash')]);

    const [task] = (await call('GET', 'tasks?queue=safety')).body.items;
    expect(task).toMatchObject({ subject: null });
    const done = await call('POST', `tasks/${String(task?.['id'])}/outcome`, {
      outcome: 'reported',
    });
    expect([done.status, done.body['status']]).toEqual([200, 'done']);
  });
});
