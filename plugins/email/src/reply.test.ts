import { describe, expect, it } from 'vitest';
import { writtenIn } from './reply.ts';

describe('what somebody wrote', () => {
  it.each([
    ['a quote', 'Yes.\n\n> Did you?\n> Please say\n'],
    [
      'a quote with its line',
      'Yes.\n\nOn Tue, 5 Jan 2027 at 09:30, Care <c@x.example> wrote:\n> Hi',
    ],
    [
      'such a line, folded',
      'Yes.\n\nOn Tue, 5 Jan 2027 at 09:30, Care\n<c@x.example> wrote:\n\nHi',
    ],
    ['a quote in Chinese', 'Yes.\n\n在 2027年1月5日，Care 写道：\n\n您好'],
    ['another', 'Yes.\n\nCare <c@x.example> 於 2027年1月5日 週二 上午9:30寫道：\n\n您好'],
    ['a mail below', 'Yes.\n\n-----Original Message-----\nFrom: Care\nHi'],
    ['the fields of a mail', 'Yes.\n\nFrom: Care\nSent: Tuesday\nTo: Ada\n\nHi'],
    ['such fields in Chinese', 'Yes.\n\n寄件者: Care\n寄件日期: 2027\n收件者: Ada\n\nHi'],
    ['a signature', 'Yes.\n-- \nAda\n+886 912 345 678'],
    ['the name of a telephone', 'Yes.\n\nSent from my iPhone'],
    ['that in Chinese', 'Yes.\n\n從我的 iPhone 傳送'],
    ['that in Chinese, simplified', 'Yes.\r\n\r\n发自我的iPhone'],
  ])('stands without %s', (_, text) => {
    expect(writtenIn(text)).toBe('Yes.');
  });

  it('keeps paragraphs, and answers between the lines', () => {
    expect(writtenIn('One\n\n> quoted\nTwo\n\nFrom: here on it is better')).toBe(
      'One\n\nTwo\n\nFrom: here on it is better',
    );
  });

  it('is all of it when nothing else would be left', () => {
    expect(writtenIn('> Yes')).toBe('> Yes');
  });

  it('takes no time over a long text', () => {
    const began = Date.now();
    writtenIn(`On ${'a '.repeat(100_000)}`);
    writtenIn('> a\n'.repeat(50_000));

    expect(Date.now() - began).toBeLessThan(1_000);
  });
});
