import type { PluginContext } from '@sojourn/plugin-kit';
import { calendarText, domainOf, messageIdOf, sendMail } from '@sojourn/plugin-kit/mail';
import { organizerOf, type CalendarSettings, type Representative } from './settings.ts';
import { referenceOf, uidOf, type Visit } from './visit.ts';

// Invitations and what follows them (iTIP, RFC 5546).
//
//   V1. The UID of a visit never changes, and nor does the Message-ID of a mail of one sequence: the same again is the same to
//       every calendar.
//   V2. The brief is not in a mail: it stands in the list of tasks, where it is known who reads it.

/** What is sent about a visit. */
export interface Invitation {
  visit: Visit;
  representative: Representative;
  method: 'REQUEST' | 'CANCEL';
  sequence: number;
  /** Milliseconds since 1970; a cancellation names none: whatever the time has become, it is off. */
  start?: number;
  summary: string;
  location?: string;
}

const words = {
  REQUEST: [
    'Please accept, decline, or propose another time. The brief is in your list of tasks.',
    '請接受、婉拒或提議其他時間。拜訪說明請見您的任務清單。',
    '请接受、谢绝或提议其他时间。拜访说明请见您的任务清单。',
  ],
  CANCEL: ['The visit is called off.', '此次拜訪已取消。', '此次拜访已取消。'],
};

/** Sends an invitation, an update of one or its cancellation. Throws `PluginError`. */
export async function sendInvitation(
  invitation: Invitation,
  settings: CalendarSettings,
  context: PluginContext,
): Promise<void> {
  const { visit, representative, method, sequence, start, summary, location } = invitation;
  const organizer = organizerOf(settings);
  const reference = referenceOf(visit);
  const description = words[method].join('\n');
  const content = calendarText({
    ...{ method, sequence, summary, description, organizer },
    uid: uidOf(reference, domainOf(organizer.address)), // V1
    ...(start === undefined ? {} : { start, end: start + visit.durationMinutes * 60_000 }),
    stampedAt: context.clock(),
    attendee: { name: representative.name, address: representative.email },
    ...(location === undefined ? {} : { location }),
  });
  await sendMail(
    settings.smtp,
    {
      ...{ from: organizer, to: representative.email, text: description },
      subject: method === 'CANCEL' ? `Called off: ${summary}` : summary,
      messageId: messageIdOf(`${reference}/${method}/${sequence}`, organizer.address),
      calendar: { method, content },
    },
    context,
  );
}
