import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aDeployment,
  aDocument,
  enrol,
  publish,
  stand,
  standInIncident,
  type Deployment,
} from '../test-support/deployment.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment();
  call = deployment.call;
});
afterEach(async () => {
  await deployment.close();
});

const key = (name: string) => ({ 'idempotency-key': name });
const commands = () =>
  deployment.told.flatMap(({ message }) =>
    message.type === 'command.given' ? [message.command.type] : [],
  );

/** Stores that a run has ended. */
async function end(runId: string): Promise<void> {
  const { store, now } = deployment;
  const state = await store.runs.state(runId);
  if (!state) throw new Error('no state');
  await store.runs.checkpoint({
    runId,
    journey: 'adherence',
    version: 1,
    state: { ...state, status: 'ended', outcome: 'completed', endedAt: now.at, revision: 9 },
    trail: [],
    positions: [],
    incidents: [],
  });
}

describe('enrolling by hand', () => {
  it('starts a run, and the same key starts it once (N1)', async () => {
    await publish(deployment);
    const request = { subject: { type: 'patient', key: 'p-1' }, data: { note: 'x' } };

    const first = await call('POST', 'journeys/adherence/runs', request, key('k-1'));
    const again = await call('POST', 'journeys/adherence/runs', request, key('k-1'));

    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe(`/api/v1/runs/${first.body['id']}`);
    expect(first.body.id).toMatch(/^r-[0-9a-f]{32}$/);
    expect(first.body).toEqual({
      id: first.body.id,
      journey: 'adherence',
      version: 1,
      subject: 'patient/p-1',
      key: 'p-1',
      status: 'active',
      outcome: null,
      startedAt: '2026-11-24T08:00:00.000Z',
      endedAt: null,
      positions: [],
      incidents: [],
    });
    expect([again.status, again.body['id']]).toEqual([201, first.body['id']]);
    expect((await call('GET', 'runs?subject=patient/p-1')).body['items']).toHaveLength(1);
  });

  it('does not take a key for somebody else', async () => {
    await publish(deployment);
    await call('POST', 'journeys/adherence/runs', { subject: 'patient/p-1' }, key('k-1'));

    const other = await call(
      'POST',
      'journeys/adherence/runs',
      { subject: 'patient/p-2' },
      key('k-1'),
    );

    expect([other.status, other.body['code']]).toEqual([409, 'idempotency-key-reused']);
    expect((await call('GET', 'runs')).body['items']).toHaveLength(1);
  });

  it('lets one of many in who come at once under one key (N4)', async () => {
    await publish(deployment);

    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        call('POST', 'journeys/adherence/runs', { subject: 'patient/p-1' }),
      ),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      ...Array<number>(9).fill(409),
    ]);
  });

  it('is refused with the reason, which is kept (N2)', async () => {
    await publish(deployment);
    await enrol(deployment);

    const again = await call('POST', 'journeys/adherence/runs', { subject: 'patient/p-1' });
    const type = await call('POST', 'journeys/adherence/runs', { subject: 'physician/d-1' });
    await call('PATCH', 'journeys/adherence', { state: 'paused' });
    const paused = await call('POST', 'journeys/adherence/runs', { subject: 'patient/p-2' });

    expect([again.status, again.body['code']]).toEqual([409, 'still-inside']);
    expect(type.body['code']).toBe('subject-type');
    expect(paused.body['code']).toBe('journey-paused');
    const refused = await call('GET', 'entries?result=refused');
    expect(refused.body['items']).toHaveLength(3);
  });

  it('keeps the rules of re-entry', async () => {
    const reasonFor = async (journey: string) => {
      const { status, body } = await call('POST', `journeys/${journey}/runs`, {
        subject: 'patient/p-1',
      });
      return status === 201 ? 'entered' : body.code;
    };
    const rules = {
      'r-never': 'never',
      'r-after': 'after-end',
      'r-later': { afterEnd: 'P30D' },
      'r-parallel': 'parallel',
    } as const;
    const inside: Record<string, string> = {};
    const ended: Record<string, string> = {};
    await publish(deployment);
    for (const [journey, reentry] of Object.entries(rules)) {
      await publish(deployment, aDocument({ key: journey, reentry }));
      await enrol(deployment, 'p-1', journey);
      inside[journey] = await reasonFor(journey);
      for (const run of (await call('GET', `runs?journey=${journey}`)).body['items'])
        await end(String(run.id));
      ended[journey] = await reasonFor(journey);
    }
    deployment.now.at += 31 * 86_400_000;

    expect(inside).toEqual({
      'r-never': 'reentry-never',
      'r-after': 'still-inside',
      'r-later': 'still-inside',
      'r-parallel': 'entered',
    });
    expect(ended).toEqual({
      'r-never': 'reentry-never',
      'r-after': 'entered',
      'r-later': 'too-soon',
      'r-parallel': 'entered',
    });
    expect(await reasonFor('r-later')).toBe('entered');
  });

  it('checks the data against the inputs of the journey', async () => {
    const inputs = { type: 'object', required: ['dose'], properties: { dose: { type: 'number' } } };
    await publish(deployment, aDocument({ inputs }));

    const { body } = await call('POST', 'journeys/adherence/runs', { subject: 'patient/p-1' });

    expect(body['code']).toBe('inputs-invalid');
  });

  it('needs a published journey', async () => {
    await call('POST', 'journeys', { key: 'welcome' });

    expect(
      (await call('POST', 'journeys/welcome/runs', { subject: 'patient/p' })).body['code'],
    ).toBe('not-published');
    expect((await call('POST', 'journeys/none/runs', { subject: 'patient/p' })).status).toBe(404);
    expect((await call('POST', 'journeys/none/runs', { subject: 'p' })).status).toBe(422);
  });
});

describe('enrolling many', () => {
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const finished = async (id: string) => {
    for (;;) {
      const { body } = await call('GET', `jobs/${id}`);
      if (body['state'] === 'done') return body;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('answers a job, and a result for every line', async () => {
    await publish(deployment);
    const lines = ['{"subject":"patient/b-1"}', 'oops', '{"subject":"patient/b-1"}', '{"x":1}'];

    const { status, headers, body } = await call(
      'POST',
      'journeys/adherence/runs:bulk',
      lines.join('\n'),
      { ...ndjson, ...key('bulk-1') },
    );
    const again = await call('POST', 'journeys/adherence/runs:bulk', lines.join('\n'), {
      ...ndjson,
      ...key('bulk-1'),
    });
    const job = await finished(body['id']);

    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/api/v1/jobs/${body['id']}`);
    expect(again.body['id']).toBe(body['id']);
    expect(job).toMatchObject({ total: 4, done: 4, entered: 1, refused: 3 });
    expect(job['results'].map(({ line, reason }) => [line, reason])).toEqual([
      [1, undefined],
      [2, 'input-invalid'],
      [3, 'still-inside'],
      [4, 'input-invalid'],
    ]);
  });

  it('goes on after a restart, and enrols nobody twice (K1, K2)', async () => {
    await publish(deployment);
    const { platform } = deployment.api;
    const lines = Array.from({ length: 12 }, (_, index) => `{"subject":"patient/b-${index}"}`);
    const { body } = await call('POST', 'journeys/adherence/runs:bulk', lines.join('\n'), ndjson);
    platform.bulk.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await deployment.api.close();

    const { createPlatform } = await import('../platform.ts');
    const restarted = createPlatform(deployment.dependencies);
    await restarted.bulk.resume();
    const host = setInterval(() => {
      for (const { runId } of deployment.told.splice(0)) void stand(deployment, runId, 'welcome');
    }, 20);
    const job = await finished(body['id']);
    clearInterval(host);
    await restarted.close();

    expect(job).toMatchObject({ total: 12, entered: 12, refused: 0 });
    expect((await call('GET', 'runs')).body['items']).toHaveLength(12);
  });

  it('needs lines, and a type that says so', async () => {
    await publish(deployment);

    expect((await call('POST', 'journeys/adherence/runs:bulk', ' \n', ndjson)).status).toBe(422);
    expect((await call('POST', 'journeys/adherence/runs:bulk', '{}')).status).toBe(415);
    expect((await call('POST', 'journeys/none/runs:bulk', '{}', ndjson)).status).toBe(404);
  });
});

describe('a command', () => {
  let run: string;
  beforeEach(async () => {
    await publish(deployment);
    run = await enrol(deployment);
  });
  const command = (body: object, name?: string) =>
    call('POST', `runs/${run}/commands`, body, name === undefined ? {} : key(name));

  it('is given once under one key (C1)', async () => {
    const first = await command({ type: 'hold', reason: 'a call' }, 'k-1');
    const again = await command({ type: 'hold', reason: 'a call' }, 'k-1');
    const other = await command({ type: 'end', reason: 'a call' }, 'k-1');

    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.body).toEqual(first.body);
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency-key-reused']);
    expect(commands()).toEqual(['hold']);
  });

  it('needs a reason', async () => {
    const { status, body } = await command({ type: 'hold' });

    expect([status, body['code']]).toEqual([422, 'input-invalid']);
    expect((await command({ type: 'dance', reason: 'x' })).body['errors'][0]!.pointer).toBe(
      '/type',
    );
    expect(commands()).toEqual([]);
  });

  it('is refused when it plainly no longer applies (C2)', async () => {
    expect((await command({ type: 'resume', reason: 'x' })).body['code']).toBe('no-longer-applies');
    expect((await command({ type: 'retry', reason: 'x' })).body['code']).toBe('no-longer-applies');
    await end(run);
    expect((await command({ type: 'end', reason: 'x' })).body['code']).toBe('no-longer-applies');
    expect(commands()).toEqual([]);
  });

  it('to retry reopens the effect before the run is told (C4)', async () => {
    await standInIncident(deployment, run, { code: 'smtp-550' });
    const effect = `${run}/welcome#1`;
    await deployment.store.effects.settle(effect, {
      type: 'effect.failed',
      at: deployment.now.at,
      effect: 'welcome#1',
      code: 'smtp-550',
      kind: 'permanent',
      detail: 'refused',
      attempts: 5,
    });

    expect((await command({ type: 'retry', reason: 'mended' })).status).toBe(202);

    const reopened = await deployment.store.effects.get(effect);
    expect(reopened).not.toHaveProperty('outcome');
    expect(reopened?.attempts).toBe(0);
    expect(commands()).toEqual(['retry']);
  });

  it('to retry after an unknown outcome needs a confirmation (C3)', async () => {
    await standInIncident(deployment, run, { code: 'unknown-outcome' });

    const unsure = await command({ type: 'retry', reason: 'x' });
    expect([unsure.status, unsure.body['code']]).toEqual([409, 'confirmation-needed']);
    expect(commands()).toEqual([]);

    expect((await command({ type: 'retry', reason: 'x', confirm: true })).status).toBe(202);
  });

  it('to retry with an edited input is checked as a designer is, and leaves the earlier effect as it is (C4, C5)', async () => {
    await standInIncident(deployment, run, { code: 'smtp-550' });
    const effect = `${run}/welcome#1`;
    await deployment.store.effects.settle(effect, {
      ...{ type: 'effect.failed', at: deployment.now.at, effect: 'welcome#1', code: 'smtp-550' },
      ...{ kind: 'permanent', detail: 'refused', attempts: 5 },
    });
    const edit = (input: object, more = {}) =>
      command({ type: 'retry', step: 'welcome', input, reason: 'she told us', ...more });

    expect((await edit({ colour: 'red' })).body['errors'][0]!.pointer).toMatch(/^\/input/);
    expect((await edit({ subject: 7 })).body['errors'][0]!.pointer).toBe('/input/subject');
    expect((await edit({ subject: null })).status).toBe(422);
    expect((await edit({ body: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await edit({ to: 'b@x.example' }, { type: 'skip', port: 'sent' })).status).toBe(422);
    expect(commands()).toEqual([]);

    expect((await edit({ to: 'ada@new.example' })).status).toBe(202);
    expect(commands()).toEqual(['retry']);
    expect(await deployment.store.effects.get(effect)).toHaveProperty('outcome');
    const { body } = await call('GET', `audit?target=run/${run}`);
    expect(body['items'][0]).toMatchObject({ what: 'run-retry', after: { edited: ['to'] } });
    expect(JSON.stringify(body)).not.toContain('ada@new.example');
  });

  it('to skip names a port that leads somewhere', async () => {
    await standInIncident(deployment, run, { code: 'smtp-550' });

    expect((await command({ type: 'skip', reason: 'x' })).body['errors'][0]!.pointer).toBe('/port');
    expect((await command({ type: 'skip', port: 'no', reason: 'x' })).status).toBe(422);
    expect((await command({ type: 'skip', port: 'sent', reason: 'x' })).status).toBe(202);
  });

  it('stands in the audit log with its reason', async () => {
    await command({ type: 'hold', reason: 'the doctor asked' });

    const { body } = await call('GET', `audit?target=run/${run}`);

    expect(body['items'][0]).toMatchObject({ what: 'run-hold', why: 'the doctor asked' });
  });
});

describe('incidents', () => {
  it('are listed one by one, and alike ones together', async () => {
    await publish(deployment);
    const one = await enrol(deployment, 'p-1');
    deployment.now.at += 60_000;
    const two = await enrol(deployment, 'p-2');
    const three = await enrol(deployment, 'p-3');
    await standInIncident(deployment, one, { code: 'smtp-550' });
    deployment.now.at += 60_000;
    await standInIncident(deployment, two, { code: 'smtp-550' });
    await standInIncident(deployment, three, { code: 'no-address', fingerprint: 'f2' });

    const all = await call('GET', 'incidents');
    const some = await call('GET', 'incidents?fingerprint=f2');

    expect(all.body['items']).toHaveLength(3);
    expect(all.body['groups'][0]).toEqual({
      fingerprint: 'f1',
      code: 'smtp-550',
      journey: 'adherence',
      step: 'welcome',
      count: 2,
      oldestAt: '2026-11-24T08:01:00.000Z',
      newestAt: '2026-11-24T08:02:00.000Z',
      detail: 'it failed',
      runs: [two, one],
    });
    expect(some.body['items']).toEqual([
      expect.objectContaining({ runId: three, subject: 'patient/p-3', code: 'no-address' }),
    ]);
    expect((await call('GET', 'journeys')).body['items'][0]!.people).toEqual({
      active: 3,
      held: 0,
      ended: 0,
      incidents: 3,
    });
  });

  it('are resolved by their id, as long as they stand', async () => {
    await publish(deployment);
    const run = await enrol(deployment);
    const id = encodeURIComponent(await standInIncident(deployment, run, { code: 'smtp-550' }));
    const resolve = (path: string) =>
      call('POST', `incidents/${path}/resolution`, { type: 'retry', reason: 'mended' });

    const { status, body } = await resolve(id);
    await end(run);

    expect([status, body['runId']]).toEqual([202, run]);
    expect((await resolve(id)).status).toBe(409);
    expect((await resolve('nothing')).status).toBe(404);
  });
});
