import type { JourneyDocument } from '@sojourn/schemas';
import compare from './compare.json' with { type: 'json' };
import reminders from './reminders.json' with { type: 'json' };
import welcome from './welcome.json' with { type: 'json' };

/** Journeys to begin with. */
export const templates = [
  { id: 'welcome', document: welcome as JourneyDocument },
  { id: 'reminders', document: reminders as JourneyDocument },
  { id: 'compare', document: compare as JourneyDocument },
] as const;

/** A journey with nothing in it but its end. */
export function blankJourney(options: {
  key: string;
  name: string;
  subject: string;
}): JourneyDocument {
  return {
    format: 1,
    ...options,
    entry: [{ on: 'manual' }],
    reentry: 'after-end',
    start: 'done',
    steps: { done: { kind: 'end', outcome: 'completed' } },
    edges: [],
  };
}

/** A template under a key and name of its own. */
export function journeyFrom(
  template: JourneyDocument,
  options: { key: string; name: string; subject: string },
): JourneyDocument {
  return { ...template, ...options };
}
