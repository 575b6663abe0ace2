/** The languages the screens speak. */
export const languages = ['en', 'zh-Hant', 'zh-Hans'] as const;
export type Language = (typeof languages)[number];

const storageKey = 'sojourn.language';

/** One of our languages for whatever a browser asks: zh-TW and zh-HK are written in Hant, not in Hans. */
export function normalLanguage(tag: string): Language {
  try {
    const locale = new Intl.Locale(tag).maximize();
    if (locale.language !== 'zh') return 'en';
    return locale.script === 'Hant' ? 'zh-Hant' : 'zh-Hans';
  } catch {
    return 'en';
  }
}

/** The language to begin with: the one chosen before, else the browser's. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(storageKey);
  return normalLanguage(chosen ?? navigator.language);
}

/** Remembers the choice. */
export function rememberLanguage(language: Language): void {
  localStorage.setItem(storageKey, language);
}
