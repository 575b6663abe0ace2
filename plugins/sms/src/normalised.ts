/**
 * A text as it is compared: case, width (１ is 1), punctuation and blanks make no difference. What is nothing but punctuation
 * stays as it is.
 */
export function normalised(text: string): string {
  const folded = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u200b-\u200d\ufe0f\ufeff]/g, '')
    .trim();
  const bare = folded
    .replace(/[\p{Pd}\p{Pc}\s]+/gu, ' ')
    .replace(/\p{P}/gu, '')
    .replace(/ +/g, ' ')
    .trim();
  return bare === '' ? folded : bare;
}
