import type { Request } from 'express';

/** A language that our own small pages speak. */
export type Language = 'en' | 'zh-Hant' | 'zh-Hans';

/** The language of whoever asks: the first that they name and we speak. */
export function languageOf(request: Pick<Request, 'get'>): Language {
  const wanted = (request.get('accept-language') ?? '')
    .split(',')
    .map((item) => (item.split(';')[0] ?? '').trim().toLowerCase());
  for (const tag of wanted) {
    if (tag.startsWith('en')) return 'en';
    if (tag === 'zh' || tag.startsWith('zh-'))
      return /hant|tw|hk|mo/.test(tag) ? 'zh-Hant' : 'zh-Hans';
  }
  return 'en';
}
