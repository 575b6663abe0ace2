import { readFileSync } from 'node:fs';
import { calledJourneyOf, compile, type Plan } from '@sojourn/engine';
import { email } from '@sojourn/plugin-email';
import { http } from '@sojourn/plugin-http';
import { insuranceEnrollment } from '@sojourn/plugin-insurance-enrollment';
import { manifestOf } from '@sojourn/plugin-kit';
import { pharmacyDelivery } from '@sojourn/plugin-pharmacy-delivery';
import { repVisitPlugin } from '@sojourn/plugin-rep-visit';
import { sms } from '@sojourn/plugin-sms';
import { taskPlugin } from '@sojourn/plugin-task';
import { calendars, type JourneyDocument } from '@sojourn/schemas';

/** A journey that we ship. */
export function shippedJourney(key: string): JourneyDocument {
  const path = new URL(`../../schemas/journeys/${key}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as JourneyDocument;
}

const deployment = {
  manifests: [
    ...[email, sms, repVisitPlugin(), pharmacyDelivery, insuranceEnrollment],
    ...[http, taskPlugin()],
  ].map((plugin) => manifestOf(plugin)),
  connections: [
    { id: 'default-email', plugin: 'email', type: 'smtp', default: true },
    { id: 'default-sms', plugin: 'sms', type: 'smpp', default: true },
    { id: 'default-rep-visit', plugin: 'rep-visit', type: 'calendar', default: true },
    { id: 'default-pharmacy-delivery', plugin: 'pharmacy-delivery', type: 'fhir', default: true },
    {
      ...{ id: 'default-insurance-enrollment', plugin: 'insurance-enrollment', type: 'fhir' },
      default: true,
    },
    { id: 'default-http', plugin: 'http', type: 'api', default: true },
  ],
  calendars,
  timeZone: 'UTC',
  now: Date.parse('2026-11-24T00:00:00Z'),
};

const called = ['doctor-alert'].map((key) => planOf(key, deployment));

/** Plans of the shipped journeys that others call, by their hash. */
export const calledPlans: ReadonlyMap<string, Plan> = new Map(
  called.map((plan) => [plan.hash, plan]),
);

/** What shipped journeys are compiled against. */
export const environment = {
  ...deployment,
  journeys: called.map((plan) => calledJourneyOf(plan, 1)),
};

/** The plan of a journey that we ship. */
export function shippedPlan(key: string): Plan {
  return planOf(key, environment);
}

function planOf(key: string, against: typeof deployment): Plan {
  const { plan, diagnostics } = compile(shippedJourney(key), against);
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}
