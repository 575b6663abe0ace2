import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkValue,
  type JsonObject,
  type PerformRequest,
  type PerformResult,
  type ProviderReport,
  type RunningSandbox,
} from '@sojourn/plugin-kit';
import { createTestContext, openWebhook, type Webhook } from '@sojourn/plugin-kit/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { insuranceEnrollment } from './plugin.ts';

const { actions, callbacks } = insuranceEnrollment;

let directory: string;
let insurer: RunningSandbox;
let webhook: Webhook;
let count: number;

beforeEach(async () => {
  count = 0;
  directory = await mkdtemp(join(tmpdir(), 'insurer-'));
  webhook = await openWebhook();
  insurer = await insuranceEnrollment.sandbox.start({ directory });
});
afterEach(async () => {
  vi.useRealTimers();
  await insurer.close();
  await webhook.close();
  await rm(directory, { recursive: true });
});

const context = () =>
  createTestContext({
    ...{ plugin: 'insurance-enrollment', type: 'fhir' },
    settings: insurer.connection.settings,
  });

type Name = keyof typeof actions;
/** Asks, each time as another effect. */
async function asks(
  name: Name,
  config: JsonObject = {},
  change: Partial<PerformRequest> = {},
): Promise<PerformResult> {
  const whole = { plan: 'GOLD-2026', ...config };
  const { callbackUrl = webhook.url, ...rest } = change; // '' for none
  expect(checkValue(actions[name].config, whole)).toEqual([]);
  const result = await actions[name].perform(
    {
      config: whole,
      subject: { type: 'patient', key: 'p1', attributes: { givenName: 'Ada', memberId: 'M-1' } },
      ...{ idempotencyKey: `run/${name}#${(count += 1)}`, attempt: 1, deadline: 0 },
      links: { click: (to) => to, open: () => '', unsubscribe: () => '' },
      ...rest,
      ...(callbackUrl === '' ? {} : { callbackUrl }),
    },
    context(),
  );
  if (result.type === 'done') expect(checkValue(actions[name].output, result.output)).toEqual([]);
  return result;
}
/** The insurer's own id of a case that is not decided yet. */
async function files(...asked: Parameters<typeof asks>): Promise<string> {
  const result = await asks(...asked);
  if (result.type !== 'accepted') throw new Error('it was decided at once');
  return result.reference;
}
const failure = async (...asked: Parameters<typeof asks>): Promise<unknown> =>
  await asks(...asked).then(
    () => undefined,
    (error: unknown) => error,
  );
const plays = async (id: string, type: string, more: JsonObject = {}) =>
  await insurer.act(id, { type, ...more });

/** What the insurer has reported, once so many callbacks came. */
async function reported(times: number): Promise<ProviderReport[]> {
  const requests = await webhook.hears(0, (came) => Promise.resolve(came.length >= times));
  expect(requests).toHaveLength(times);
  const found: ProviderReport[] = [];
  for (const request of requests) {
    expect(await callbacks.verify(request, context().connection)).toBe(true);
    const answer = await callbacks.receive(request, context());
    if (!Array.isArray(answer)) throw new Error(answer.reason);
    found.push(...answer);
  }
  return found;
}

describe('a check of coverage', () => {
  it('waits for a person of the insurer, and hears of the answer where it said', async () => {
    const id = await files('check', { product: { text: 'Pen 40 mg' }, date: '2026-12-01' });
    await plays(id, 'approve');

    expect(await reported(1)).toMatchObject([
      { type: 'settled', reference: id, outcome: 'eligible', output: { isInForce: true } },
    ]);
  });

  it('may end as not eligible, with the reason', async () => {
    const id = await files('check');
    await plays(id, 'decline', { reason: 'Not in this plan', code: 'excluded' });
    expect(await reported(1)).toMatchObject([
      {
        outcome: 'not-eligible',
        output: { isInForce: false, reason: { code: 'excluded', text: 'Not in this plan' } },
      },
    ]);
  });

  it('is answered at once of whom the insurer knows: covered, and lapsed', async () => {
    const id = await files('enroll');
    await plays(id, 'approve');
    const covered = await asks('check');
    await plays(id, 'lapse');

    expect(covered).toMatchObject({
      ...{ type: 'done', outcome: 'eligible', output: { coverageId: `${id}-c` } },
    });
    expect(await asks('check')).toMatchObject({
      ...{ outcome: 'not-eligible', output: { reason: { code: 'premium-unpaid' } } },
    });
    expect(await asks('check', { plan: 'OTHER' })).toMatchObject({ type: 'accepted' });
  });

  it('that was cut off is found again, with the answer that came meanwhile', async () => {
    const { check } = actions;
    expect(await check.reconcile?.('run/check#1', context(), {})).toEqual({ type: 'not-found' });
    const id = await files('check');
    expect(await check.reconcile?.('run/check#1', context(), {})).toEqual({
      ...{ type: 'accepted', reference: id },
    });
    await plays(id, 'approve');

    expect(await check.reconcile?.('run/check#1', context(), {})).toMatchObject({
      outcome: 'eligible',
    });
    const again = await asks('check', {}, { idempotencyKey: 'run/check#1' });
    expect(again).toMatchObject({ type: 'done', outcome: 'eligible' });
  });
});

describe('an enrolment', () => {
  it('is written as its README says, templates and all', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, sample = ''] = /```json\n(.*?)```/s.exec(readme) ?? [];
    const step = JSON.parse(sample) as { uses: string; with: JsonObject };

    expect(step.uses).toBe('insurance-enrollment/enroll');
    expect(checkValue(actions.enroll.config, step.with)).toEqual([]);
  });

  it('carries the member, the plan and the documents to the insurer', async () => {
    const id = await files('enroll', {
      member: { familyName: 'Lin', birthDate: '1980-02-29' },
      documents: [{ type: 'income-proof', url: 'https://files.example/1' }, { type: 'passport' }],
    });
    expect(await insurer.item(id)).toMatchObject({
      ...{ to: 'Ada Lin', subject: 'patient/p1', plan: 'GOLD-2026', state: 'pending' },
      ...{ documents: ['income-proof', 'passport'], kind: 'enrollment' },
    });
  });

  it('ends as enrolled, and the coverage is told; it lapses and is reinstated', async () => {
    const id = await files('enroll');
    await plays(id, 'approve');
    await plays(id, 'lapse', { reason: 'Unpaid since October' });
    await plays(id, 'reinstate');

    const subject = { type: 'patient', key: 'p1' };
    const [end, covered, lapsed, back] = await reported(4);
    expect(end).toMatchObject({ outcome: 'enrolled', output: { coverageId: `${id}-c` } });
    expect(covered).toMatchObject({
      ...{ eventType: 'coverage.changed', subject, reference: id, data: { status: 'active' } },
    });
    expect(lapsed).toMatchObject({
      eventType: 'coverage.lapsed',
      data: { status: 'cancelled', plan: 'GOLD-2026', reason: { text: 'Unpaid since October' } },
    });
    expect(lapsed).toHaveProperty('data.period.to');
    expect(back).toMatchObject({ eventType: 'coverage.changed', data: { status: 'active' } });
    expect(back).not.toHaveProperty('data.period.to');
  });

  it('may want documents, which are sent after it as a case that continues it', async () => {
    const first = await files('enroll');
    await plays(first, 'ask-for-documents', { documents: ['passport'] });
    expect(await reported(1)).toMatchObject([
      { outcome: 'documents-missing', output: { caseId: first, missing: ['passport'] } },
    ]);

    const second = await files('enroll', { continues: first, documents: [{ type: 'passport' }] });
    expect(await insurer.item(second)).toMatchObject({ continues: first, state: 'pending' });
  });

  it('that was declined can be appealed, for sixty days', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-28T08:00:00Z') });
    const first = await files('enroll');
    await plays(first, 'decline', { reason: 'Outside the plan' });
    expect(await reported(1)).toMatchObject([
      {
        outcome: 'declined',
        output: { appealableUntil: '2027-01-27', reason: { text: 'Outside the plan' } },
      },
    ]);
    const appeal = { continues: first, appeal: true, reason: 'It is inside' };

    vi.setSystemTime(Date.parse('2027-01-27T23:00:00Z'));
    expect(await insurer.item(await files('enroll', appeal))).toMatchObject({ isAppeal: true });
    vi.setSystemTime(Date.parse('2027-01-28T00:00:00Z'));
    expect(await failure('enroll', appeal)).toMatchObject({
      ...{ code: 'appeal-too-late', kind: 'permanent' },
    });
  });

  it('is refused when it continues nothing', async () => {
    const first = await files('enroll');
    const appeal = { continues: first, appeal: true, reason: 'But' };
    const code = async (config: JsonObject, change: Partial<PerformRequest> = {}) =>
      ((await failure('enroll', config, change)) as { code?: string }).code;
    const another = { subject: { type: 'patient', key: 'p2', attributes: {} } };

    expect(await code({ continues: first })).toBe('nothing-missing');
    expect(await code(appeal)).toBe('not-declined');
    expect(await code({ continues: 'no-such' })).toBe('no-such-case');
    await plays(first, 'decline');
    expect(await code(appeal, another)).toBe('no-such-case');
  });

  it.each([
    [{ appeal: true }, '/appeal'],
    [{ appeal: true, continues: 'n1' }, '/appeal'],
    [{ appeal: true, reason: 'But' }, '/appeal'],
    [{ member: { birthDate: '1980-02-30' } }, '/member/birthDate'],
  ])('is not filed with %j', async (config, pointer) => {
    const error = await failure('enroll', config);
    expect(error).toMatchObject({ kind: 'config', code: 'request-invalid' });
    expect(String(error)).toContain(pointer);
    expect(await insurer.items({ limit: 1 })).toEqual([]);
  });

  it('is one, however often it is sent, and can be stopped until it is decided', async () => {
    const id = await files('enroll', {}, { idempotencyKey: 'run/enroll#a' });
    expect(await files('enroll', {}, { idempotencyKey: 'run/enroll#a' })).toBe(id);
    expect(await insurer.items({ limit: 10 })).toHaveLength(1);

    expect(await actions.enroll.cancel?.(id, context())).toBe(true);
    expect((await insurer.item(id))?.state).toBe('cancelled');
    const decided = await files('enroll');
    await plays(decided, 'decline');
    expect(await actions.enroll.cancel?.(decided, context())).toBe(false);
  });
});

describe('the insurer', () => {
  it('says what can be done, and why something cannot', async () => {
    const id = await files('enroll');
    const check = await files('check');
    const moves = async (of: string) => (await insurer.item(of))?.moves?.map(({ type }) => type);

    expect(await moves(id)).toEqual(['approve', 'ask-for-documents', 'decline']);
    expect(await moves(check)).toEqual(['approve', 'decline']);
    await expect(insurer.act(id, { type: 'lapse' })).rejects.toThrow(
      `'lapse' cannot be done with '${id}', which is pending`,
    );
    await expect(insurer.act(id, { type: 'ask-for-documents', documents: [] })).rejects.toThrow(
      '/documents',
    );
    await plays(id, 'approve');
    expect(await moves(id)).toEqual(['lapse']);
    await plays(id, 'lapse');
    expect(await moves(id)).toEqual(['reinstate']);
    await plays(check, 'approve');
    expect(await moves(check)).toEqual([]);
  });

  it('calls back at the address of each case, and nobody who said none', async () => {
    const silent = await files('enroll', {}, { callbackUrl: '' });
    const heard = await files('enroll');
    await plays(silent, 'approve');
    await plays(heard, 'decline');

    expect(await reported(1)).toMatchObject([{ reference: heard }]);
    expect(Object.keys(insurer)).not.toContain('callBack');
  });

  it('keeps cases and what it has not told over a restart', async () => {
    const closed = await openWebhook();
    await closed.close(); // nobody is there
    const id = await files('enroll', {}, { callbackUrl: closed.url });
    const heard = await files('enroll');
    await plays(id, 'decline');
    await plays(heard, 'approve');
    expect(await reported(2)).toMatchObject([{ outcome: 'enrolled' }, { reference: heard }]);
    await insurer.close();
    insurer = await insuranceEnrollment.sandbox.start({ directory });

    expect(await insurer.item(id)).toMatchObject({ state: 'declined' });
    expect(await asks('check')).toMatchObject({ type: 'done', outcome: 'eligible' });
    await plays(heard, 'lapse');
    expect((await reported(3)).at(-1)).toMatchObject({ eventType: 'coverage.lapsed' });
  });
});
