import { describe, expect, it } from 'vitest';
import { normalLanguage } from './language.ts';
import { durationText, spanText } from './format.ts';
import en from './locales/en.json' with { type: 'json' };
import hans from './locales/zh-Hans.json' with { type: 'json' };
import hant from './locales/zh-Hant.json' with { type: 'json' };
import { diagnosticCodes } from '@sojourn/engine';

const sources = import.meta.glob<string>('../**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Keys with their texts; the plural forms of a key count as that key. */
function textsOf(words: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string'
        ? [[path + key.replace(/_(one|other)$/, ''), value] as [string, string]]
        : [...textsOf(value as object, `${path}${key}.`)],
    ),
  );
}

const english = textsOf(en);

describe('the languages', () => {
  it.each([
    ['zh-Hant', hant],
    ['zh-Hans', hans],
  ])('has every text in %s, and no other', (_, words) => {
    expect([...textsOf(words).keys()].sort()).toEqual([...english.keys()].sort());
  });

  it.each([
    ['zh-Hant', hant],
    ['zh-Hans', hans],
  ])('puts the same values into the texts of %s', (_, words) => {
    const values = (text: string) =>
      [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();
    for (const [key, text] of textsOf(words))
      expect([key, ...values(text)]).toEqual([key, ...values(english.get(key) ?? '')]);
  });

  it('has every text that the code names', () => {
    const named = Object.entries(sources)
      .filter(([path]) => !path.includes('.test.'))
      .flatMap(([, source]) =>
        [...source.matchAll(/\bt\(\s*'([^']+)'/g)].map((match) => match[1] ?? ''),
      );

    expect(named.length).toBeGreaterThan(200);
    expect(named.filter((key) => !english.has(key))).toEqual([]);
  });

  it('has a sentence for every diagnostic there is', () => {
    const missing = diagnosticCodes.filter((code) => !english.has(`diagnostics.${code}`));

    expect(missing).toEqual([]);
  });
});

describe('choosing a language', () => {
  it.each([
    ['zh-TW', 'zh-Hant'],
    ['zh-HK', 'zh-Hant'],
    ['zh', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['not a tag', 'en'],
  ])('answers %s with %s', (asked, given) => {
    expect(normalLanguage(asked)).toBe(given);
  });
});

describe('durations', () => {
  it.each([
    ['P10D', '10 days'],
    ['PT1H30M', '1 hour 30 minutes'],
    ['-P1M', '1 month'],
    ['nonsense', 'nonsense'],
  ])('says %s as %s', (duration, text) => {
    expect(durationText(duration, 'en')).toBe(text);
  });

  it('says a long time in its two largest units', () => {
    expect(spanText((2 * 24 + 3) * 3600_000, 'en')).toBe('2d 3h');
    expect(spanText(309 * 24 * 3600_000, 'en')).toBe('309d');
  });
});
