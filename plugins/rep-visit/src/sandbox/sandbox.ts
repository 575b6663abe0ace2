import type {
  JsonObject,
  RunningSandbox,
  SandboxDefinition,
  SandboxItem,
  SandboxOptions,
} from '@sojourn/plugin-kit';
import {
  calendarText,
  composeMail,
  readMail,
  startMailServer,
  type Appointment,
  type HandedMail,
} from '@sojourn/plugin-kit/mail';
import { answerIn } from '../answer.ts';
import { asItem, movesOf, openCalendars, type CalendarEntry } from './visits.ts';

// A real mail server, and the calendars of those who are invited through it.
//
//   B1. An appointment is what its UID says: the same again changes nothing, and one of a lower sequence is out of date.
//   B2. What a representative decides is a real answer of a calendar, in the mailbox of the organizer.

/** The sandbox of representatives' calendars. */
export const visitSandbox: SandboxDefinition = { start };

const representatives = [
  {
    ...{ id: 'mei', name: 'Mei Lin', email: 'mei@reps.example', timeZone: 'Asia/Taipei' },
    ...{ territories: ['north', 'east'], channels: ['face-to-face', 'online', 'phone'] },
  },
  {
    ...{ id: 'jun', name: 'Jun Wang', email: 'jun@reps.example', timeZone: 'Asia/Shanghai' },
    ...{ territories: ['south', 'west'], channels: ['online', 'phone'] },
  },
];

async function start({ directory, port }: SandboxOptions): Promise<RunningSandbox> {
  const calendars = openCalendars(directory);
  const watchers = new Set<(item: SandboxItem) => void>();
  const keep = (entry: CalendarEntry): void => {
    calendars.put(entry);
    for (const watcher of watchers) watcher(asItem(entry));
  };
  const server = await startMailServer({
    directory,
    ...(port === undefined ? {} : { port }),
    keep: async (handed) => {
      const entry = entryOf(await askedIn(handed), (id) => calendars.get(id));
      if (entry) keep(entry);
    },
    has: (messageId) => calendars.has(messageId),
  });

  const answer = async (
    entry: CalendarEntry,
    change: Pick<Appointment, 'method'> & { status?: 'ACCEPTED' | 'DECLINED'; start?: number },
  ): Promise<void> => {
    const { method, status = 'TENTATIVE', start: other = Date.parse(entry.start) } = change;
    const content = calendarText({
      ...{ method, uid: entry.id, sequence: entry.sequence, stampedAt: Date.now() },
      ...{ summary: entry.title, start: other },
      end: other + Date.parse(entry.end) - Date.parse(entry.start),
      ...(entry.location === '' ? {} : { location: entry.location }),
      organizer: { name: '', address: entry.organizer },
      attendee: { name: '', address: entry.to, status },
    });
    const raw = await composeMail({
      from: { name: '', address: entry.to },
      to: { name: '', address: entry.organizer },
      subject: `Re: ${entry.title}`,
      text: 'An answer of a calendar.',
      icalEvent: { method, content, filename: 'reply.ics' },
    });
    server.deliver(raw); // B2
  };
  const act = async (id: string, { type, start: other }: { type: string } & JsonObject) => {
    const entry = calendars.get(id);
    if (!entry) throw new Error(`there is no visit '${id}'`);
    const possible = movesOf(entry).map((move) => move.type);
    if (!possible.includes(type))
      throw new Error(
        `'${type}' is nothing one can do with it now: ${possible.join(', ') || 'nothing is'}`,
      );
    if (type === 'other-time') {
      const time = typeof other === 'string' ? Date.parse(other) : Number.NaN;
      if (!(time > Date.now())) throw new Error('`start` is a time to come: 2027-01-05T09:30:00Z');
      await answer(entry, { method: 'COUNTER', start: time });
      keep({ ...entry, state: 'counter' });
      return [];
    }
    const isYes = type === 'accept';
    await answer(entry, { method: 'REPLY', status: isYes ? 'ACCEPTED' : 'DECLINED' });
    keep({ ...entry, state: isYes ? 'accepted' : 'declined' });
    return [];
  };

  return {
    connection: {
      type: 'calendar',
      settings: {
        organizer: `Visits <${server.inbound.address}>`,
        ...{ smtp: server.smtp, inbound: server.inbound, representatives },
      },
    },
    items: ({ to, limit }) =>
      Promise.resolve(calendars.list({ ...(to === undefined ? {} : { to }), limit }).map(asItem)),
    item: (id) => {
      const entry = calendars.get(id);
      return Promise.resolve(entry && asItem(entry));
    },
    act,
    behave: (mood) => server.behave(mood),
    report: (habit) => server.report(habit),
    watch: (onArrival) => {
      watchers.add(onArrival);
      return () => watchers.delete(onArrival);
    },
    close: async () => {
      await server.close();
      calendars.close();
    },
  };
}

/** What a mail asks a calendar for. */
async function askedIn({ raw, recipients }: HandedMail) {
  const mail = await readMail(raw);
  const text = mail.parts.find(({ type }) => type === 'text/calendar')?.content ?? '';
  const asked = answerIn(text);
  if (!asked) throw new Error('it has no appointment');
  return { ...asked, to: recipients.join(', '), messageId: mail.messageId, organizer: mail.from };
}

/** The appointment as it stands after a mail; undefined when the mail is out of date (B1). */
function entryOf(
  asked: Awaited<ReturnType<typeof askedIn>>,
  known: (id: string) => CalendarEntry | undefined,
): CalendarEntry | undefined {
  const before = known(asked.uid);
  if (before && asked.sequence < before.sequence) return undefined;
  if (asked.method === 'CANCEL')
    return before && { ...before, sequence: asked.sequence, state: 'cancelled' as const };
  const isSame = before?.sequence === asked.sequence;
  const { start: from = 0, end: to = from } = asked;
  return {
    ...{ id: asked.uid, to: asked.to, organizer: asked.organizer, title: asked.summary },
    ...{ location: asked.location, sequence: asked.sequence },
    ...{ start: timeText(from), end: timeText(to) },
    messageId: before?.messageId ?? asked.messageId,
    at: before?.at ?? timeText(Date.now()),
    state: isSame ? before.state : 'asked',
  };
}

const timeText = (ms: number): string => new Date(ms).toISOString();
