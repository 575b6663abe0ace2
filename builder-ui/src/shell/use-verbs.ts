import { useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/queries.ts';
import { speak } from '../i18n/index.ts';
import { languages } from '../i18n/language.ts';
import { commandStore, type Command } from './commands.ts';

const languageNames = { en: 'English', 'zh-Hant': '繁體中文', 'zh-Hans': '简体中文' } as const;

/** What can be done from every screen. */
export function useVerbs(): Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const sandbox = useMe().data?.deployment.sandbox === true;
  return useMemo(() => {
    const places = [
      ['journeys', '/journeys', 'g j'],
      ['runs', '/runs', 'g r'],
      ['incidents', '/incidents', 'g i'],
      ['tasks', '/tasks', 'g w'],
      ['plugins', '/plugins', undefined],
      ...(sandbox ? [['sandbox', '/sandbox', undefined] as const] : []),
    ] as const;
    return [
      ...places.map(([name, to, keys]): Command => ({
        id: `go-${name}`,
        group: 'screens',
        label: t(`nav.${name}`),
        ...(keys === undefined ? {} : { keys }),
        run: () => void navigate({ to }),
      })),
      ...languages.map((language): Command => ({
        id: `language-${language}`,
        group: 'do',
        label: t('palette.language', { language: languageNames[language] }),
        run: () => void speak(language),
      })),
      ...(['light', 'dark', 'auto'] as const).map((scheme): Command => ({
        id: `scheme-${scheme}`,
        group: 'do',
        label: t(`theme.${scheme}`),
        run: () => setColorScheme(scheme),
      })),
      {
        id: 'keys',
        group: 'do',
        label: t('keys.title'),
        keys: '?',
        run: () => commandStore.setState({ keysOpen: true }),
      },
    ];
  }, [t, navigate, setColorScheme, sandbox]);
}

export { languageNames };
