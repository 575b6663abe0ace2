import { describe, expect, it } from 'vitest';
import { asksForPrescriptions, assertNoPrescriptionData } from './rules.ts';

describe('a question to a representative', () => {
  it.each([
    ...['prescriptionCount', 'rx', 'rxVolume', 'monthly_scripts', 'weeklyRx', 'salesTarget'],
    ...[
      '處方量',
      '处方量',
      '本月用量',
      '統方',
      'How many scripts a week?',
      'Units sold',
      'Market share',
    ],
  ])('is about prescriptions when it is called %j', (name) => {
    expect(asksForPrescriptions(name)).toBe(true);
  });

  it.each([
    'needsHeard',
    'description',
    'transcript',
    'proxyPresent',
    'Did they ask about dosing?',
    '聽到的需求',
  ])('is not when it is called %j', (name) => {
    expect(asksForPrescriptions(name)).toBe(false);
  });

  it.each([
    { name: 'rxVolume', title: 'How much?' },
    { name: 'count', title: '每月處方量' },
    { name: 'count', title: 'Which?', choices: ['No idea', 'Over 20 prescriptions'] },
  ])('is refused where the rule holds: %j', (question) => {
    const harmless = { name: 'mood', title: 'How was it?' };

    expect(() => assertNoPrescriptionData([harmless, question])).toThrow('/questions/1');
    expect(() => assertNoPrescriptionData([harmless])).not.toThrow();
  });
});
