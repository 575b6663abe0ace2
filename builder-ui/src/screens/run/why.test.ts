import type { TFunction } from 'i18next';
import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run, TrailEntry } from '../../api/shapes.ts';
import { readDraft } from '../../document/draft.ts';
import en from '../../i18n/locales/en.json' with { type: 'json' };
import { wordsOf } from '../../i18n/use-words.ts';
import { timelineOf, valuesOf } from './fold.ts';
import { whyHere } from './why.ts';

let t: TFunction;
beforeAll(async () => {
  t = await i18next.createInstance().init({
    lng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
});

const document = readDraft(
  {
    start: 'wait',
    steps: {
      wait: { kind: 'wait', name: 'Ordered?', for: [{ port: 'late', after: 'P10D' }] },
      call: { kind: 'action', name: 'Late call', uses: 'task/assign' },
    },
    edges: [{ from: 'wait', port: 'late', to: 'call' }],
  },
  'j',
);
const entry = (seq: number, at: string, part: Partial<TrailEntry>): TrailEntry => ({
  seq,
  at,
  what: 'entered',
  because: {},
  ...part,
});
const trail = [
  entry(0, '2026-11-01T09:00:00Z', { step: 'wait', visit: 1 }),
  entry(1, '2026-11-11T09:00:00Z', {
    what: 'left',
    step: 'wait',
    visit: 1,
    because: { port: 'late', to: 'call' },
  }),
  entry(2, '2026-11-11T09:00:00Z', { step: 'call', visit: 1 }),
];
const run: Run = {
  id: 'r1',
  journey: 'j',
  version: 1,
  subject: 'person/p',
  key: 'p',
  status: 'active',
  outcome: null,
  endedAt: null,
  startedAt: '2026-11-01T09:00:00Z',
  positions: [{ step: 'call', visit: 1, since: '2026-11-11T09:00:00Z' }],
  incidents: [],
};

const nameOf = (id: string): string => id;

describe('why somebody is here', () => {
  it('is told by the port that led here', () => {
    const sentence = whyHere({ run, trail, document, manifests: [], nameOf }, wordsOf(t, 'en'));

    expect(sentence).toContain('“Ordered?” was left by “late”');
    expect(sentence).toContain('for “Late call”');
  });

  it('names the incident that holds somebody up', () => {
    const incident = {
      id: 'i',
      step: 'call',
      visit: 1,
      code: 'no-worker',
      fingerprint: 'f',
      detail: 'nobody took it',
      at: run.startedAt,
    };

    const story = {
      run: { ...run, incidents: [incident] },
      trail,
      document,
      manifests: [],
      nameOf,
    };

    expect(whyHere(story, wordsOf(t, 'en'))).toContain('no-worker');
  });

  it('names the exit by which a run ended', () => {
    const exited = entry(3, '2026-11-12T09:00:00Z', {
      what: 'exited',
      because: { exit: 'withdrawn', event: 'consent.withdrawn' },
    });

    const story = {
      run: { ...run, status: 'ended' as const, outcome: 'withdrawn', positions: [] },
      trail: [...trail, exited],
      document,
      manifests: [],
      nameOf,
    };

    expect(whyHere(story, wordsOf(t, 'en'))).toContain('consent.withdrawn');
  });
});

describe('the timeline', () => {
  it('shows the newest first and folds what goes without saying', () => {
    const items = timelineOf(trail, true);

    expect(items.map((item) => item.type)).toEqual(['entry']);
    expect(timelineOf(trail, false)).toHaveLength(3);
  });

  it('says how long nothing was decided', () => {
    const later = entry(3, '2026-11-21T09:00:00Z', { what: 'sent', step: 'call', visit: 1 });

    expect(timelineOf([...trail, later], true)).toContainEqual({
      type: 'idle',
      id: 'idle3',
      milliseconds: 10 * 24 * 3600_000,
    });
  });

  it('flattens the values that decided, without those told otherwise', () => {
    expect(
      valuesOf({
        for: [
          { port: 'refilled', event: 'prescription.filled' },
          { port: 'due', until: '2027-05-16T01:00:00Z' },
        ],
      }),
    ).toEqual([
      ['refilled', 'prescription.filled'],
      ['due', '2027-05-16T01:00:00Z'],
    ]);
    expect(
      valuesOf({ outcome: 'sent', error: { code: 'refused', detail: 'no', attempts: 2 } }),
    ).toEqual([['attempts', '2']]);
    expect(valuesOf({ port: 'a', u: 0.3, policies: { consent: 'given' } })).toEqual([
      ['u', '0.3'],
      ['consent', 'given'],
    ]);
  });
});
