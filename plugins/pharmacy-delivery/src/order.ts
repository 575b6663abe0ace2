import type { Json, JsonObject, PluginSubject } from '@sojourn/plugin-kit';
import { PluginError } from '@sojourn/plugin-kit';
import { effectSystem, identifierOf, present, textIn } from '@sojourn/plugin-kit/fhir';
import type { Address, Extension, HumanName, MedicationRequest, Patient } from 'fhir/r4.js';
import { daysLeft, isTooSoon, type LastFill } from './refill.ts';
import { extensions } from './wire.ts';

/** Config of `pharmacy-delivery/order`, rendered. */
export interface OrderConfig {
  medication: { code?: string; system?: string; text: string };
  daysSupply: number;
  quantity: number;
  refills?: number;
  lastFill?: LastFill;
  earlyDays?: number;
  override?: string;
  timeZone?: string;
  coldChain?: boolean;
  replaceOnExcursion?: boolean;
  deliveryWindow?: { from: string; to: string };
  signature?: boolean;
  address?: {
    line: string;
    city: string;
    district?: string;
    state?: string;
    postalCode?: string;
    country?: string;
  };
  note?: string;
}

const usualEarlyDays = 7;

/** Refuses a refill that is asked for too soon, unless somebody says why. Throws `PluginError`. */
export function requireDue(config: OrderConfig, subject: PluginSubject, nowMs: number): void {
  const { lastFill, earlyDays = usualEarlyDays, override = '' } = config;
  if (!lastFill || override !== '') return;
  const timeZone = config.timeZone ?? textIn(subject.attributes['timeZone']) ?? 'UTC';
  if (!isTooSoon(lastFill, { earlyDays, nowMs, timeZone })) return;
  const left = daysLeft(lastFill, nowMs, timeZone);
  throw new PluginError({
    code: 'refill-too-soon',
    kind: 'permanent',
    detail: `the supply lasts ${left} days more, and a refill may come ${earlyDays} before its end: wait, or give the reason in 'override'`,
  });
}

/** The prescription that a pharmacy is asked to fill and to deliver. Throws `PluginError` when it cannot be written. */
export function orderOf(
  config: OrderConfig,
  subject: PluginSubject,
  key: string,
): MedicationRequest {
  const { medication, daysSupply, quantity, refills, note } = config;
  const coding =
    medication.code === undefined
      ? {}
      : { coding: [{ code: medication.code, ...present({ system: medication.system }) }] };
  return {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    identifier: [{ system: effectSystem, value: key }],
    contained: [patientOf(config, subject)],
    subject: { reference: '#patient', identifier: identifierOf(subject) },
    medicationCodeableConcept: { ...coding, text: medication.text },
    dispenseRequest: {
      quantity: { value: quantity },
      expectedSupplyDuration: {
        ...{ value: daysSupply, unit: 'days', code: 'd' },
        system: 'http://unitsofmeasure.org',
      },
      ...present({ numberOfRepeatsAllowed: refills }),
    },
    extension: deliveryOf(config),
    ...(note === undefined || note === '' ? {} : { note: [{ text: note }] }),
  };
}

function patientOf(config: OrderConfig, subject: PluginSubject): Patient {
  const { givenName, familyName, name, phone, address } = subject.attributes;
  const given = textIn(givenName);
  const human: HumanName = {
    ...(given === undefined ? {} : { given: [given] }),
    ...(textIn(familyName) === undefined ? {} : { family: textIn(familyName) }),
    ...(textIn(name) === undefined ? {} : { text: textIn(name) }),
  };
  return {
    resourceType: 'Patient',
    id: 'patient',
    identifier: [identifierOf(subject)],
    address: [addressOf(config.address ?? address)],
    ...(Object.keys(human).length === 0 ? {} : { name: [human] }),
    ...(textIn(phone) === undefined
      ? {}
      : { telecom: [{ system: 'phone', value: textIn(phone) }] }),
  };
}

/** Where it goes: an address in parts, or as one text. */
function addressOf(address: Json | undefined): Address {
  const whole = textIn(address);
  if (whole !== undefined) return { text: whole };
  const parts: JsonObject =
    typeof address === 'object' && address !== null && !Array.isArray(address) ? address : {};
  const line = textIn(parts['line']);
  const city = textIn(parts['city']);
  if (line === undefined || city === undefined)
    throw new PluginError({
      code: 'address-missing',
      kind: 'permanent',
      detail: "there is no address with 'line' and 'city', neither in the step nor of the person",
    });
  const more = ['district', 'state', 'postalCode', 'country'].flatMap((name) => {
    const text = textIn(parts[name]);
    return text === undefined ? [] : [[name, text]];
  });
  return { line: [line], city, ...(Object.fromEntries(more) as Address) };
}

function deliveryOf(config: OrderConfig): Extension[] {
  const { coldChain, signature, replaceOnExcursion, deliveryWindow, override = '' } = config;
  const flags: Extension[] = [
    { url: extensions.coldChain, valueBoolean: coldChain ?? false },
    { url: extensions.signature, valueBoolean: signature ?? false },
    { url: extensions.replaceOnExcursion, valueBoolean: replaceOnExcursion ?? false },
  ];
  if (override !== '') flags.push({ url: extensions.override, valueString: override });
  if (!deliveryWindow) return flags;
  const [start, end] = [Date.parse(deliveryWindow.from), Date.parse(deliveryWindow.to)];
  if (!(start < end))
    throw new PluginError({
      code: 'order-invalid',
      kind: 'config',
      detail: "/deliveryWindow: 'from' and 'to' are two moments, the first before the second",
    });
  const valuePeriod = { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  return [...flags, { url: extensions.window, valuePeriod }];
}
