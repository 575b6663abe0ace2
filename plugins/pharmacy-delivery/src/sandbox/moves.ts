import type { SandboxMove } from '@sojourn/plugin-kit';
import { inTransit, isOpen, unshipped, type Order } from './order-record.ts';

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });
const reasonWith = (usual: string) => ({
  type: 'object',
  additionalProperties: false,
  properties: {
    reason: {
      ...{ type: 'string', minLength: 1, maxLength: 500, default: usual, title: 'Reason' },
      'x-title': text('Reason', '原因', '原因'),
    },
  },
});

/** What can be done with an order, by its type. */
export const moves = {
  pack: { type: 'pack', title: text('Pack', '包裝', '打包') },
  ship: { type: 'ship', title: text('Ship', '出貨', '发货') },
  split: { type: 'split', title: text('Ship a part', '先出一部分', '先发一部分') },
  deliver: { type: 'deliver', title: text('Hand over', '送達', '送达') },
  delay: {
    type: 'delay',
    title: text('Delay', '延誤', '延误'),
    harm: true,
    input: reasonWith('The carrier is late'),
  },
  refuse: {
    type: 'refuse',
    title: text('Refuse', '拒絕', '拒绝'),
    harm: true,
    input: reasonWith('Nobody would take it'),
  },
  return: {
    type: 'return',
    title: text('Send back', '退回', '退回'),
    harm: true,
    input: reasonWith('Nobody was there'),
  },
  warm: {
    type: 'warm',
    title: text('Let it get warm', '使其失溫', '使其失温'),
    harm: true,
    input: {
      type: 'object',
      additionalProperties: false,
      properties: {
        celsius: {
          ...{ type: 'number', minimum: -40, maximum: 60, default: 14.5, title: '°C' },
          'x-title': text('°C', '°C', '°C'),
        },
        minutes: {
          ...{ type: 'integer', minimum: 1, maximum: 10_000, default: 45, title: 'Minutes' },
          'x-title': text('Minutes', '分鐘', '分钟'),
        },
      },
    },
  },
} satisfies Record<string, SandboxMove>;

/** What can be done with an order now, the usual first. */
export function movesOf(order: Order): SandboxMove[] {
  if (!isOpen(order)) return [];
  if (order.state === 'received') return [moves.pack, moves.refuse];
  if (order.shipments.length === 0) return [moves.ship, moves.split, moves.refuse];
  const shipping = unshipped(order) > 0 ? [moves.ship] : [];
  if (inTransit(order).length === 0) return shipping;
  return [
    ...[...shipping, moves.deliver, moves.delay, moves.refuse, moves.return],
    ...(order.isCold ? [moves.warm] : []),
  ];
}
