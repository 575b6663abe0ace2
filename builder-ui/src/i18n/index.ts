import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { firstLanguage, rememberLanguage, type Language } from './language.ts';
import en from './locales/en.json' with { type: 'json' };

/** Starts with English, which is part of the bundle; the other languages are fetched when they are asked for. */
export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en } },
    lng: 'en',
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await speak(firstLanguage());
}

/** Switches every screen to a language and remembers it. */
export async function speak(language: Language): Promise<void> {
  if (language !== 'en' && !i18next.hasResourceBundle(language, 'translation')) {
    const words =
      language === 'zh-Hant'
        ? await import('./locales/zh-Hant.json')
        : await import('./locales/zh-Hans.json');
    i18next.addResourceBundle(language, 'translation', words.default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  rememberLanguage(language);
}
