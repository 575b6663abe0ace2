import { readFileSync } from 'node:fs';
import { compile, type Plan } from '@sojourn/engine';
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

/** What shipped journeys are compiled against. */
export const environment = {
  manifests: [email, http, taskPlugin()].map((plugin) => manifestOf(plugin)),
  connections: [
    { id: 'default-email', plugin: 'email', type: 'smtp', default: true },
    { id: 'default-http', plugin: 'http', type: 'api', default: true },
  ],
  calendars,
  timeZone: 'UTC',
  now: Date.parse('2026-11-24T00:00:00Z'),
};

/** The plan of a journey that we ship. */
export function shippedPlan(key: string): Plan {
  const { plan, diagnostics } = compile(shippedJourney(key), environment);
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}
