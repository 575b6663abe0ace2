import type { JsonObject } from '@sojourn/plugin-kit';
import {
  createFhirSandbox,
  extensionOf,
  FhirFault,
  type FhirChange,
  type FhirProvider,
  type FhirRecord,
  type FhirResource,
  type FhirShelf,
} from '@sojourn/plugin-kit/fhir';
import type { MedicationRequest, Patient } from 'fhir/r4.js';
import { isExcursion } from '../temperature.ts';
import { extensions } from '../wire.ts';
import { moves, movesOf } from './moves.ts';
import { inTransit, isOpen, stateOf, type Order, type Shipment } from './order-record.ts';
import { deliveryOf, dispenseOf, endOf, readingsOf, requestOf, taskOf } from './resources.ts';

// A pharmacy: what becomes of an order, move by move. Pure.
//
//   M1. Every parcel of a cold chain carries a logger, which reads when it leaves, when it gets warm and when it arrives.
//   M2. What got warm for too long goes into quarantine, with everything of the order that is on its way. Where that was asked for,
//       a replacement leaves at once.
//   M3. What has left cannot be cancelled.

type Change = FhirChange<Order>;
type Shelf = FhirShelf<Order>;

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** The pharmacy. */
export const pharmacy: FhirProvider<Order> = {
  name: 'orders',
  callsBack: 'at-one-address',
  takes: { MedicationRequest: take },
  resourcesOf: (order) => [
    requestOf(order),
    taskOf(order),
    ...order.shipments.map((shipment) => deliveryOf(order, shipment)),
    ...order.shipments.flatMap(readingsOf),
    ...(order.state === 'delivered' ? [dispenseOf(order, lastArrival(order))] : []),
  ],
  cancel(order) {
    if (!isOpen(order) || order.shipments.length > 0)
      throw new FhirFault(409, 'conflict', 'shipped'); // M3
    return { ...order, state: 'cancelled' };
  },
  movesOf,
  play,
  itemOf,
};

/** A pharmacy that one can play. */
export const pharmacySandbox = createFhirSandbox(pharmacy);

function take(given: FhirResource, base: FhirRecord): Order {
  const request = given as MedicationRequest;
  const isSet = (url: string): boolean => extensionOf(request, url)?.valueBoolean === true;
  const { medicationCodeableConcept: medication, dispenseRequest } = request;
  if (!medication?.text || !dispenseRequest?.expectedSupplyDuration?.value)
    throw new FhirFault(422, 'required', 'medication-incomplete');
  return {
    ...base,
    request,
    isCold: isSet(extensions.coldChain),
    isReplacedWhenWarm: isSet(extensions.replaceOnExcursion),
    ...{ parts: 1, shipments: [] },
  };
}

function play(order: Order, action: { type: string } & JsonObject, shelf: Shelf): Change {
  const now = shelf.now();
  const reason = typeof action['reason'] === 'string' ? action['reason'] : undefined;
  switch (action.type as keyof typeof moves) {
    case 'pack':
      return { records: [{ ...order, state: 'packed' }], reports: [] };
    case 'ship':
      return ship(order, now);
    case 'split':
      return ship({ ...order, parts: 2 }, now);
    case 'deliver':
      return deliver(order, now);
    case 'delay':
      return delay(order, reason ?? moves.delay.input.properties.reason.default);
    case 'refuse':
      return end(order, 'refused', reason ?? moves.refuse.input.properties.reason.default);
    case 'return':
      return end(order, 'returned', reason ?? moves.return.input.properties.reason.default);
    case 'warm':
      return warm(order, action, shelf);
  }
}

function ship(order: Order, now: string): Change {
  const part = order.shipments.length + 1;
  const shipment: Shipment = {
    ...{ id: `${order.id}-s${part}`, part, status: 'in-progress' },
    expectedAt: later(now, 24 * hourMs),
    readings: order.isCold ? [{ at: now, celsius: 5.1 }] : [], // M1
  };
  const shipped = stood({ ...order, shipments: [...order.shipments, shipment] });
  return change(shipped, [[deliveryOf(shipped, shipment)]]);
}

function deliver(order: Order, now: string): Change {
  const [first] = inTransit(order);
  if (!first) throw new Error(`nothing of '${order.id}' is on its way`);
  const arrived: Shipment = {
    ...first,
    ...{ status: 'completed', deliveredAt: now },
    readings: order.isCold ? [...first.readings, { at: now, celsius: 4.6 }] : [], // M1
  };
  const delivered = stood(withShipment(order, arrived));
  const parcel = [deliveryOf(delivered, arrived), ...readingsOf(arrived)];
  const isWhole = delivered.state === 'delivered';
  return change(delivered, [
    parcel,
    ...(isWhole ? [[dispenseOf(delivered, now)], endOf(delivered)] : []),
  ]);
}

function delay(order: Order, reason: string): Change {
  const delayed = inTransit(order).map((shipment) => ({
    ...shipment,
    expectedAt: later(shipment.expectedAt, 24 * hourMs),
  }));
  const changed = delayed.reduce(withShipment, order);
  return change(
    changed,
    delayed.map((shipment) => [deliveryOf(changed, shipment, reason)]),
  );
}

function end(order: Order, state: string, reason: string): Change {
  const ended = { ...abandoned(order), state, reason };
  return change(ended, [endOf(ended)]);
}

function warm(order: Order, action: JsonObject, shelf: Shelf): Change {
  const { celsius, minutes } = moves.warm.input.properties;
  const at = Number(action['celsius'] ?? celsius.default);
  const lasts = Number(action['minutes'] ?? minutes.default);
  const now = shelf.now();
  const [first] = inTransit(order);
  if (!first) throw new Error(`nothing of '${order.id}' is on its way`);
  const begins = later(first.readings.at(-1)?.at ?? now, minuteMs);
  const read: Shipment = {
    ...first,
    readings: [
      ...first.readings,
      { at: begins, celsius: at },
      { at: later(begins, lasts * minuteMs), celsius: 5.4 },
    ],
  };
  const changed = withShipment(order, read);
  const readings = read.readings.map((reading) => ({
    ...{ atMs: Date.parse(reading.at), celsius: reading.celsius },
  }));
  if (!isExcursion(readings))
    return change(changed, [[deliveryOf(changed, read), ...readingsOf(read)]]);
  const reason = `${at} °C for ${lasts} minutes`;
  const quarantined = { ...abandoned(changed), state: 'quarantined', reason };
  if (!order.isReplacedWhenWarm) return change(quarantined, [endOf(quarantined)]);
  const id = shelf.newId();
  const replaced = { ...quarantined, replacement: id };
  const { reports, records } = ship(replacementOf(order, id, now), now); // M2
  return {
    records: [replaced, ...records],
    reports: [{ of: replaced, resources: endOf(replaced) }, ...reports],
  };
}

function replacementOf(order: Order, id: string, at: string): Order {
  const { reason: _reason, replaces: _replaces, ...rest } = order;
  const bare = { ...rest, parts: 1, shipments: [] };
  return { ...bare, ...{ id, at, key: `replacement/${id}`, replaces: order.id, state: 'packed' } };
}

function itemOf({ request, ...order }: Order): JsonObject & { to: string } {
  const patient = request.contained?.find(
    (resource): resource is Patient => resource.resourceType === 'Patient',
  );
  const [name] = patient?.name ?? [];
  const called = name?.text ?? [name?.given?.join(' '), name?.family].filter(Boolean).join(' ');
  const { dispenseRequest } = request;
  return {
    to: called === '' ? (request.subject.identifier?.value ?? '') : called,
    subject: request.subject.identifier?.value ?? '',
    medication: request.medicationCodeableConcept?.text ?? '',
    quantity: dispenseRequest?.quantity?.value ?? null,
    daysSupply: dispenseRequest?.expectedSupplyDuration?.value ?? null,
    isCold: order.isCold,
    shipments: order.shipments.map(parcelOf),
    ...(order.reason === undefined ? {} : { reason: order.reason }),
    ...(order.replaces === undefined ? {} : { replaces: order.replaces }),
    ...(order.replacement === undefined ? {} : { replacement: order.replacement }),
  };
}

/** A parcel as the board shows it: with what its logger read last. */
function parcelOf({ id, part, status, expectedAt, readings }: Shipment): JsonObject {
  const last = readings.at(-1);
  return { id, part, status, expectedAt, ...(last ? { celsius: last.celsius } : {}) };
}

const change = (of: Order, bundles: FhirResource[][]): Change => ({
  records: [of],
  reports: bundles.map((resources) => ({ of, resources })),
});
const stood = (order: Order): Order => ({ ...order, state: stateOf(order) });
const withShipment = (order: Order, changed: Shipment): Order => ({
  ...order,
  shipments: order.shipments.map((one) => (one.id === changed.id ? changed : one)),
});
const abandoned = (order: Order): Order =>
  inTransit(order).reduce(
    (rest, shipment) => withShipment(rest, { ...shipment, status: 'abandoned' }),
    order,
  );
const later = (at: string, byMs: number): string => new Date(Date.parse(at) + byMs).toISOString();
const lastArrival = ({ shipments }: Order): string =>
  shipments
    .flatMap(({ deliveredAt }) => deliveredAt ?? [])
    .sort()
    .at(-1) ?? '';
