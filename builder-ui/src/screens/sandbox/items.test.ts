import { describe, expect, it } from 'vitest';
import {
  answerable,
  columnsOf,
  conversationsIn,
  daysOf,
  offeredIn,
  queueOf,
  quickRepliesTo,
  type CaseItem,
  type OrderItem,
  type TextItem,
} from './items.ts';

const reply = {
  type: 'reply',
  title: 'Reply',
  input: { properties: { text: { type: 'string', default: '1' } } },
};
const stop = { type: 'stop', title: 'Reply STOP', harm: true };

function aText(given: Partial<TextItem>): TextItem {
  return {
    ...{ id: 't1', direction: 'out', to: '+886912345678', from: 'Sojourn', text: 'Good day' },
    ...{ encoding: 'gsm-7', parts: 1, at: '2026-11-02T09:30:00', state: 'delivered', moves: [] },
    ...given,
  };
}
const anOrder = (id: string, state: string, moves: OrderItem['moves'] = []): OrderItem => ({
  ...{ id, to: 'Ada Lin', subject: 'patient/ada', medication: 'Insulin', quantity: 5 },
  ...{ daysSupply: 28, isCold: true, shipments: [], state, moves },
});
const aCase = (id: string, state: string): CaseItem => ({
  ...{ id, to: 'Ada Lin', subject: 'patient/ada', kind: 'check', plan: 'GOLD', documents: [] },
  ...{ isAppeal: false, state },
});

describe('conversations', () => {
  it('hold what one phone got and wrote, oldest first, the latest conversation first', () => {
    const found = conversationsIn([
      aText({ id: 'c', direction: 'in', from: '+886 912 345 678', to: 'Sojourn' }),
      aText({ id: 'b', to: '+85261234567' }),
      aText({ id: 'a' }),
    ]);

    expect(found.map(({ texts }) => texts.map(({ id }) => id))).toEqual([['a', 'c'], ['b']]);
  });

  it('are answered at the latest text that takes an answer', () => {
    const [conversation] = conversationsIn([
      aText({ id: 'c', state: 'undelivered' }),
      aText({ id: 'b', moves: [reply, stop] }),
      aText({ id: 'a', moves: [reply, stop] }),
    ]);

    expect(conversation && answerable(conversation)?.id).toBe('b');
  });

  it('are cut where a day ends', () => {
    const days = daysOf([
      aText({ id: 'a', at: '2026-11-02T09:30:00' }),
      aText({ id: 'b', at: '2026-11-02T23:59:00' }),
      aText({ id: 'c', at: '2026-11-03T00:01:00' }),
    ]);

    expect(days.map(({ texts }) => texts.length)).toEqual([2, 1]);
  });
});

describe('quick replies', () => {
  it.each([
    ['Reply 1 for delivery, 2 for a call.', ['1', '2']],
    ['您的藥量預計於 11 月 8 日用完。回覆 1 由藥局配送，回覆 2 請我們致電。', ['1', '2']],
    ['Answer by 5 pm: 1 yes, 2 no', ['1', '2']],
    ['It comes at 9:30 on 1/2.', []],
    ['You have 3 refills left.', []],
  ])('are the numbers that "%s" offers', (text, offered) => {
    expect(offeredIn(text)).toEqual(offered);
  });

  it('are the usual answer where nothing is offered, and what needs no words', () => {
    expect(quickRepliesTo(aText({ moves: [reply, stop] }))).toEqual([
      { words: '1' },
      { move: stop },
    ]);
  });
});

describe('the board of a pharmacy', () => {
  it('has an order in the column of its state', () => {
    const columns = columnsOf([
      anOrder('a', 'received'),
      anOrder('b', 'part-shipped'),
      anOrder('c', 'shipped'),
      anOrder('d', 'delivered'),
    ]);

    expect(columns.map(({ name, orders }) => [name, orders.map(({ id }) => id)])).toEqual([
      ['new', ['a']],
      ['packing', []],
      ['moving', ['b', 'c']],
      ['delivered', ['d']],
    ]);
  });

  it('shows what never arrives only when there is some, and keeps a state that is unknown', () => {
    const columns = columnsOf([anOrder('a', 'refused'), anOrder('b', 'at-customs', [stop])]);

    expect(columns.map(({ name, orders }) => [name, orders.length])).toEqual([
      ['new', 0],
      ['packing', 0],
      ['moving', 1],
      ['delivered', 0],
      ['stopped', 1],
    ]);
  });
});

describe('the queue of an insurer', () => {
  it('begins with what has waited longest', () => {
    const queue = queueOf([
      aCase('d', 'pending'),
      aCase('c', 'enrolled'),
      aCase('b', 'pending'),
      aCase('a', 'declined'),
    ]);

    expect(queue.map(({ id }) => id)).toEqual(['b', 'd', 'c', 'a']);
  });
});
