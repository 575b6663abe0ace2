import type { FhirResource } from '@sojourn/plugin-kit/fhir';
import { describe, expect, it } from 'vitest';
import { reportsOf } from './callback.ts';
import { extensions } from './wire.ts';

const order = { reference: 'MedicationRequest/o1' };
const patient = { identifier: { system: 'urn:sojourn:subject', value: 'patient/p1' } };

const aTask = (more: object = {}): FhirResource => ({
  ...{ resourceType: 'Task', status: 'completed', focus: order },
  ...more,
});
const aParcel = (
  part: number,
  of: number,
  status: string,
  { more = [], ...rest }: { more?: object[] } & Record<string, unknown> = {},
): FhirResource & Record<string, unknown> => ({
  ...{ resourceType: 'SupplyDelivery', id: `o1-s${part}`, status, patient },
  extension: [
    { url: extensions.order, valueReference: order },
    { url: extensions.part, valuePositiveInt: part },
    { url: extensions.parts, valuePositiveInt: of },
    { url: extensions.coldChain, valueBoolean: true },
    ...more,
  ],
  ...rest,
});
const aReading = (part: number, minute: number, value: number): FhirResource =>
  ({
    resourceType: 'Observation',
    focus: [{ reference: `SupplyDelivery/o1-s${part}` }],
    effectiveDateTime: new Date(Date.UTC(2026, 10, 28, 8, minute)).toISOString(),
    valueQuantity: { value },
  }) as FhirResource;
const warmed = [aReading(1, 0, 5), aReading(1, 10, 14.5), aReading(1, 55, 5)];
const replaces = {
  url: extensions.replaces,
  valueReference: { reference: 'MedicationRequest/o0' },
};
const reports = (...resources: FhirResource[]) => reportsOf({ eventId: 'e1', resources });

describe('an order', () => {
  it.each<[string, string | undefined, string]>([
    ['completed', undefined, 'delivered'],
    ['rejected', 'refused', 'refused'],
    ['failed', 'returned', 'returned'],
    ['failed', undefined, 'returned'],
    ['failed', 'excursion', 'excursion'],
  ])('whose Task is %s (%s) ends as %s (P1)', (status, code, outcome) => {
    const businessStatus = code === undefined ? {} : { businessStatus: { coding: [{ code }] } };
    expect(reports(aTask({ status, ...businessStatus }))).toMatchObject([
      { type: 'settled', reference: 'o1', outcome, eventId: 'e1/end' },
    ]);
  });

  it.each(['requested', 'in-progress', 'cancelled', 'on-hold', 'no-such-status'])(
    'whose Task is %s does not end',
    (status) => {
      expect(reports(aTask({ status }))).toEqual([]);
    },
  );

  it('is delivered with its last part, and says when that came (P2)', () => {
    const first = aParcel(1, 2, 'completed', { occurrenceDateTime: '2026-11-27T09:00:00Z' });
    const second = aParcel(2, 2, 'completed', { occurrenceDateTime: '2026-11-28T09:00:00Z' });

    expect(reports(aTask(), second, first)).toMatchObject([
      {
        outcome: 'delivered',
        output: {
          deliveredAt: '2026-11-28T09:00:00Z',
          shipments: [
            { part: 1, of: 2 },
            { part: 2, of: 2 },
          ],
        },
      },
    ]);
    expect(reports(aTask(), first)).toMatchObject({ type: 'refused' });
    expect(reports(aTask(), first, aParcel(2, 2, 'in-progress'))).toMatchObject({
      type: 'refused',
    });
  });

  it('is never delivered when it got warm; refused stays refused, and is in quarantine (P3)', () => {
    const parcel = aParcel(1, 1, 'completed');
    const [delivered] = [reports(aTask(), parcel, ...warmed)].flat();
    const [refused] = [reports(aTask({ status: 'rejected' }), parcel, ...warmed)].flat();

    expect(delivered).toMatchObject({
      outcome: 'excursion',
      output: { quarantine: true, isReplaced: false, temperature: { min: 5, max: 14.5 } },
    });
    expect(refused).toMatchObject({ outcome: 'refused', output: { quarantine: true } });
  });

  it('says whether a replacement was ordered, and why it ended', () => {
    const task = aTask({
      status: 'failed',
      businessStatus: { coding: [{ code: 'excursion' }] },
      statusReason: { text: '14.5 °C for 45 minutes' },
      output: [
        { type: { text: 'replacement' }, valueReference: { reference: 'MedicationRequest/o2' } },
      ],
    });
    expect(reports(task)).toMatchObject([
      {
        output: { isReplaced: true, replacementId: 'o2', reason: '14.5 °C for 45 minutes' },
      },
    ]);
  });

  it('ends by an excursion that the pharmacy has not noticed, in a cold chain only (P1)', () => {
    const parcel = aParcel(1, 1, 'in-progress');
    const unchilled = { ...parcel, extension: [{ url: extensions.order, valueReference: order }] };

    expect(reports(parcel, ...warmed)).toMatchObject([
      { outcome: 'excursion', reference: 'o1' },
      { eventType: 'delivery.shipped' },
    ]);
    expect(reports(unchilled, ...warmed)).toMatchObject([{ eventType: 'delivery.shipped' }]);
  });

  it('is judged by the readings of each parcel alone', () => {
    const parcels = [aParcel(1, 2, 'completed'), aParcel(2, 2, 'completed')];
    const apart = [aReading(1, 0, 9), aReading(2, 40, 5)]; // together it would be forty minutes
    expect(reports(aTask(), ...parcels, ...apart)).toMatchObject([{ outcome: 'delivered' }]);
  });

  it('does not end by what replaces it (P5)', () => {
    expect(reports(aTask({ extension: [replaces] }))).toEqual([]);
    const parcel = aParcel(1, 1, 'in-progress', { more: [replaces] });
    expect(reports(parcel, ...warmed)).toMatchObject([{ eventType: 'delivery.replaced' }]);
  });

  it('is named, or the report is refused', () => {
    expect(reports(aTask({ focus: { reference: 'Basic/7' } }))).toMatchObject({ type: 'refused' });
  });
});

describe('news of an order', () => {
  const expected = { url: extensions.expected, valueDateTime: '2026-11-29T10:00:00Z' };

  it('tells of a parcel that has left, whose it is and which part (P4)', () => {
    expect(reports(aParcel(1, 2, 'in-progress', { more: [expected] }))).toEqual([
      {
        type: 'happened',
        eventType: 'delivery.shipped',
        eventId: 'e1/shipped/o1-s1',
        reference: 'o1',
        subject: { type: 'patient', key: 'p1' },
        data: {
          ...{ orderId: 'o1', shipmentId: 'o1-s1', part: 1, of: 2 },
          expectedAt: '2026-11-29T10:00:00Z',
        },
      },
    ]);
  });

  it('tells of a delay with its reason, instead', () => {
    const delay = { url: extensions.delay, valueString: 'Storm' };
    expect(reports(aParcel(1, 1, 'in-progress', { more: [delay] }))).toMatchObject([
      { eventType: 'delivery.delayed', data: { reason: 'Storm' } },
    ]);
  });

  it('tells of a replacement as news of the order that it replaces', () => {
    expect(reports(aParcel(1, 1, 'in-progress', { more: [replaces] }))).toMatchObject([
      {
        eventType: 'delivery.replaced',
        reference: 'o0',
        data: { orderId: 'o0', replacementId: 'o1' },
      },
    ]);
  });

  it('is none of a parcel that arrived or was given up, nor of one beside a Task (P4)', () => {
    expect(reports(aParcel(1, 1, 'completed'), aParcel(1, 1, 'abandoned'))).toEqual([]);
    expect(reports(aTask({ status: 'in-progress' }), aParcel(1, 1, 'in-progress'))).toEqual([]);
  });

  it('tells what a refill journey waits for: what was handed over, when, for how many days', () => {
    const dispense = {
      ...{ resourceType: 'MedicationDispense', id: 'o1-d', status: 'completed', subject: patient },
      authorizingPrescription: [order],
      ...{ quantity: { value: 2 }, daysSupply: { value: 28 } },
      medicationCodeableConcept: { text: 'Pen 40 mg', coding: [{ code: 'L04AB04' }] },
      whenHandedOver: '2026-11-28T09:30:00Z',
    };
    expect(reports(dispense)).toMatchObject([
      {
        eventType: 'prescription.filled',
        reference: 'o1',
        subject: { type: 'patient', key: 'p1' },
        data: {
          ...{ orderId: 'o1', daysSupply: 28, quantity: 2, code: 'L04AB04' },
          ...{ medication: 'Pen 40 mg', whenHandedOver: '2026-11-28T09:30:00Z' },
        },
      },
    ]);
    expect(reports({ ...dispense, status: 'preparation' } as FhirResource)).toEqual([]);
  });
});
