import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import {
  exchangeKey,
  keysStanding,
  renewKeys,
  settingsOf,
  StackError,
  type KeysStanding,
  type RenewalProgress,
} from '@sojourn/stack';

const usage = `sojourn keys [renew | exchange] [options]

  (nothing)  say how many keys of people and secrets of connections stand under which generation
  renew      begin a new generation, and wrap every key and secret anew under it; cut off, it goes on when it is run again
  exchange   make a new deployment key in the home, in the place of the one that is there

  --json     print the answer as JSON
  --yes      exchange without asking

With the key in SOJOURN_KEY there is nothing to exchange in the home: start Sojourn with SOJOURN_KEY set to the new one and
SOJOURN_FORMER_KEY to the one before. docs/operations.md says what each is good for.
`;
const tellMs = 1_000;
const shownFailures = 20;

interface Options {
  json: boolean;
  yes: boolean;
  /** Asks whoever sits at the terminal; absent when nobody does. */
  ask: ((question: string) => Promise<string>) | undefined;
}

/** What an operator does with the keys of a deployment. Answers the exit code. */
export async function keys(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  ask: Options['ask'] = process.stdin.isTTY ? askAtTerminal : undefined,
): Promise<number> {
  const given = wordsIn(words);
  const act = given && Object.hasOwn(acts, given.verb) ? acts[given.verb] : undefined;
  if (!given || !act) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    return await act(env, { ...given, ask });
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

const acts: Record<string, (env: NodeJS.ProcessEnv, options: Options) => Promise<number>> = {
  status: async (env, { json }) => {
    const standing = await keysStanding(settingsOf(env));
    print(json ? JSON.stringify(standing) : tableOf(standing));
    return 0;
  },

  renew: async (env, { json }) => {
    let toldAt = 0;
    const tell = (progress: RenewalProgress): void => {
      if (Date.now() - toldAt < tellMs) return;
      toldAt = Date.now();
      process.stderr.write(`${wordsOf(progress)}\n`);
    };
    process.stderr.write('every process is given ten seconds to learn of the generation\n');
    const done = await renewKeys(settingsOf(env), tell);
    print(json ? JSON.stringify(done) : summaryOf(done));
    return done.failed.length === 0 ? 0 : 1;
  },

  exchange: async (env, { yes, ask }) => {
    const settings = settingsOf(env);
    if (!yes) {
      const question = `The key in ${settings.home} is replaced by a new one. Backups from before need the one before. Go on? [no] `;
      if (!ask) {
        process.stderr.write(`${question}\nNobody is there to answer: add --yes\n`);
        return 2;
      }
      if (!/^y(es)?$/i.test((await ask(question)).trim())) {
        print('Nothing was changed.');
        return 1;
      }
    }
    await exchangeKey(settings);
    print('The deployment has a new key. Back up the home now; what runs goes on.');
    return 0;
  },
};

function wordsIn(words: readonly string[]): (Omit<Options, 'ask'> & { verb: string }) | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { json: { type: 'boolean' }, yes: { type: 'boolean' } },
      allowPositionals: true,
      strict: true,
    });
    const [verb = 'status', ...rest] = positionals;
    const { json = false, yes = false } = values;
    return rest.length > 0 ? undefined : { verb, json, yes };
  } catch {
    return undefined; // an option that there is not: the usage says which there are
  }
}

function tableOf({ newest, isRenewing, generations }: KeysStanding): string {
  return [
    'generation  keys of people  secrets',
    ...generations.map(({ generation, subjectKeys, secrets }) => {
      const row = [String(generation).padStart(10), String(subjectKeys).padStart(14)];
      const note = generation === newest ? '  seals what is new' : '';
      return `${[...row, String(secrets).padStart(7)].join('  ')}${note}`;
    }),
    ...(isRenewing ? ["A renewal was cut off or is under way: 'sojourn keys renew' goes on."] : []),
  ].join('\n');
}

const wordsOf = ({ generation, done, total, failed }: RenewalProgress): string =>
  `generation ${generation}: ${done} of ${total} looked at, ${failed.length} failed`;

function summaryOf({ generation, done, failed }: RenewalProgress): string {
  return [
    `generation   ${generation}`,
    `looked at    ${done}`,
    `failed       ${failed.length}`,
    ...failed.slice(0, shownFailures).map((name) => `  ${name} does not open`),
    ...(failed.length > shownFailures ? [`  and ${failed.length - shownFailures} more`] : []),
    ...(failed.length > 0 ? ['Run it again once they are mended: it goes on.'] : []),
  ].join('\n');
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('close', () => resolve('')); // Ctrl-C, Ctrl-D: no
      terminal.question(question).then(resolve, reject);
    });
  } finally {
    terminal.close();
  }
}
