import { describe, expect, it } from 'vitest';
import { helpWords, isHelp, stopWordIn, stopWords } from './words.ts';

describe('a word that stops', () => {
  it.each([
    ['stop', 'stop', 'en'],
    ['STOP', 'stop', 'en'],
    ['  Stop. ', 'stop', 'en'],
    ['ＳＴＯＰ！', 'stop', 'en'],
    ['quit', 'quit', 'en'],
    ['End', 'end', 'en'],
    ['REVOKE', 'revoke', 'en'],
    ['opt-out', 'opt out', 'en'],
    ['Opt  out', 'opt out', 'en'],
    ['cancel', 'cancel', 'en'],
    ['"Unsubscribe"', 'unsubscribe', 'en'],
    ['退訂', '退訂', 'zh-Hant'],
    ['取消訂閱。', '取消訂閱', 'zh-Hant'],
    ['退订', '退订', 'zh-Hans'],
    ['取消订阅', '取消订阅', 'zh-Hans'],
    ['停止', '停止', 'zh'],
    ['拒收', '拒收', 'zh-Hant'],
    ['t', 'T', 'zh-Hans'],
    ['ＴＤ', 'TD', 'zh-Hans'],
    ['R', 'R', 'zh-Hans'],
    ['【回T退订】', '回T退订', 'zh-Hans'],
  ])('is %j', (text, word, language) => {
    expect(stopWordIn(text)).toEqual({ word, language });
  });

  it.each([
    '',
    'yes',
    'please do not stop',
    'the end',
    'cancelled',
    '今天停止運動了',
    'Tea',
    '...',
  ])('is not %j', (text) => {
    expect(stopWordIn(text)).toBeUndefined();
  });

  it('is found however it stands in the list, and asks for no help', () => {
    for (const entry of stopWords) {
      expect(stopWordIn(entry.word), entry.word).toBeDefined();
      expect(isHelp(entry.word), entry.word).toBe(false);
    }
  });
});

describe('a word that asks for help', () => {
  it.each(['HELP', 'help?', 'Info', '說明', '帮助', 'ＨＥＬＰ'])('is %j', (text) => {
    expect(isHelp(text)).toBe(true);
  });

  it.each(['', 'help me with my refill', 'information'])('is not %j', (text) => {
    expect(isHelp(text)).toBe(false);
  });

  it('stops nothing', () => {
    for (const word of helpWords) expect(stopWordIn(word), word).toBeUndefined();
  });
});
