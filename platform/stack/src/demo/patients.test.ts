import { describe, expect, it } from 'vitest';
import { demoPatients } from './patients.ts';

describe('the demo patients', () => {
  const patients = demoPatients('2026-11-24');
  const daysAgo = (date: string): number =>
    (Date.parse('2026-11-24') - Date.parse(date)) / 86_400_000;

  it('are the 26 published cases, each with a last fill 1 to 25 days ago', () => {
    expect(patients).toHaveLength(26);
    for (const { fills } of patients) {
      const ago = daysAgo(fills.at(-1)?.filledOn ?? '');
      expect(ago).toBeGreaterThanOrEqual(1);
      expect(ago).toBeLessThanOrEqual(25);
    }
  });

  it('have a refill due when their supply runs out, and the gap before each fill', () => {
    const two = patients[1];

    expect(two?.fills.map((fill) => fill.data.gapDays)).toEqual([0, 49]); // 59 days apart, 10 days of supply
    expect(
      daysAgo(two?.fills.at(-1)?.filledOn ?? '') - daysAgo(String(two?.attributes['refillDueOn'])),
    ).toBe(10);
  });

  it('have addresses nobody can have, and say that they are made', () => {
    expect(new Set(patients.map(({ attributes }) => attributes['email'])).size).toBe(26);
    expect(new Set(patients.map(({ attributes }) => attributes['phone'])).size).toBe(26);
    for (const { attributes } of patients) {
      expect(attributes['email']).toMatch(/^[a-z0-9.-]+@patients\.example$/);
      expect(attributes['phone']).toMatch(/^\+447700900\d{3}$/);
      expect(attributes['madeUp']).toBe(true);
    }
  });
});
