import type { Text } from './generated/types.ts';

/** The text in `language`, else in English, else in whatever language there is. */
export function localText(text: Text | undefined, language: string): string {
  if (text === undefined) return '';
  if (typeof text === 'string') return text;
  return text[language] ?? text['en'] ?? Object.values(text)[0] ?? '';
}
