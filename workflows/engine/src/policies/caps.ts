import type { CapPolicy } from '@sojourn/schemas';
import { addDuration } from '../time/instants.ts';
import { parseDuration } from '../time/duration.ts';
import { calendarWindow } from './clock.ts';
import type { Contact, ContactQuestion } from './facts.ts';
import { selects } from './selectors.ts';

// How often is too often.
//
//   K1. A contact counts from its instant on: in a rolling window until the span after it has passed, in a calendar window
//       until the window ends. Of two contacts in one instant both count.
//   K2. Counted is what the policy's own journeys, purposes and channels name, and of that what `over` puts together.
//   K3. A purpose that passes is neither held back nor counted.

/** How full a cap is at an instant, and when it has room again. */
export interface CapReading {
  count: number;
  /** The first instant at which one more is allowed, when nothing else happens; undefined when there is room now. */
  roomAt: number | undefined;
}

/** Whether a cap holds contacts of this purpose back at all (K3). */
export function isHeldBy(cap: CapPolicy, purpose: string | undefined): boolean {
  return purpose === undefined || !(cap.passes ?? []).includes(purpose);
}

/** Reads a cap for one contact. */
export function readCap(
  cap: CapPolicy,
  question: ContactQuestion,
  contacts: readonly Contact[],
  at: number,
  zone: string,
): CapReading {
  const counted = contacts.filter((contact) => isCounted(cap, question, contact));
  if (cap.calendar !== undefined) {
    const { start, next } = calendarWindow(cap.calendar, at, zone);
    const count = counted.filter((contact) => contact.at >= start).length;
    return { count, roomAt: count < cap.limit ? undefined : next };
  }
  const span = parseDuration(cap.per ?? '');
  if (!span) return { count: 0, roomAt: undefined };
  const ends = counted
    .map((contact) => addDuration(contact.at, span, zone))
    .filter((end) => end > at)
    .sort((a, b) => b - a); // K1
  return { count: ends.length, roomAt: ends[cap.limit - 1] };
}

function isCounted(cap: CapPolicy, question: ContactQuestion, contact: Contact): boolean {
  if (!selects(cap, contact) || !isHeldBy(cap, contact.purpose)) return false; // K2, K3
  return cap.over === 'all' || contact[cap.over] === question[cap.over];
}
