import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
} from 'ical-generator';

// Times are written in UTC: every calendar shows them in the zone of whoever looks, and no definition of a zone has to travel
// along. (A plain Date with a zone beside it would be written with the digits of UTC under the name of the zone.)

/** An appointment as it is written to a calendar (RFC 5545, 5546). */
export interface Appointment {
  method: 'PUBLISH' | 'REQUEST' | 'CANCEL' | 'REPLY' | 'COUNTER';
  uid: string;
  sequence: number;
  /** Milliseconds since 1970. Only a cancellation may leave them out. */
  start?: number;
  end?: number;
  stampedAt: number;
  summary: string;
  location?: string;
  description?: string;
  organizer?: { name: string; address: string };
  attendee?: { name: string; address: string; status?: 'ACCEPTED' | 'DECLINED' | 'TENTATIVE' };
}

/** The text of a calendar that is subscribed to: appointments as they stand now. */
export function calendarFeed(
  name: string,
  appointments: readonly Pick<Appointment, 'uid' | 'start' | 'end' | 'summary' | 'location'>[],
  stampedAt: number,
): string {
  const calendar = ical({
    ...{ name, method: ICalCalendarMethod.PUBLISH, ttl: 15 * 60 },
    prodId: { company: 'Sojourn', product: 'Sojourn', language: 'EN' },
  });
  for (const { uid, start = stampedAt, end = start, summary, location } of appointments)
    calendar.createEvent({
      ...{ id: uid, summary, status: ICalEventStatus.CONFIRMED },
      ...{ start: new Date(start), end: new Date(end), stamp: new Date(stampedAt) },
      ...(location === undefined ? {} : { location }),
    });
  return calendar.toString();
}

/** The text of an appointment. */
export function calendarText(appointment: Appointment): string {
  const { method, uid, sequence, stampedAt, start = stampedAt, end = start, summary } = appointment;
  const { location, description, organizer, attendee } = appointment;
  const calendar = ical({
    prodId: { company: 'Sojourn', product: 'Sojourn', language: 'EN' },
    method: ICalCalendarMethod[method],
  });
  const event = calendar.createEvent({
    ...{ id: uid, sequence, summary },
    ...{ start: new Date(start), end: new Date(end), stamp: new Date(stampedAt) },
    status: method === 'CANCEL' ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    ...(location === undefined ? {} : { location }),
    ...(description === undefined ? {} : { description }),
    ...(organizer === undefined
      ? {}
      : { organizer: { name: organizer.name || organizer.address, email: organizer.address } }),
  });
  if (attendee)
    event.createAttendee({
      ...{ name: attendee.name, email: attendee.address, role: ICalAttendeeRole.REQ },
      rsvp: method === 'REQUEST',
      status: attendee.status
        ? ICalAttendeeStatus[attendee.status]
        : ICalAttendeeStatus.NEEDSACTION,
    });
  const text = calendar.toString();
  return appointment.start === undefined
    ? text.replace(/^DT(?:START|END)[^]*?\r\n(?! )/gm, '')
    : text;
}
