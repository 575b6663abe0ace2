// How a text is counted, cut and written: GSM 7 bit (3GPP TS 23.038) when every character is in it, UCS-2 otherwise.
//
//   P1. A text is cut only between characters: never within an escape of GSM 7 bit, never within a surrogate pair.
//   P2. What `countParts` says is what `splitText` does.

export type Encoding = 'gsm-7' | 'ucs-2';

/** A text cut into what fits into one message each. */
export interface SplitText {
  encoding: Encoding;
  parts: string[];
  /** How many units are left in the last part: septets, or 16 bits each. */
  left: number;
}

/** The default alphabet by its septets; the escape at 0x1B is no character. */
const alphabet =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const escape = 0x1b;
const septets = new Map<string, number[]>([
  ...Array.from(alphabet, (character, septet): [string, number[]] => [character, [septet]]),
  ...Object.entries({
    ...{ '\f': 0x0a, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2f },
    ...{ '[': 0x3c, '~': 0x3d, ']': 0x3e, '|': 0x40, '€': 0x65 },
  }).map(([character, septet]): [string, number[]] => [character, [escape, septet]]),
]);
septets.delete('\u001b');

/** Units of a message that is whole, and of one that is a part: six octets of it say which. */
const room = { 'gsm-7': { alone: 160, part: 153 }, 'ucs-2': { alone: 70, part: 67 } };

/** What a text becomes: composed, so that é is one character, with one sign for each new line. */
export function readyText(text: string): string {
  return text.normalize('NFC').replace(/\r\n?/g, '\n');
}

/** Cuts a text into parts (P1). */
export function splitText(given: string): SplitText {
  const characters = Array.from(readyText(given));
  const encoding = characters.every((character) => septets.has(character)) ? 'gsm-7' : 'ucs-2';
  const unitsOf = (character: string): number =>
    encoding === 'gsm-7' ? (septets.get(character)?.length ?? 0) : character.length;
  const { alone, part } = room[encoding];
  const all = characters.reduce((sum, character) => sum + unitsOf(character), 0);
  if (all <= alone) return { encoding, parts: [characters.join('')], left: alone - all };

  const parts: string[] = [];
  let current = '';
  let left = part;
  for (const character of characters) {
    const units = unitsOf(character);
    if (units > left) {
      parts.push(current);
      current = '';
      left = part;
    }
    current += character;
    left -= units;
  }
  return { encoding, parts: [...parts, current], left };
}

/** How many messages a text costs, and what is left in the last (P2). */
export function countParts(text: string): { encoding: Encoding; parts: number; left: number } {
  const { encoding, parts, left } = splitText(text);
  return { encoding, parts: parts.length, left };
}

/** A part as it stands in a message: a septet to an octet, as SMPP has them, or UTF-16 in network order. */
export function encodePart(part: string, encoding: Encoding): Buffer {
  return encoding === 'gsm-7'
    ? Buffer.from(Array.from(part).flatMap((character) => septets.get(character) ?? []))
    : Buffer.from(part, 'utf16le').swap16();
}

/** The header that says of which text a message is the nth part (3GPP TS 23.040, 9.2.3.24.1). */
export function partHeader(reference: number, total: number, number: number): Buffer {
  return Buffer.from([5, 0, 3, reference & 0xff, total, number]);
}
