import { askedToStop } from './asked-to-stop.ts';
import { settingsOf, StackError, startStack, type RunningStack } from '@sojourn/stack';

/** Starts the stack and stays until it is told to stop. Answers the exit code. */
export async function start(env: NodeJS.ProcessEnv): Promise<number> {
  const began = Date.now();
  const seconds = (): string => ((Date.now() - began) / 1_000).toFixed(1).padStart(5);
  // Listened for from the beginning: Node killed by a signal would leave its servers behind.
  const asked = askedToStop();
  // Whoever reads along may go, as a terminal that is closed does: then nobody is told, and nothing breaks.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    const report = ({ part, detail }: { part: string; detail: string }): void => {
      process.stdout.write(`${seconds()} s  ${part.padEnd(9)} ${detail}\n`);
    };
    const stack = await startStack(settingsOf(env), report, asked.signal);
    process.stdout.write(table(stack, seconds().trim()));
    await asked.first;
    process.stdout.write('\nStopping; nothing is lost …\n');
    await stack.stop();
    process.stdout.write('Stopped. `npm start` goes on where it was.\n');
    return 0;
  } catch (error) {
    if (asked.signal.aborted) {
      process.stdout.write('\nStopped before it was ready.\n');
      return 130;
    }
    if (!(error instanceof StackError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  }
}

function table(stack: RunningStack, seconds: string): string {
  const rows = stack.addresses.map(({ part, address }) => `  ${part.padEnd(22)} ${address}`);
  return [
    '',
    `Sojourn is ready after ${seconds} s.`,
    '',
    ...rows,
    `  ${'token for programs'.padEnd(22)} ${stack.tokenFile}`,
    '',
    'Sign in (once, within 10 minutes):',
    `  ${stack.signInLink}`,
    '',
    'Ctrl-C stops everything. Back up the data folder: it holds the keys, too.',
    '',
  ].join('\n');
}
