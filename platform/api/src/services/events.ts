import { faultsOf, eventValidator, type CloudEvent } from '@sojourn/schemas';
import { invalidAt, TooLargeError } from '../problems.ts';
import type { Intake } from './intake.ts';

/** An event that was not taken. */
export interface RefusedEvent {
  index: number;
  code: 'event-invalid' | 'type-reserved' | 'data-too-large' | 'subject-erased';
  detail: string;
}

/** What became of the events of one request: counts, and what was refused. */
export interface EventsAnswer {
  accepted: number;
  duplicates: number;
  refused: RefusedEvent[];
}

const mostEvents = 1_000;
const largestData = 64 * 1024;

/** Takes one event or a list of them in. One that is wrong is refused by itself; the others are accepted in their order. */
export async function takeEvents(intake: Intake, body: unknown): Promise<EventsAnswer> {
  if (typeof body !== 'object' || body === null)
    throw invalidAt('', 'give one event, or a list of events');
  const given: unknown[] = Array.isArray(body) ? body : [body];
  if (given.length > mostEvents)
    throw new TooLargeError('body-too-large', `a batch has at most ${mostEvents} events`);
  const refused: RefusedEvent[] = [];
  const sound = new Map<CloudEvent, number>();
  for (const [index, event] of given.entries()) {
    const refusal = refusalOf(event);
    if (refusal) refused.push({ index, ...refusal });
    else sound.set(event as CloudEvent, index);
  }
  const { accepted, duplicates, erased } = await intake.accept([...sound.keys()]);
  for (const event of erased)
    refused.push({
      index: sound.get(event) ?? 0,
      code: 'subject-erased',
      detail: 'the person was erased: nothing more is kept about them',
    });
  refused.sort((one, other) => one.index - other.index);
  return { accepted, duplicates, refused };
}

function refusalOf(event: unknown): Omit<RefusedEvent, 'index'> | undefined {
  const faults = faultsOf(eventValidator, event);
  if (faults.length > 0) {
    const detail = faults.map((fault) => `${fault.pointer || '/'}: ${fault.detail}`).join('; ');
    return { code: 'event-invalid', detail: detail.slice(0, 1_000) };
  }
  const { type, data } = event as CloudEvent;
  if (/^(subject|run)\./.test(type))
    return { code: 'type-reserved', detail: `'${type}' is a type of our own: choose another` };
  if (data !== undefined && Buffer.byteLength(JSON.stringify(data)) > largestData)
    return { code: 'data-too-large', detail: 'data is at most 64 KB' };
  return undefined;
}
