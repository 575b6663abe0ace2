// Whether a regular expression can run away: take a time that grows without measure with a text that nearly fits.
//
//   R1. A part that is repeated, and repeats something itself, is allowed when every round begins or ends with a character that
//       occurs nowhere else in it: `(/[^/]*)*` is, `(a+)*` is not. Then there is one way to divide a text into rounds.
//   R2. The alternatives of a part that is repeated begin with different characters: `(a|b)*` does, `(a|ab?)*` does not.
//   R3. What is not understood here is refused: it could be anything.

/** A character, a class or a group, and how often. */
interface Piece {
  /** What it can begin with; of a character or a class, all that it can be. */
  chars: ReadonlySet<string>;
  group?: Piece[][];
  least: number;
  most: number;
}

/** Every character that is tried: what is beyond ASCII stands for the rest. */
const tried = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...['é', 'ß', 'Ж', '中', '９', '\u00a0', '\u2028', '😀'],
];
const atom = /^(?:\[(?:\\[^]|[^\]\\])*\]|\\(?:u\{[^}]*\}|u[^]{4}|x[^]{2}|[pP]\{[^}]*\}|[^])|[^])/u;
const quantifier = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/;

/** What makes a pattern one that can run away, or undefined. The pattern must compile. */
export function runawayIn(pattern: string): string | undefined {
  let rest = pattern;
  let found: string | undefined;
  const take = (expression: RegExp): RegExpExecArray | undefined => {
    const match = expression.exec(rest);
    if (match) rest = rest.slice(match[0].length);
    return match ?? undefined;
  };

  const alternatives = (): Piece[][] => {
    const all: Piece[][] = [[]];
    while (rest !== '' && !rest.startsWith(')')) {
      if (take(/^\|/)) all.push([]);
      else all.at(-1)?.push(...piece());
    }
    return all;
  };
  const piece = (): Piece[] => {
    if (take(/^(?:\^|\$|\\[bB])/)) return [];
    const before = rest;
    const isAssertion = /^\(\?<?[=!]/.test(rest);
    if (take(/^\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/)) {
      const group = alternatives();
      take(/^\)/);
      const [least, most] = times();
      if (isAssertion) return [];
      const text = before.slice(0, before.length - rest.length);
      if (most > 1) found ??= faultOfRounds(group, text); // R1, R2
      return [{ chars: firstOf(group), group, least, most }];
    }
    const [text = ''] = take(atom) ?? [];
    const isBack = /^\\[1-9k]/.test(text);
    if (isBack) found ??= `'${text}' refers back: write out what is meant`; // R3
    const [least, most] = times();
    return [{ chars: isBack ? new Set(tried) : charactersOf(text), least, most }];
  };
  const times = (): [least: number, most: number] => {
    const match = take(quantifier);
    if (!match) return [1, 1];
    const [text, low, range, high] = match;
    if (low !== undefined)
      return [
        Number(low),
        range === undefined ? Number(low) : high === '' ? Infinity : Number(high),
      ];
    return [text.startsWith('+') ? 1 : 0, text.startsWith('?') ? 1 : Infinity];
  };

  alternatives();
  return found;
}

function faultOfRounds(group: Piece[][], text: string): string | undefined {
  if (beginsAlike(group))
    return `alternatives in '${text}' begin alike: let each begin with a character of its own`;
  if (!group.some(repeatsSomething) || isDivided(group, 'first') || isDivided(group, 'last'))
    return undefined;
  return `'${text}' repeats what repeats: let each round begin or end with a character that occurs nowhere else in it`;
}

/** Whether two alternatives, here or in a part further inside, begin with the same character (R2). */
const beginsAlike = (group: Piece[][]): boolean =>
  group.some((one, index) =>
    group.slice(index + 1).some((other) => meets(firstOf([one]), firstOf([other]))),
  ) || group.flat().some((piece) => piece.group !== undefined && beginsAlike(piece.group));

/** Whether every round is told apart by its first, or its last, character (R1). */
function isDivided(group: Piece[][], end: 'first' | 'last'): boolean {
  const marks = group.map((pieces) => pieces.at(end === 'first' ? 0 : -1));
  const others = group.flatMap((pieces) =>
    end === 'first' ? pieces.slice(1) : pieces.slice(0, -1),
  );
  return marks.every(
    (mark) =>
      mark?.group === undefined &&
      mark?.least === 1 &&
      mark.most === 1 &&
      !others.some((other) => meets(mark.chars, allOf(other))),
  );
}

const repeatsSomething = (pieces: Piece[]): boolean =>
  pieces.some(({ most, least, group }) => most !== least || (group ?? []).some(repeatsSomething)) ||
  pieces.every(({ least }) => least === 0);

/** What a choice of pieces can begin with. */
function firstOf(group: Piece[][]): Set<string> {
  const first = new Set<string>();
  for (const pieces of group)
    for (const { chars, least } of pieces) {
      for (const char of chars) first.add(char);
      if (least > 0) break;
    }
  return first;
}

const allOf = ({ chars, group }: Piece): ReadonlySet<string> =>
  group ? new Set(group.flatMap((pieces) => pieces.flatMap((one) => [...allOf(one)]))) : chars;

const meets = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].some((char) => other.has(char));

function charactersOf(text: string): Set<string> {
  const expression = new RegExp(`^(?:${text})$`, 'su');
  return new Set(tried.filter((char) => expression.test(char)));
}
