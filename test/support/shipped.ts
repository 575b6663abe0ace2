import { readFileSync } from 'node:fs';
import { calledJourneyOf, compile, type Plan } from '@sojourn/engine';
import { email } from '@sojourn/plugin-email';
import { http } from '@sojourn/plugin-http';
import { manifestOf } from '@sojourn/plugin-kit';
import { taskPlugin } from '@sojourn/plugin-task';
import { calendars, type JourneyDocument } from '@sojourn/schemas';

/** A journey that we ship. */
export function shippedJourney(key: string): JourneyDocument {
  const path = new URL(`../../schemas/journeys/${key}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as JourneyDocument;
}

const deployment = {
  manifests: [email, http, taskPlugin()].map((plugin) => manifestOf(plugin)),
  connections: [
    { id: 'default-email', plugin: 'email', type: 'smtp', default: true },
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
