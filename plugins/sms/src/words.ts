import { normalised } from './normalised.ts';

// Words by which people stop what we write to them, and ask who we are. A text is such a word when there is nothing else in it.

/** A word, and the language of whoever writes it. */
export interface StopWord {
  word: string;
  language: string;
}

const inLanguage = (language: string, words: string[]): StopWord[] =>
  words.map((word) => ({ word, language }));

export const stopWords: readonly StopWord[] = [
  // 47 CFR 64.1200(a)(10), in force since 11 April 2025: these revoke consent whatever else a sender has agreed on.
  ...inLanguage('en', ['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe']),
  // As they are written as well; the first two are in the Messaging Principles of CTIA, 5.1.3.
  ...inLanguage('en', ['stopall', 'stop all', 'optout', 'remove me']),
  // Taiwan, Personal Data Protection Act, art. 20: whoever refuses marketing is left alone at once.
  ...inLanguage('zh-Hant', [
    '退訂',
    '取消訂閱',
    '取消訂閲',
    '停止訂閱',
    '拒收',
    '不要再傳',
    '回T退訂',
  ]),
  // China, conventions of the carriers: texts end with 回T退订, 退订回TD or 拒收请回复R. People send the letter, or the whole of it.
  ...inLanguage('zh-Hans', ['退订', '取消订阅', '停止订阅', 'T', 'TD', 'R']),
  ...inLanguage('zh-Hans', [
    '回T退订',
    '退订回T',
    '回TD退订',
    '退订回TD',
    '拒收请回复R',
    '不要再发',
  ]),
  ...inLanguage('zh', ['停止']), // the same in both scripts
];

/** CTIA, 5.1.2: a sender answers HELP; INFO means the same. In Chinese as people ask for it. */
export const helpWords: readonly string[] = [
  ...['help', 'info'],
  ...['說明', '幫助', '協助', '说明', '帮助', '求助'],
];

const stops = new Map(stopWords.map((entry) => [normalised(entry.word), entry]));
const helps = new Set(helpWords.map(normalised));

/** The word by which a text stops what we send; undefined when it does not. */
export function stopWordIn(text: string): StopWord | undefined {
  return stops.get(normalised(text));
}

/** Whether a text asks who we are and what this is. */
export function isHelp(text: string): boolean {
  return helps.has(normalised(text));
}
