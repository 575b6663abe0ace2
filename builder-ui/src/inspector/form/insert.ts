/** Text with a value put in, and where the cursor stands after it. */
export interface Insertion {
  text: string;
  cursor: number;
}

/** Puts `{{ value }}` in place of a selection. Braces just typed are completed; inside another value it goes behind it. */
export function insertValue(text: string, start: number, end: number, value: string): Insertion {
  const opened = text.lastIndexOf('{{', start - 1);
  const closed = opened < 0 ? -1 : text.indexOf('}}', opened);
  const inside =
    closed >= 0 && closed + 2 > start && !text.slice(opened + 2, closed).includes('{{');
  const from = inside ? closed + 2 : start;
  const to = inside ? from : end;
  const before = inside ? text.slice(0, from) : text.slice(0, from).replace(/\{+[ \t]*$/, '');
  const inserted = `${before}{{ ${value} }}`;
  return { text: inserted + text.slice(to), cursor: inserted.length };
}
