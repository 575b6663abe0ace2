import { readFile } from 'node:fs/promises';

/** Where the catalogue lies: beside the source, also for what was compiled. */
const catalogue = new URL('../src/errors.md', import.meta.url);

/** The codes that the catalogue explains. */
export async function catalogueCodes(): Promise<string[]> {
  const text = await readFile(catalogue, 'utf8');
  return [...text.matchAll(/^## (\S+)$/gm)].map((match) => match[1] ?? '');
}

/** The section of a code. */
export async function catalogueSection(code: string): Promise<string> {
  const text = await readFile(catalogue, 'utf8');
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(`## ${code}\n`));
  return section?.trim() ?? `## ${code}`;
}
