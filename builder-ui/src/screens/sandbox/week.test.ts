import { describe, expect, it } from 'vitest';
import type { VisitItem } from './items.ts';
import { firstToShow, weekAfter, weekOf } from './week.ts';

// 2 November 2026 is a Monday. All times are of the viewer's clock.
const at = (text: string): number => new Date(`2026-${text}`).getTime();
const aVisit = (id: string, start: string, end: string, state = 'asked'): VisitItem => ({
  ...{ id, to: 'mei@reps.example', organizer: '', title: id, location: '', state },
  ...{ start: new Date(at(start)).toISOString(), end: new Date(at(end)).toISOString() },
});

describe('a week of a calendar', () => {
  it('goes from Monday to Friday, and has what begins in it', () => {
    const week = weekOf(
      [
        aVisit('thursday', '11-05T11:00', '11-05T13:00'),
        aVisit('week-before', '10-30T11:00', '10-30T12:00'),
      ],
      at('11-04T15:00'),
    );

    expect(week.days.map((day) => day.visits.map(({ visit }) => visit.id))).toEqual([
      ...[[], [], [], ['thursday'], []],
    ]);
    expect(week.days[0]?.at).toBe(at('11-02T00:00'));
    expect(week).toMatchObject({ fromHour: 9, toHour: 17 });
  });

  it('has its weekend, and hours beyond the usual, when something is there', () => {
    const week = weekOf([aVisit('late', '11-07T18:30', '11-07T19:15')], at('11-02T00:00'));

    expect(week.days).toHaveLength(6);
    expect(week.toHour).toBe(20);
  });

  it('puts visits at the same time beside each other', () => {
    const [monday] = weekOf(
      [
        aVisit('a', '11-02T09:00', '11-02T11:00'),
        aVisit('b', '11-02T10:00', '11-02T12:00'),
        aVisit('c', '11-02T11:00', '11-02T12:00'),
        aVisit('d', '11-02T14:00', '11-02T15:00'),
      ],
      at('11-02T00:00'),
    ).days;

    expect(monday?.visits.map(({ visit, lane, lanes }) => [visit.id, lane, lanes])).toEqual([
      ['a', 0, 2],
      ['b', 1, 2],
      ['c', 0, 2],
      ['d', 0, 1],
    ]);
  });

  it('opens where an answer is waited for', () => {
    const accepted = aVisit('accepted', '11-03T09:00', '11-03T10:00', 'accepted');
    const asked = aVisit('asked', '11-12T09:00', '11-12T10:00');

    expect(firstToShow([accepted, asked], at('11-02T08:00'))).toBe(at('11-12T09:00'));
    expect(firstToShow([accepted], at('11-02T08:00'))).toBe(at('11-03T09:00'));
    expect(firstToShow([], at('11-02T08:00'))).toBe(at('11-02T08:00'));
    expect(firstToShow([], at('11-07T08:00'))).toBe(at('11-09T00:00'));
  });

  it('is followed by the next', () => {
    expect(weekAfter(at('11-04T15:00'), 1)).toBe(at('11-09T00:00'));
    expect(weekAfter(at('11-04T15:00'), -1)).toBe(at('10-26T00:00'));
  });
});
