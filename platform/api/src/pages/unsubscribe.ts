import type { Language } from './language.ts';
import { page } from './page.ts';

const texts = {
  en: {
    title: 'Unsubscribe',
    ask: 'Do you want to stop receiving these messages?',
    button: 'Unsubscribe',
    doneTitle: 'You are unsubscribed',
    done: 'You will not receive these messages any more.',
    brokenTitle: 'This link does not work',
    broken: 'It is incomplete or was not made here. Open it again from the message.',
  },
  'zh-Hant': {
    title: '取消訂閱',
    ask: '您要停止接收這類訊息嗎？',
    button: '取消訂閱',
    doneTitle: '已取消訂閱',
    done: '您將不再收到這類訊息。',
    brokenTitle: '此連結無法使用',
    broken: '連結不完整，或不是由本系統產生。請從訊息中重新開啟。',
  },
  'zh-Hans': {
    title: '取消订阅',
    ask: '您要停止接收这类消息吗？',
    button: '取消订阅',
    doneTitle: '已取消订阅',
    done: '您将不再收到这类消息。',
    brokenTitle: '此链接无法使用',
    broken: '链接不完整，或不是由本系统生成。请从消息中重新打开。',
  },
} as const satisfies Record<Language, Record<string, string>>;

/** The page that asks: the form posts to the page's own address. */
export function unsubscribePage(language: Language): string {
  const { title, ask, button } = texts[language];
  const body = `<h1>${title}</h1><p>${ask}</p><form method="post"><button type="submit">${button}</button></form>`;
  return page({ language, title, body });
}

/** The page that says it is done. */
export function unsubscribedPage(language: Language): string {
  const { doneTitle, done } = texts[language];
  return page({ language, title: doneTitle, body: `<h1>${doneTitle}</h1><p>${done}</p>` });
}

/** The page of a link that is none of ours. */
export function brokenLinkPage(language: Language): string {
  const { brokenTitle, broken } = texts[language];
  return page({ language, title: brokenTitle, body: `<h1>${brokenTitle}</h1><p>${broken}</p>` });
}
