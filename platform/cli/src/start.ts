import { settingsOf, StackError, startStack, type RunningStack } from '@sojourn/stack';

/** Starts the stack and stays until it is told to stop. Answers the exit code. */
export async function start(env: NodeJS.ProcessEnv): Promise<number> {
  const began = Date.now();
  const seconds = (): string => ((Date.now() - began) / 1_000).toFixed(1).padStart(5);
  try {
    const stack = await startStack(settingsOf(env), ({ part, detail }) => {
      process.stdout.write(`${seconds()} s  ${part.padEnd(9)} ${detail}\n`);
    });
    process.stdout.write(table(stack, seconds().trim()));
    await untilStopped();
    process.stdout.write('\nStopping; nothing is lost …\n');
    await stack.stop();
    process.stdout.write('Stopped. `npm start` goes on where it was.\n');
    return 0;
  } catch (error) {
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

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    let asked = 0;
    const stop = (): void => {
      asked += 1;
      if (asked === 1) resolve();
      // npm passes Ctrl-C on: the same key press may come twice.
      else if (asked > 2) process.exit(130);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
