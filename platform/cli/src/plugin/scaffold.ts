import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { categories, kinds, RefusedError, type Answers } from './answers.ts';
import { root, templates } from './places.ts';

// Writes a plugin from its template.
//
//   W1. Nothing that is there is written over: the folder is made, or nothing is.
//   W2. Where a template has `__ID__`, the plugin has its id: placeholders are words that no file has otherwise.

const suffix = '.template';

/** Writes a plugin into a new folder; answers the files' names. Throws a `RefusedError` when the folder is there. */
export async function scaffold(answers: Answers, folder: string): Promise<string[]> {
  const layers = kinds[answers.template].layers;
  const files = (await Promise.all(layers.map((layer) => filesIn(join(templates, layer))))).flat();
  const words = wordsOf(answers, folder);
  const written = await Promise.all(
    files.map(async ({ path, name }) => ({
      name,
      text: await formatted(name, filled(await readFile(path, 'utf8'), words)),
    })),
  );
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new RefusedError(`${folder} is there already: nothing was written. Choose another id.`); // W1
  });
  for (const { name, text } of written) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text, { flag: 'wx' });
  }
  return written.map(({ name }) => name).sort();
}

async function filesIn(layer: string): Promise<{ path: string; name: string }[]> {
  const found = await readdir(layer, { recursive: true });
  return found
    .filter((name) => name.endsWith(suffix))
    .map((name) => ({ path: join(layer, name), name: name.slice(0, -suffix.length) }));
}

function wordsOf({ id, name, category }: Answers, folder: string): Record<string, string> {
  const path = (from: string, to: string): string => relative(from, to).replaceAll('\\', '/');
  return {
    ...{ ID: id, NAME: name, CATEGORY: category, ICON: categories[category].icon },
    EXPORT: `${id.replaceAll(/-+(.?)/g, (_, next: string) => next.toUpperCase())}Plugin`,
    ROOT: path(folder, root),
    PATH: path(root, folder),
  };
}

/** A template with its words (W2). */
const filled = (text: string, words: Record<string, string>): string =>
  text.replaceAll(/__([A-Z]+)__/g, (whole, word: string) => words[word] ?? whole);

/** A file as our own are formatted: how long a line is depends on the words in it. */
async function formatted(name: string, text: string): Promise<string> {
  const prettier = await import('prettier');
  const { inferredParser } = await prettier.getFileInfo(name);
  if (inferredParser === null) return text;
  const options = await prettier.resolveConfig(join(root, 'package.json'));
  return await prettier.format(text, { ...options, parser: inferredParser });
}
