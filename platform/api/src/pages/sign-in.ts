import type { Language } from './language.ts';
import { page } from './page.ts';

const texts = {
  en: {
    title: 'Signed in',
    go: 'Go on to Sojourn',
    spentTitle: 'This sign-in link is used up',
    spent: 'A link works once, within ten minutes. Ask for a new one where Sojourn was started.',
  },
  'zh-Hant': {
    title: '已登入',
    go: '前往 Sojourn',
    spentTitle: '此登入連結已失效',
    spent: '連結在十分鐘內只能使用一次。請在啟動 Sojourn 之處取得新的連結。',
  },
  'zh-Hans': {
    title: '已登录',
    go: '前往 Sojourn',
    spentTitle: '此登录链接已失效',
    spent: '链接在十分钟内只能使用一次。请在启动 Sojourn 之处获取新的链接。',
  },
} as const satisfies Record<Language, Record<string, string>>;

/**
 * The page that leads on. A redirect would not do: a browser that came here by a link of another site would not send the
 * fresh SameSite=Strict cookie along.
 */
export function signedInPage(language: Language): string {
  const { title, go } = texts[language];
  return page({
    language,
    title,
    head: '<meta http-equiv="refresh" content="0;url=/">',
    body: `<h1>${title}</h1><p><a href="/">${go}</a></p>`,
  });
}

/** The page of a link that was used, or is too old. */
export function spentPage(language: Language): string {
  const { spentTitle, spent } = texts[language];
  return page({ language, title: spentTitle, body: `<h1>${spentTitle}</h1><p>${spent}</p>` });
}
