import { describe, expect, it } from 'vitest';
import { calendarText } from './calendar.ts';
import { instantOf } from './times.ts';

describe('an appointment', () => {
  it('is written in UTC, whatever the zone of the machine', () => {
    const text = calendarText({
      ...{ method: 'REQUEST', uid: 'u1', sequence: 2, stampedAt: 0, summary: 'Visit; once, twice' },
      start: Date.parse('2027-01-05T09:30:00+08:00'),
      end: Date.parse('2027-01-05T10:00:00+08:00'),
      organizer: { name: 'Care', address: 'care@clinic.example' },
      attendee: { name: 'Bo', address: 'bo@clinic.example' },
    });

    expect(text).toContain('METHOD:REQUEST');
    expect(text).toContain('DTSTART:20270105T013000Z');
    expect(text).toContain('DTEND:20270105T020000Z');
    expect(text).toContain('SEQUENCE:2');
    expect(text).toContain('SUMMARY:Visit\\; once\\, twice');
    expect(text).toMatch(/ATTENDEE;[^]*RSVP=TRUE[^]*bo@clinic/);
  });

  it('that is called off needs no time', () => {
    const given = { uid: 'u1', sequence: 3, stampedAt: 0, summary: 'Visit' };
    const text = calendarText({ method: 'CANCEL', ...given });

    expect(text).toContain('STATUS:CANCELLED');
    expect(text).toContain('DTSTAMP:19700101T000000Z');
    expect(text).not.toMatch(/DTSTART|DTEND/);
  });
});

describe('a time', () => {
  it.each([
    ['2027-01-05T09:30', 'Asia/Taipei', '2027-01-05T01:30:00Z'],
    ['2027-01-05T09:30:00+01:00', 'Asia/Taipei', '2027-01-05T08:30:00Z'],
    ['2027-01-05T09:30:00Z', 'Nowhere/None', '2027-01-05T09:30:00Z'],
    ['2027-03-14T02:30', 'America/New_York', '2027-03-14T07:30:00Z'], // an hour that is skipped
  ])('%s in %s is %s', (text, zone, instant) => {
    expect(instantOf(text, zone)).toBe(Date.parse(instant));
  });

  it.each([
    ['tomorrow', 'UTC'],
    ['2027-01-05T09:30', 'Nowhere/None'],
    ['2027-13-05T09:30', 'UTC'],
  ])('%s in %s is none', (text, zone) => {
    expect(instantOf(text, zone)).toBeUndefined();
  });
});
