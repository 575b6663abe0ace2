import { describe, expect, it } from 'vitest';
import { countParts, encodePart, partHeader, readyText, splitText } from './parts.ts';

const a = (times: number): string => 'a'.repeat(times);
const 中 = (times: number): string => '中'.repeat(times);

describe('how many parts a text has', () => {
  it.each<[string, string, 'gsm-7' | 'ucs-2', number, number]>([
    ['one character', 'a', 'gsm-7', 1, 159],
    ['é, which is in the alphabet', 'é', 'gsm-7', 1, 159],
    ['é made of two', 'e\u0301', 'gsm-7', 1, 159],
    ['€, which takes an escape', '€', 'gsm-7', 1, 158],
    ['^ as well', '^', 'gsm-7', 1, 158],
    ['all of the extension table', '^{}\\[~]|€\f', 'gsm-7', 1, 140],
    ['ç, which is not in the alphabet, though Ç is', 'ç', 'ucs-2', 1, 69],
    ['Ç', 'Ç', 'gsm-7', 1, 159],
    ['the escape itself, which is no character', '\u001b', 'ucs-2', 1, 69],
    ['a curly apostrophe', 'it’s', 'ucs-2', 1, 66],
    ['a new line of two characters', 'a\r\nb', 'gsm-7', 1, 157],
    ['Chinese', '中文', 'ucs-2', 1, 68],
    ['an emoji, which takes two units', '👍', 'ucs-2', 1, 68],
    ['what fits exactly', a(160), 'gsm-7', 1, 0],
    ['one more', a(161), 'gsm-7', 2, 145],
    ['what two parts hold', a(306), 'gsm-7', 2, 0],
    ['one more than two parts hold', a(307), 'gsm-7', 3, 152],
    ['an escape pair that would be cut', `${a(152)}€${a(10)}`, 'gsm-7', 2, 141],
    ['an escape pair that makes it too long', `${a(159)}€`, 'gsm-7', 2, 145],
    ['Chinese that fits exactly', 中(70), 'ucs-2', 1, 0],
    ['one more Chinese character', 中(71), 'ucs-2', 2, 63],
    ['Chinese that two parts hold', 中(134), 'ucs-2', 2, 0],
    ['one more than that', 中(135), 'ucs-2', 3, 66],
    ['a surrogate pair that would be cut', `${中(66)}👍${中(10)}`, 'ucs-2', 2, 55],
  ])('counts %s', (_what, text, encoding, parts, left) => {
    expect(countParts(text)).toEqual({ encoding, parts, left });
  });
});

describe('cutting a text', () => {
  it.each([
    ['septets', `${a(152)}€${a(152)}€${a(3)}`],
    ['16 bits', `${中(66)}👍${中(66)}👍 end`],
  ])('loses nothing and cuts no character, in %s (P1)', (_unit, text) => {
    const { parts } = splitText(text);

    expect(parts.join('')).toBe(text);
    for (const part of parts) expect(part).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
  });

  it('fills no part with more than its 140 octets', () => {
    const header = partHeader(7, 2, 1).length;
    for (const part of splitText(`${a(151)}€${a(300)}`).parts)
      expect(encodePart(part, 'gsm-7').length).toBeLessThanOrEqual(153);
    for (const part of splitText(中(300)).parts)
      expect(header + encodePart(part, 'ucs-2').length).toBeLessThanOrEqual(140);
  });
});

describe('writing a text', () => {
  it.each<[string, 'gsm-7' | 'ucs-2', number[]]>([
    ['@£Aé', 'gsm-7', [0x00, 0x01, 0x41, 0x05]],
    ['Ç1à', 'gsm-7', [0x09, 0x31, 0x7f]],
    ['€^\f', 'gsm-7', [0x1b, 0x65, 0x1b, 0x14, 0x1b, 0x0a]],
    ['[~]|\\{}', 'gsm-7', [0x3c, 0x3d, 0x3e, 0x40, 0x2f, 0x28, 0x29].flatMap((s) => [0x1b, s])],
    ['中👍', 'ucs-2', [0x4e, 0x2d, 0xd8, 0x3d, 0xdc, 0x4d]],
  ])('writes %j in %s', (text, encoding, octets) => {
    expect([...encodePart(text, encoding)]).toEqual(octets);
  });

  it('says of which text a part is, with eight bits of reference', () => {
    expect([...partHeader(0x1ff, 3, 2)]).toEqual([5, 0, 3, 0xff, 3, 2]);
  });

  it('composes characters, and has one sign for a new line', () => {
    expect(readyText('e\u0301\r\nb\rc')).toBe('é\nb\nc');
  });
});
