// Puts the parts of long texts together again. Pure: the time is given.
//
//   M1. A part counts once, however often it comes; a text is whole when each of its parts is there.
//   M2. What came with a part is held until the text is whole, so that nobody is told before it is stored; but not for longer than
//       `holdMs`: an SMSC that sends one message at a time would never send the next part.
//   M3. Bounded: after `waitMs`, or when there are too many, a text is taken as far as it is there.

/** A part of a text. */
export interface Part {
  from: string;
  to: string;
  /** Of which text of these two, of how many parts, the nth. */
  reference: number;
  total: number;
  number: number;
  text: string;
}

/** A text, as far as it is there. */
export interface Assembled<Held> {
  from: string;
  to: string;
  text: string;
  parts: number;
  /** What came with its parts and was not let go, in the order of arrival. */
  held: Held[];
}

export interface Assembly<Held> {
  /** Adds a part. Answers the text when it is whole (M1). */
  add(part: Part, held: Held, now: number): Assembled<Held> | undefined;
  /** What is held for too long (M2): it is let go, and its text still waited for. */
  letGo(now: number): Held[];
  /** Texts that are waited for no longer (M3). */
  giveUp(now: number): Assembled<Held>[];
}

interface Pile<Held> {
  from: string;
  to: string;
  total: number;
  texts: Map<number, string>;
  held: { item: Held; since: number }[];
  since: number;
}

const missing = '…';

/** An assembly with nothing in it. */
export function createAssembly<Held>(
  limits: { holdMs?: number; waitMs?: number; most?: number } = {},
): Assembly<Held> {
  const { holdMs = 2_000, waitMs = 300_000, most = 100 } = limits;
  const piles = new Map<string, Pile<Held>>();

  const take = (name: string, pile: Pile<Held>): Assembled<Held> => {
    piles.delete(name);
    const numbers = Array.from({ length: pile.total }, (_, index) => index + 1);
    const { from, to, total, held } = pile;
    const text = numbers.map((number) => pile.texts.get(number) ?? missing).join('');
    return { from, to, text, parts: total, held: held.map(({ item }) => item) };
  };

  return {
    add({ from, to, reference, total, number, text }, item, now) {
      const name = JSON.stringify([from, to, reference, total]);
      const fresh: Pile<Held> = { from, to, total, texts: new Map(), held: [], since: now };
      const pile = piles.get(name) ?? fresh;
      piles.set(name, pile);
      pile.texts.set(number, text);
      pile.held.push({ item, since: now });
      return pile.texts.size === total ? take(name, pile) : undefined;
    },
    letGo(now) {
      const gone: Held[] = [];
      for (const pile of piles.values()) {
        gone.push(
          ...pile.held.filter(({ since }) => now - since >= holdMs).map(({ item }) => item),
        );
        pile.held = pile.held.filter(({ since }) => now - since < holdMs);
      }
      return gone;
    },
    giveUp(now) {
      const late = [...piles].filter(
        ([, { since }], index) => now - since >= waitMs || index < piles.size - most,
      );
      return late.map(([name, pile]) => take(name, pile));
    },
  };
}
