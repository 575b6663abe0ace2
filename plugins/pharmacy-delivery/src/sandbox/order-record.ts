import type { FhirRecord } from '@sojourn/plugin-kit/fhir';
import type { MedicationRequest } from 'fhir/r4.js';

/** What a pharmacy keeps of an order. */
export interface Order extends FhirRecord {
  request: MedicationRequest;
  isCold: boolean;
  isReplacedWhenWarm: boolean;
  /** In how many parts it goes. */
  parts: number;
  shipments: Shipment[];
  reason?: string;
  /** The order that this one replaces, and the one that replaces it. */
  replaces?: string;
  replacement?: string;
}

/** One parcel of it. */
export interface Shipment {
  id: string;
  part: number;
  status: 'in-progress' | 'completed' | 'abandoned';
  /** RFC 3339 */
  expectedAt: string;
  deliveredAt?: string;
  readings: { at: string; celsius: number }[];
}

const ended = ['delivered', 'refused', 'returned', 'quarantined', 'cancelled'];

/** Whether something can still become of it. */
export const isOpen = ({ state }: Order): boolean => !ended.includes(state);

/** Its shipments that are on their way. */
export const inTransit = ({ shipments }: Order): Shipment[] =>
  shipments.filter(({ status }) => status === 'in-progress');

/** How many of its parts have not left. */
export const unshipped = ({ parts, shipments }: Order): number => parts - shipments.length;

/** How an order stands whose parts stand like that. */
export function stateOf(order: Order): string {
  if (order.shipments.length === 0) return 'packed';
  const arrived = order.shipments.filter(({ status }) => status === 'completed').length;
  if (arrived === order.parts) return 'delivered';
  if (arrived > 0) return 'part-delivered';
  return unshipped(order) > 0 ? 'part-shipped' : 'shipped';
}
