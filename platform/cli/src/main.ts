import { keys } from './keys.ts';
import { rebuild } from './rebuild.ts';
import { start } from './start.ts';
import { signIn, status } from './ask.ts';
import { pluginCommand } from './plugin/new-plugin.ts';
import { simulate } from './simulation/simulate.ts';
import { worker } from './worker.ts';
import { testJourneys } from './simulation/test-journeys.ts';

const usage = `sojourn <command>

  start     start everything on this machine, and stay
  status    how each part of the running stack is
  sign-in   print a new sign-in link (works once, 10 minutes)
  worker    perform the effects of some plugins, on one more machine
  rebuild   after Temporal's database was lost: start every open run again, from MongoDB
  keys      how the deployment's keys stand; begin a new generation; exchange the key of the home
  simulate  walk people through a journey in virtual time
  test      run the tests of journeys
  plugin    make a plugin: sojourn plugin new
  help      this

Settings are environment variables: see the README.
`;

const commands: Record<string, (words: readonly string[]) => Promise<number>> = {
  start: () => start(process.env),
  status: () => status(process.env),
  'sign-in': () => signIn(process.env),
  worker: (words) => worker(words, process.env),
  rebuild: () => rebuild(process.env),
  keys: (words) => keys(words, process.env),
  simulate,
  test: testJourneys,
  plugin: (words) => pluginCommand(words),
  help: () => {
    process.stdout.write(usage);
    return Promise.resolve(0);
  },
};

/** Runs one command; answers the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = words;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return await command(rest);
  process.stderr.write(`sojourn: there is no command '${name}'.\n\n${usage}`);
  return 2;
}
