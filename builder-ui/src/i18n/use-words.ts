import { localText, type Text } from '@sojourn/schemas';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText, dayText, durationText, momentText, numberText, spanText } from './format.ts';

/** Translations and the formats of one language, together. */
export interface Words {
  t: TFunction;
  language: string;
  text: (text: Text | undefined) => string;
  number: (value: number) => string;
  moment: (instant: string | number) => string;
  clock: (instant: string | number, seconds?: boolean) => string;
  day: (instant: string | number, inWeek?: boolean) => string;
  span: (milliseconds: number) => string;
  duration: (duration: string) => string;
}

/** The words of a language. */
export function wordsOf(t: TFunction, language: string): Words {
  return {
    t,
    language,
    text: (text) => localText(text, language),
    number: (value) => numberText(value, language),
    moment: (instant) => momentText(instant, language),
    clock: (instant, seconds) => clockText(instant, language, seconds),
    day: (instant, inWeek) => dayText(instant, language, inWeek),
    span: (milliseconds) => spanText(milliseconds, language),
    duration: (duration) => durationText(duration, language),
  };
}

/** The words of the language on screen. */
export function useWords(): Words {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  return useMemo(() => wordsOf(t, language), [t, language]);
}
