import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOutside, type Outside } from '../test-support/outside.ts';

let outside: Outside;
beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  await outside.close();
});
const movesOf = (item: { moves?: { type: string }[] } | undefined) =>
  item?.moves?.map(({ type }) => type);

describe('a calendar in the sandbox', () => {
  it('offers what the representative can do, and keeps what they did', async () => {
    const { item } = await outside.asked();
    await outside.sandbox.act(item.id, { type: 'accept' });
    await outside.restart();
    const accepted = await outside.sandbox.item(item.id);
    await outside.sandbox.act(item.id, { type: 'decline' });

    expect(movesOf(item)).toEqual(['accept', 'other-time', 'decline']);
    expect([accepted?.state, movesOf(accepted)]).toEqual(['accepted', ['other-time', 'decline']]);
    expect(movesOf(await outside.sandbox.item(item.id))).toEqual([]);
    expect(await outside.heard(2)).toHaveLength(2);
  });

  it.each([
    [{ type: 'eat' }, "'eat' is nothing one can do"],
    [{ type: 'other-time' }, '`start`'],
    [{ type: 'other-time', start: '2020-01-01T00:00:00Z' }, '`start`'],
  ])('refuses %j', async (action, reason) => {
    const { item } = await outside.asked();

    await expect(outside.sandbox.act(item.id, action)).rejects.toThrow(reason);
    await expect(outside.sandbox.act('none', action)).rejects.toThrow("no visit 'none'");
    expect(await outside.sandbox.item(item.id)).toMatchObject({ state: 'asked' });
  });

  it('is one of each representative, and shows every change', async () => {
    const seen: unknown[] = [];
    const stop = outside.sandbox.watch(({ state }) => seen.push(state));
    const { item } = await outside.asked();
    await outside.sandbox.act(item.id, { type: 'accept' });
    stop();

    expect(seen).toEqual(['asked', 'accepted']);
    expect(await outside.sandbox.items({ to: 'mei@reps.example', limit: 10 })).toHaveLength(1);
    expect(await outside.sandbox.items({ to: 'jun@reps.example', limit: 10 })).toEqual([]);
  });
});
