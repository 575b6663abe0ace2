import ICAL from 'ical.js';

/** What a calendar answers to an invitation (RFC 5546). */
export interface CalendarAnswer {
  method: string;
  uid: string;
  sequence: number;
  /** Of the first attendee: who answers. In lower case. */
  attendee: string;
  partstat: string;
  /** Milliseconds since 1970; undefined when it names none. */
  start: number | undefined;
  end: number | undefined;
  summary: string;
  location: string;
  comment: string;
}

/** The answer in a calendar's text; undefined when there is none, or it cannot be read. */
export function answerIn(text: string): CalendarAnswer | undefined {
  try {
    const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
    const event = calendar.getFirstSubcomponent('vevent');
    if (!event) return undefined;
    for (const zone of calendar.getAllSubcomponents('vtimezone'))
      ICAL.TimezoneService.register(zone);
    const attendee = event.getFirstProperty('attendee');
    const wordOf = (name: string): string => {
      const value: unknown = event.getFirstPropertyValue(name);
      return typeof value === 'string' ? value : '';
    };
    const timeOf = (name: string): number | undefined => {
      const value: unknown = event.getFirstPropertyValue(name);
      return value instanceof ICAL.Time ? value.toJSDate().getTime() : undefined;
    };
    return {
      method: String(calendar.getFirstPropertyValue('method') ?? '').toUpperCase(),
      uid: wordOf('uid'),
      sequence: Number(event.getFirstPropertyValue('sequence') ?? 0),
      attendee: String(attendee?.getFirstValue() ?? '')
        .replace(/^mailto:/i, '')
        .toLowerCase(),
      partstat: (attendee?.getFirstParameter('partstat') ?? '').toUpperCase(),
      ...{ start: timeOf('dtstart'), end: timeOf('dtend') },
      ...{ summary: wordOf('summary'), location: wordOf('location'), comment: wordOf('comment') },
    };
  } catch {
    return undefined; // what it throws quotes the text
  }
}
