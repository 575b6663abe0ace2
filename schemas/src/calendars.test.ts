import { describe, expect, it } from 'vitest';
import { calendars, calendarValidator, faultsOf, localText } from './index.ts';

const isDate = (text: string): boolean => {
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
};
const isWeekend = (text: string): boolean =>
  [0, 6].includes(new Date(`${text}T00:00:00Z`).getUTCDay());

describe('the shipped calendars', () => {
  it('are of four places, each under an id of its own', () => {
    expect(calendars.map(({ id }) => id)).toEqual(['cn', 'hk', 'tw', 'us']);
  });

  it.each(calendars.map((calendar) => [calendar.id, calendar] as const))(
    '%s is what its schema says, with a name in every language',
    (_id, calendar) => {
      expect(faultsOf(calendarValidator, calendar)).toEqual([]);
      for (const language of ['en', 'zh-Hant', 'zh-Hans'])
        expect(localText(calendar.name, language)).not.toBe('');
    },
  );

  it.each(calendars.map((calendar) => [calendar.id, calendar] as const))(
    '%s names days that exist, of years that it knows, and none as both free and worked',
    (_id, { years, holidays, workdays }) => {
      for (const date of [...Object.keys(holidays), ...Object.keys(workdays)]) {
        expect([date, isDate(date)]).toEqual([date, true]);
        expect(years).toContain(Number(date.slice(0, 4)));
      }
      for (const year of years)
        expect(Object.keys(holidays).some((date) => date.startsWith(`${year}-`))).toBe(true);
      for (const date of Object.keys(workdays)) {
        expect([date, isWeekend(date)]).toEqual([date, true]);
        expect(holidays[date]).toBeUndefined();
      }
    },
  );

  it('leave out what nobody had published', () => {
    expect(calendars.find(({ id }) => id === 'cn')?.years).toEqual([2025, 2026]);
  });
});
