import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { shippedRegistry } from '@sojourn/stack';
import { answersOf, categories, RefusedError, type Answers, type Ask } from './answers.ts';
import { ownPlugins, root } from './places.ts';
import { scaffold } from './scaffold.ts';

export const pluginUsage = `sojourn plugin new [options]

  Writes a plugin that works: its tests pass, its step can be drawn. Asks for what is not said.

  --name TEXT       as people see it
  --id WORD         lower-case letters, digits and hyphens
  --template WORD   now, later, split or trigger (default: now)
  --category WORD   message, people, supply, flow, decide or data
  --in FOLDER       where its folder is made (default: own-plugins)
`;

/** Makes a plugin, as `sojourn plugin new`. Answers the exit code. */
export async function pluginCommand(
  [verb, ...words]: readonly string[],
  ask: Ask | undefined = process.stdin.isTTY ? askAtTerminal : undefined,
): Promise<number> {
  if (verb !== 'new' || words.includes('--help')) {
    process.stdout.write(pluginUsage);
    return verb === 'new' ? 0 : 2;
  }
  try {
    const { in: given, ...said } = parseArgs({
      args: words,
      options: {
        name: { type: 'string' },
        id: { type: 'string' },
        template: { type: 'string' },
        category: { type: 'string' },
        in: { type: 'string' },
      },
    }).values;
    const parent = given === undefined ? ownPlugins : insideClone(resolve(given));
    const isTaken = (id: string): string | undefined => takenBy(id, parent);
    const answers = await answersOf(said, { ask, isTaken });
    const files = await scaffold(answers, join(parent, answers.id));
    process.stdout.write(
      nextSteps(answers, relative(root, join(parent, answers.id)), files.length),
    );
    return 0;
  } catch (error) {
    const isUnknownOption = error instanceof TypeError && 'code' in error;
    if (!(error instanceof RefusedError || isUnknownOption)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** Why an id cannot be had. */
function takenBy(id: string, parent: string): string | undefined {
  if (shippedRegistry().plugin(id) || existsSync(join(root, 'plugins', id)))
    return 'a plugin that comes with Sojourn has it';
  for (const folder of new Set([parent, ownPlugins]))
    if (existsSync(join(folder, id))) return `${join(folder, id)} is there, and stays as it is`;
  return undefined;
}

function insideClone(folder: string): string {
  if (relative(root, folder).startsWith('..'))
    throw new RefusedError(
      `${folder} lies outside of this clone: the plugin would not find the kit. Choose a folder in ${root}.`,
    );
  return folder;
}

function nextSteps({ id, template, category }: Answers, path: string, count: number): string {
  const where =
    template === 'trigger'
      ? `its event is ${id}.received: begin a journey with it, or wait for it`
      : `its step is in the palette, under '${categories[category].heading}'`;
  const line = (command: string, what: string): string => `  ${command.padEnd(40)} ${what}`;
  return [
    `Written: ${path}, ${count} files. README.md there says what to change.`,
    '',
    line(`npx vitest run ${path}`, 'its tests: they pass as they are'),
    line('npm start', 'start Sojourn'),
    line('http://localhost:4400', where),
    '',
  ].join('\n');
}

const askAtTerminal: Ask = async (question, usual) => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('close', () => reject(new RefusedError('\nNothing was written.'))); // Ctrl-C, Ctrl-D
      terminal.question(`${question} [${usual}] `).then(resolve, reject);
    });
  } finally {
    terminal.close();
  }
};
