import type {
  Extension,
  MedicationDispense,
  MedicationRequest,
  Observation,
  SupplyDelivery,
  Task,
} from 'fhir/r4.js';
import type { FhirResource } from '@sojourn/plugin-kit/fhir';
import { extensions } from '../wire.ts';
import type { Order, Shipment } from './order-record.ts';

// An order as FHIR R4 says it.

const requestStatus: Record<string, MedicationRequest['status']> = {
  delivered: 'completed',
  cancelled: 'cancelled',
  refused: 'stopped',
  returned: 'stopped',
  quarantined: 'stopped',
};
const taskStatus: Record<string, Task['status']> = {
  delivered: 'completed',
  refused: 'rejected',
  returned: 'failed',
  quarantined: 'failed',
  cancelled: 'cancelled',
};

const orderRef = (id: string) => ({ reference: `MedicationRequest/${id}` });
const replacesOf = ({ replaces }: Order): Extension[] =>
  replaces === undefined ? [] : [{ url: extensions.replaces, valueReference: orderRef(replaces) }];
const patientOf = ({ request }: Order) => {
  const { identifier } = request.subject;
  return identifier === undefined ? {} : { identifier };
};

/** The prescription, as it stands. */
export function requestOf({ id, state, request }: Order): MedicationRequest {
  return { ...request, id, status: requestStatus[state] ?? 'active' };
}

/** How the order stands as a whole. */
export function taskOf(order: Order): Task {
  const { id, state, reason, replacement } = order;
  return {
    ...{ resourceType: 'Task', id: `${id}-t`, intent: 'order', for: patientOf(order) },
    focus: orderRef(id),
    status: taskStatus[state] ?? 'in-progress',
    businessStatus: { coding: [{ code: state === 'quarantined' ? 'excursion' : state }] },
    extension: replacesOf(order),
    ...(reason === undefined ? {} : { statusReason: { text: reason } }),
    ...(replacement === undefined
      ? {}
      : { output: [{ type: { text: 'replacement' }, valueReference: orderRef(replacement) }] }),
  };
}

/** One parcel, as it stands. */
export function deliveryOf(order: Order, shipment: Shipment, delay?: string): SupplyDelivery {
  const { id, part, status, expectedAt, deliveredAt } = shipment;
  return {
    ...{ resourceType: 'SupplyDelivery', id, status, patient: patientOf(order) },
    ...(deliveredAt === undefined ? {} : { occurrenceDateTime: deliveredAt }),
    extension: [
      { url: extensions.order, valueReference: orderRef(order.id) },
      { url: extensions.part, valuePositiveInt: part },
      { url: extensions.parts, valuePositiveInt: order.parts },
      { url: extensions.expected, valueDateTime: expectedAt },
      { url: extensions.coldChain, valueBoolean: order.isCold },
      ...replacesOf(order),
      ...(delay === undefined ? [] : [{ url: extensions.delay, valueString: delay }]),
    ],
  };
}

/** What the logger in a parcel has read. */
export function readingsOf({ id, readings }: Shipment): Observation[] {
  return readings.map(({ at, celsius }, index) => ({
    ...{ resourceType: 'Observation', id: `${id}-r${index + 1}`, status: 'final' },
    code: { text: 'temperature' },
    focus: [{ reference: `SupplyDelivery/${id}` }],
    effectiveDateTime: at,
    valueQuantity: {
      ...{ value: celsius, unit: '°C', code: 'Cel' },
      system: 'http://unitsofmeasure.org',
    },
  }));
}

/** The medicine, handed over. */
export function dispenseOf(order: Order, whenHandedOver: string): MedicationDispense {
  const { medicationCodeableConcept, dispenseRequest } = order.request;
  const { quantity, expectedSupplyDuration: daysSupply } = dispenseRequest ?? {};
  return {
    ...{ resourceType: 'MedicationDispense', id: `${order.id}-d`, status: 'completed' },
    ...(medicationCodeableConcept ? { medicationCodeableConcept } : {}),
    subject: patientOf(order),
    authorizingPrescription: [orderRef(order.id)],
    extension: replacesOf(order),
    ...(quantity ? { quantity } : {}),
    ...(daysSupply ? { daysSupply } : {}),
    whenHandedOver,
  };
}

/** The end of an order, with everything that led to it. */
export function endOf(order: Order): FhirResource[] {
  return [
    taskOf(order),
    ...order.shipments.map((shipment) => deliveryOf(order, shipment)),
    ...order.shipments.flatMap(readingsOf),
  ];
}
