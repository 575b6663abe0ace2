import { once } from 'node:events';
import { happened, settled, type PluginContext, type ProviderReport } from '@sojourn/plugin-kit';
import { domainOf, listenToMailbox, type ReceivedMail } from '@sojourn/plugin-kit/mail';
import { answerIn, type CalendarAnswer } from './answer.ts';
import { sendInvitation } from './invitation.ts';
import { organizerOf, settingsOf, type Representative } from './settings.ts';
import type { TaskList } from '@sojourn/plugin-kit';
import { referenceIn, visitOf, type Visit } from './visit.ts';

// What calendars answer.
//
//   L1. An answer counts when it names a visit of ours and comes from whom that visit was given to.
//   L2. All of it may come again: a task is withdrawn once, moved to where it is, and an update of one sequence is one appointment to every calendar.
//   L3. Another time is taken as proposed: the update says so, and it is the representative who knows.

const mostAheadMs = 366 * 86_400_000;

/** A mail's answer to a visit of ours. */
interface Answered {
  reference: string;
  visit: Visit;
  representative: Representative;
  answer: CalendarAnswer;
  eventId: string;
}

/** Reports what representatives answer until `context.signal` aborts; nothing when the connection has no mailbox. */
export async function* listen(
  context: PluginContext,
  list: TaskList | undefined,
): AsyncGenerator<ProviderReport, void> {
  const { inbound } = settingsOf(context);
  if (inbound) yield* listenToMailbox(inbound, context, (mail) => reportsOf(mail, context, list));
  else if (!context.signal.aborted) await once(context.signal, 'abort');
}

/** What a mail says, once what follows from it is done. */
export async function reportsOf(
  mail: ReceivedMail,
  context: PluginContext,
  list: TaskList | undefined,
): Promise<ProviderReport[]> {
  const answered = answeredIn(mail, context);
  if (!answered) return [];
  const { reference, visit, representative, answer, eventId } = answered;
  const by = { representative: representative.id };
  const move = moveOf(answer, context.clock());
  switch (move?.type) {
    case 'accept':
      return [happened('visit.accepted', undefined, by, { eventId, reference })];
    case 'decline': {
      await list?.withdraw(visit.taskId, context.clock()); // L2
      const note = answer.comment.trim().slice(0, 2_000);
      const output = { outcome: 'declined', values: {}, ...(note === '' ? {} : { note }) };
      return [settled(reference, 'declined', output, { eventId })];
    }
    case 'move': {
      const { start } = move;
      await sendInvitation(
        {
          ...{ visit, representative, method: 'REQUEST', sequence: answer.sequence + 1, start },
          summary: answer.summary.slice(0, 300) || 'Visit',
          ...(answer.location === '' ? {} : { location: answer.location.slice(0, 500) }),
        },
        settingsOf(context),
        context,
      ); // L3
      const end = start + visit.durationMinutes * 60_000;
      await list?.move(visit.taskId, { start, end }); // L2
      const data = { ...by, start: timeText(start), end: timeText(end) };
      return [happened('visit.rescheduled', undefined, data, { eventId, reference })];
    }
    case undefined:
      return [];
  }
}

/** The answer to a visit of ours in a mail (L1). */
function answeredIn(mail: ReceivedMail, context: PluginContext): Answered | undefined {
  const settings = settingsOf(context);
  const part = mail.parts.find(
    ({ type }) => type === 'text/calendar' || type === 'application/ics',
  );
  const answer = part && answerIn(part.content);
  const domain = domainOf(organizerOf(settings).address);
  const reference = answer && referenceIn(answer.uid, domain);
  const visit = reference === undefined ? undefined : visitOf(reference);
  const representative = settings.representatives.find(({ id }) => id === visit?.repId);
  if (!answer || reference === undefined || !visit || !representative) return undefined;
  if (answer.attendee !== representative.email.toLowerCase()) return undefined;
  return { reference, visit, representative, answer, eventId: `answer/${mail.id}` };
}

/** What an answer asks for; a perhaps without another time asks for nothing. */
function moveOf(
  { method, partstat, start }: CalendarAnswer,
  now: number,
): { type: 'accept' | 'decline' } | { type: 'move'; start: number } | undefined {
  if (method === 'COUNTER' && start !== undefined)
    return start > now && start < now + mostAheadMs ? { type: 'move', start } : undefined;
  if (method !== 'REPLY') return undefined;
  if (partstat === 'ACCEPTED') return { type: 'accept' };
  return partstat === 'DECLINED' ? { type: 'decline' } : undefined;
}

const timeText = (ms: number): string => new Date(ms).toISOString();
