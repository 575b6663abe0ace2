import type { VisitItem } from './items.ts';

/** A visit in its day: where it stands, and beside how many others. */
export interface PlacedVisit {
  visit: VisitItem;
  /** Minutes since midnight, on the viewer's clock. */
  from: number;
  to: number;
  lane: number;
  lanes: number;
}

export interface DayOfWeek {
  /** Midnight at which it begins. */
  at: number;
  visits: PlacedVisit[];
}

/** A week of a calendar: Monday to Friday, and its weekend when there is something on it. */
export interface Week {
  days: DayOfWeek[];
  /** The hours that are shown. */
  fromHour: number;
  toHour: number;
}

const usualHours = [9, 17] as const;
const leastMinutes = 30;

/** The week that `at` falls into, with the visits that begin in it. */
export function weekOf(visits: readonly VisitItem[], at: number): Week {
  const monday = mondayOf(at);
  const days = Array.from({ length: 7 }, (_, index) => {
    const begin = dayAfter(monday, index);
    const end = dayAfter(monday, index + 1);
    const inside = visits.filter(({ start }) => {
      const time = Date.parse(start);
      return time >= begin && time < end;
    });
    return { at: begin, visits: placed(inside, begin) };
  }).filter((day, index) => index < 5 || day.visits.length > 0);
  const all = days.flatMap((day) => day.visits);
  return {
    days,
    fromHour: Math.min(usualHours[0], ...all.map(({ from }) => Math.floor(from / 60))),
    toHour: Math.max(usualHours[1], ...all.map(({ to }) => Math.ceil(to / 60))),
  };
}

/** Another week, so many after this one. */
export function weekAfter(at: number, weeks: number): number {
  return dayAfter(mondayOf(at), 7 * weeks);
}

/** What a calendar opens at: the first visit that waits for an answer, else the next one, else this working week or the next. */
export function firstToShow(visits: readonly VisitItem[], now: number): number {
  const coming = visits
    .filter(({ start, state }) => Date.parse(start) >= now && state !== 'cancelled')
    .sort((one, other) => Date.parse(one.start) - Date.parse(other.start));
  const asked = coming.find(({ state }) => state === 'asked');
  const shown = asked ?? coming[0];
  return shown ? Date.parse(shown.start) : workdayFrom(now);
}

/** The moment itself, or on a weekend the Monday after. */
export function workdayFrom(at: number): number {
  return (new Date(at).getDay() + 6) % 7 < 5 ? at : weekAfter(at, 1);
}

function mondayOf(at: number): number {
  const day = new Date(at);
  const sinceMonday = (day.getDay() + 6) % 7;
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - sinceMonday).getTime();
}

/** So many days later at midnight, whatever the clock was put to in between. */
function dayAfter(midnight: number, days: number): number {
  const day = new Date(midnight);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days).getTime();
}

function placed(visits: readonly VisitItem[], midnight: number): PlacedVisit[] {
  const minutes = (time: string): number => Math.round((Date.parse(time) - midnight) / 60_000);
  const sorted = visits
    .map((visit) => {
      const from = minutes(visit.start);
      const to = Math.min(Math.max(minutes(visit.end), from + leastMinutes), 24 * 60);
      return { visit, from, to, lane: 0, lanes: 1 };
    })
    .sort((one, other) => one.from - other.from || other.to - one.to);
  const done: PlacedVisit[] = [];
  let group: PlacedVisit[] = [];
  const close = (): void => {
    const lanes = Math.max(1, ...group.map(({ lane }) => lane + 1));
    done.push(...group.map((one) => ({ ...one, lanes })));
    group = [];
  };
  for (const visit of sorted) {
    if (group.every(({ to }) => to <= visit.from)) close();
    let lane = 0;
    while (group.some((other) => other.lane === lane && other.to > visit.from)) lane += 1;
    group.push({ ...visit, lane });
  }
  close();
  return done;
}
