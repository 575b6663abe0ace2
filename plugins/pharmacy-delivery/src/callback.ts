import {
  happened,
  refused,
  settled,
  type JsonObject,
  type ProviderReport,
  type Refusal,
} from '@sojourn/plugin-kit';
import {
  extensionOf,
  idIn,
  subjectIn,
  type FhirResource,
  type ReportedBundle,
} from '@sojourn/plugin-kit/fhir';
import type { MedicationDispense, Observation, SupplyDelivery, Task } from 'fhir/r4.js';
import { extremesOf, isExcursion, type Reading } from './temperature.ts';
import { extensions } from './wire.ts';

// What a pharmacy reports, and what it means for an order. Nothing is remembered from one report to the next.
//
//   P1. An order ends by its Task, which comes with all its shipments and their readings; and by an excursion, whoever notices it.
//   P2. It is delivered when every part of it is: a Task that says so too early is refused.
//   P3. Medicine that got warm is never delivered, whatever the Task says. Refused and returned stay what they are.
//   P4. News of a shipment comes without a Task; beside a Task it is evidence, and no news.
//   P5. A replacement ends nothing: its order had ended before.

interface Reported {
  eventId: string;
  tasks: Task[];
  deliveries: SupplyDelivery[];
  dispenses: MedicationDispense[];
  observations: Observation[];
}

/** The reports in a bundle, or why it is not taken. Pure. */
export function reportsOf({ eventId, resources }: ReportedBundle): ProviderReport[] | Refusal {
  const of = <Resource extends FhirResource>(type: Resource['resourceType']): Resource[] =>
    resources.filter((resource): resource is Resource => resource.resourceType === type);
  const reported: Reported = {
    eventId,
    tasks: of<Task>('Task'),
    deliveries: of<SupplyDelivery>('SupplyDelivery'),
    dispenses: of<MedicationDispense>('MedicationDispense'),
    observations: of<Observation>('Observation'),
  };
  const [task] = reported.tasks;
  const ending = task ? endingOf(task, reported) : excursionIn(reported);
  if (ending?.type === 'refused') return ending;
  const news = task ? [] : reported.deliveries.flatMap((delivery) => newsOf(delivery, eventId)); // P4
  return [
    ...(ending ? [ending] : []),
    ...news,
    ...reported.dispenses.flatMap((dispense) => fillOf(dispense, eventId)),
  ];
}

/** How a Task says that an order ended; undefined when it says no such thing. */
function endingOf(task: Task, reported: Reported): ProviderReport | Refusal | undefined {
  const orderId = idIn(task.focus, 'MedicationRequest');
  if (orderId === undefined) return refused('/focus of the Task names no MedicationRequest');
  if (extensionOf(task, extensions.replaces)) return undefined; // P5
  const code = task.businessStatus?.coding?.[0]?.code;
  const said = code === 'excursion' ? 'excursion' : endings[task.status];
  if (said === undefined) return undefined;
  const parts = Math.max(0, ...reported.deliveries.map((delivery) => partOf(delivery).of));
  const arrived = reported.deliveries.filter(({ status }) => status === 'completed').length;
  const isWarm = isTooWarm(reported);
  if (said === 'delivered' && !isWarm && arrived < parts)
    return refused('the Task is completed, and not every shipment is'); // P2
  const outcome = said === 'delivered' && isWarm ? 'excursion' : said; // P3
  const replacement = task.output?.find(({ type }) => type.text === 'replacement');
  const replacementId = idIn(replacement?.valueReference, 'MedicationRequest');
  return settled(
    orderId,
    outcome,
    {
      ...outputOf(orderId, reported, isWarm || outcome === 'excursion'),
      ...(task.statusReason?.text === undefined ? {} : { reason: task.statusReason.text }),
      ...(outcome === 'excursion' ? { isReplaced: replacementId !== undefined } : {}),
      ...(replacementId === undefined ? {} : { replacementId }),
    },
    { eventId: `${reported.eventId}/end` },
  );
}

const endings: Partial<Record<Task['status'], 'delivered' | 'refused' | 'returned'>> = {
  completed: 'delivered',
  rejected: 'refused',
  failed: 'returned',
};

/** The end of an order whose goods got warm, before the pharmacy draws the conclusion (P1). */
function excursionIn(reported: Reported): ProviderReport | undefined {
  const [warm] = reported.deliveries.filter((delivery) => isTooWarm(reported, delivery));
  if (!warm || extensionOf(warm, extensions.replaces)) return undefined;
  const orderId = idIn(extensionOf(warm, extensions.order)?.valueReference, 'MedicationRequest');
  if (orderId === undefined) return undefined;
  const output = { ...outputOf(orderId, reported, true), isReplaced: false };
  return settled(orderId, 'excursion', output, { eventId: `${reported.eventId}/end` });
}

function isTooWarm(reported: Reported, only?: SupplyDelivery): boolean {
  return reported.deliveries
    .filter((delivery) => only === undefined || delivery === only)
    .filter((delivery) => extensionOf(delivery, extensions.coldChain)?.valueBoolean === true)
    .some((delivery) => isExcursion(readingsOf(reported.observations, delivery)));
}

function readingsOf(observations: Observation[], delivery?: SupplyDelivery): Reading[] {
  return observations
    .filter(
      ({ focus = [] }) =>
        !delivery || focus.some((item) => idIn(item, 'SupplyDelivery') === delivery.id),
    )
    .flatMap(({ effectiveDateTime, valueQuantity }) => {
      const atMs = Date.parse(effectiveDateTime ?? '');
      const celsius = valueQuantity?.value;
      return Number.isNaN(atMs) || celsius === undefined ? [] : [{ atMs, celsius }];
    });
}

function outputOf(orderId: string, reported: Reported, isWarm: boolean): JsonObject {
  const shipments = reported.deliveries
    .map((delivery) => ({
      id: delivery.id ?? '',
      status: delivery.status ?? 'in-progress',
      ...partOf(delivery),
      ...(delivery.occurrenceDateTime === undefined
        ? {}
        : { deliveredAt: delivery.occurrenceDateTime }),
    }))
    .sort((a, b) => a.part - b.part);
  const arrivals = shipments.flatMap(({ deliveredAt }) => deliveredAt ?? []);
  const isWhole = shipments.length > 0 && shipments.every(({ status }) => status === 'completed');
  const deliveredAt = arrivals.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  const temperature = extremesOf(readingsOf(reported.observations));
  return {
    orderId,
    shipments,
    ...(isWhole && deliveredAt !== undefined ? { deliveredAt } : {}),
    ...(temperature ? { temperature } : {}),
    ...(isWarm ? { quarantine: true } : {}),
  };
}

function partOf(delivery: SupplyDelivery): { part: number; of: number } {
  return {
    part: extensionOf(delivery, extensions.part)?.valuePositiveInt ?? 1,
    of: extensionOf(delivery, extensions.parts)?.valuePositiveInt ?? 1,
  };
}

/** What there is to say of a shipment under way. */
function newsOf(delivery: SupplyDelivery, eventId: string): ProviderReport[] {
  const orderId = idIn(
    extensionOf(delivery, extensions.order)?.valueReference,
    'MedicationRequest',
  );
  if (orderId === undefined || delivery.status !== 'in-progress') return [];
  const replaced = idIn(
    extensionOf(delivery, extensions.replaces)?.valueReference,
    'MedicationRequest',
  );
  const expectedAt = extensionOf(delivery, extensions.expected)?.valueDateTime;
  const delay = extensionOf(delivery, extensions.delay)?.valueString;
  const data = {
    orderId: replaced ?? orderId,
    shipmentId: delivery.id ?? '',
    ...partOf(delivery),
    ...(expectedAt === undefined ? {} : { expectedAt }),
  };
  const tell = (name: string, more: JsonObject = {}): ProviderReport[] => [
    happened(
      `delivery.${name}`,
      subjectIn(delivery.patient),
      { ...data, ...more },
      { eventId: `${eventId}/${name}/${delivery.id ?? ''}`, reference: replaced ?? orderId },
    ),
  ];
  if (delay !== undefined) return tell('delayed', { reason: delay });
  return replaced === undefined ? tell('shipped') : tell('replaced', { replacementId: orderId });
}

/** A prescription that was handed over. */
function fillOf(dispense: MedicationDispense, eventId: string): ProviderReport[] {
  const { whenHandedOver, daysSupply, quantity, medicationCodeableConcept: medication } = dispense;
  if (dispense.status !== 'completed' || whenHandedOver === undefined) return [];
  const replaced = extensionOf(dispense, extensions.replaces)?.valueReference;
  const orderId = idIn(replaced ?? dispense.authorizingPrescription?.[0], 'MedicationRequest');
  const code = medication?.coding?.[0]?.code;
  return [
    happened(
      'prescription.filled',
      subjectIn(dispense.subject),
      {
        whenHandedOver,
        ...(orderId === undefined ? {} : { orderId }),
        ...(daysSupply?.value === undefined ? {} : { daysSupply: daysSupply.value }),
        ...(quantity?.value === undefined ? {} : { quantity: quantity.value }),
        ...(code === undefined ? {} : { code }),
        ...(medication?.text === undefined ? {} : { medication: medication.text }),
      },
      {
        eventId: `${eventId}/filled/${dispense.id ?? ''}`,
        ...(orderId === undefined ? {} : { reference: orderId }),
      },
    ),
  ];
}
