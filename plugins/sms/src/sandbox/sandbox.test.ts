import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxItem } from '@sojourn/plugin-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sms } from '../plugin.ts';
import { aListener, aRequest, openOutside, phone, type Outside } from '../test-support/sandbox.ts';
import { openTexts, type Text } from './texts.ts';

const { send } = sms.actions;
const off = '+886912000999';

let outside: Outside;
beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  await outside.close();
});
const sent = async (to: string): Promise<string> => {
  const result = await send.perform(aRequest({ to }), outside.context());
  return result.type === 'accepted' ? result.reference : '';
};
const movesOf = (item: SandboxItem | undefined) => item?.moves?.map(({ type }) => type);

describe('a phone in the sandbox', () => {
  it('that is off has its texts delivered, or not, by whoever plays', async () => {
    const first = await sent(off);
    const second = await sent(off);
    const before = await outside.sandbox.item(first);
    await outside.sandbox.act(first, { type: 'deliver' });
    await outside.sandbox.act(second, { type: 'fail' });

    expect([before?.state, movesOf(before)]).toEqual(['sent', ['deliver', 'fail']]);
    expect(await outside.sandbox.items({ limit: 10 })).toMatchObject([
      { id: second, state: 'undelivered', moves: [] },
      { id: first, state: 'delivered' },
    ]);
    expect(movesOf(await outside.sandbox.item(first))).toEqual(['reply', 'stop']);
  });

  it.each<[string, string, string]>([
    ['deliver', 'deliver', "'deliver' is nothing one can do with it now: reply, stop"],
    ['fail', 'reply', "'reply' is nothing one can do with it now: nothing is"],
  ])('refuses, after %s, to %s', async (first, second, reason) => {
    const id = await sent(off);
    await outside.sandbox.act(id, { type: first });
    const move = { type: second, text: 'yes' };

    await expect(outside.sandbox.act(id, move)).rejects.toThrow(reason);
    await expect(outside.sandbox.act('none', move)).rejects.toThrow("no text 'none'");
    expect(await outside.sandbox.items({ limit: 10 })).toHaveLength(1);
  });

  it('has its conversation, whoever wrote', async () => {
    await outside.sandbox.begin?.({ type: 'write', from: '+886 912 345 678', text: 'Hello' });
    await sent(off);
    await sent(phone);

    expect(await outside.sandbox.items({ to: phone, limit: 10 })).toMatchObject([
      { direction: 'out', to: phone, from: '27300' },
      { direction: 'in', to: '27300', from: phone, text: 'Hello' },
    ]);
    expect(await outside.sandbox.items({ to: phone, limit: 1 })).toHaveLength(1);
  });

  it.each([
    { type: 'call', from: phone, text: 'Hello' },
    { type: 'write', from: '12', text: 'Hello' },
    { type: 'write', from: phone, text: '' },
    { type: 'write', from: phone },
  ])('does not begin %j', async (action) => {
    await expect(outside.sandbox.begin?.(action)).rejects.toThrow();
    expect(await outside.sandbox.items({ limit: 10 })).toEqual([]);
  });

  it('shows every arrival and every change', async () => {
    const seen: unknown[] = [];
    const stop = outside.sandbox.watch(({ state }) => seen.push(state));
    const id = await sent(off);
    await outside.sandbox.act(id, { type: 'deliver' });
    stop();
    await outside.sandbox.act(id, { type: 'stop' });

    expect(seen).toEqual(['sent', 'delivered']);
  });

  it('reports late when it is told to', async () => {
    outside.sandbox.report?.('late');
    const id = await sent(off);
    await outside.sandbox.act(id, { type: 'deliver' });
    outside.sandbox.report?.('well');
    await outside.sandbox.begin?.({ type: 'write', from: phone, text: 'Hello' });
    const listener = aListener(outside);
    const heard = [await listener.next(), await listener.next()];
    await listener.stop();

    expect(heard.map(({ type }) => type)).toEqual(['happened', 'settled']);
  });
});

it('reports after a restart what was to come late', async () => {
  outside.sandbox.report?.('late');
  const id = await sent(off);
  await outside.sandbox.act(id, { type: 'deliver' });
  await outside.restart();
  const listener = aListener(outside);
  const report = await listener.next();
  await listener.stop();

  expect(report).toMatchObject({ type: 'settled', reference: id, outcome: 'delivered' });
});

describe('what the SMSC has on disk', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'texts-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });
  const aText = (id: string): Text => ({
    ...{ id, direction: 'out', to: phone, from: '27300', text: 'Hi', encoding: 'gsm-7', parts: 1 },
    ...{ at: '2027-01-05T09:30:00.000Z', state: 'sent', key: `key of ${id}`, receipts: [id] },
  });
  const aPart = (number: number) => ({
    ...{ from: '27300', to: phone, reference: 7, total: 2, number, text: `<${number}>` },
  });
  const aSubmission = (id: string) => ({
    ...{ id, key: 'k', wantsReceipt: true, encoding: 'gsm-7' as const },
  });

  it('is there after it is opened again: texts, how they stand, and what is owed', () => {
    const before = openTexts(directory);
    before.put(aText('a'));
    before.setState('a', 'delivered');
    const paid = before.owe({ textId: 'a', dueAt: 1 });
    const owed = before.owe({ textId: 'a', dueAt: 2 });
    before.pay(paid.id);
    before.close();
    const after = openTexts(directory);

    expect(after.get('a')).toEqual({ ...aText('a'), state: 'delivered' });
    expect(after.byKey('key of a')?.id).toBe('a');
    expect(after.debts()).toEqual([owed]);
    after.close();
  });

  it('has the parts of a text that was not whole, and none of one that was', () => {
    const before = openTexts(directory);
    before.addPart(aPart(1), aSubmission('a'));
    before.close();
    const between = openTexts(directory);
    const whole = between.addPart(aPart(2), aSubmission('b'));
    between.close();
    const after = openTexts(directory);

    expect(whole).toMatchObject({ id: 'b', text: '<1><2>', parts: 2, receipts: ['a', 'b'] });
    expect(after.addPart(aPart(2), aSubmission('c'))).toBeUndefined();
    expect(after.list({ limit: 10 })).toEqual([whole]);
    after.close();
  });

  it('leaves out a line that a crash cut off, and goes on after it', async () => {
    const before = openTexts(directory);
    before.put(aText('a'));
    before.close();
    await appendFile(join(directory, 'texts.jsonl'), '{"text":{"id":"b"');
    const between = openTexts(directory);
    between.put(aText('c'));
    between.close();
    const after = openTexts(directory);

    expect(after.list({ limit: 10 }).map(({ id }) => id)).toEqual(['c', 'a']);
    after.close();
  });
});
