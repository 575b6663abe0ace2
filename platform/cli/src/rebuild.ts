import { rebuild as rebuildStack, settingsOf, StackError } from '@sojourn/stack';

const shownFailures = 20;

/** Starts again every open run that Temporal has lost. Answers 0 when none failed. */
export async function rebuild(env: NodeJS.ProcessEnv): Promise<number> {
  const began = Date.now();
  const seconds = (): string => ((Date.now() - began) / 1_000).toFixed(1).padStart(5);
  try {
    const { started, asleep, known, told, failed } = await rebuildStack(
      settingsOf(env),
      ({ detail }) => process.stdout.write(`${seconds()} s  ${detail}\n`),
    );
    process.stdout.write(
      [
        '',
        `started again  ${started}, of which ${asleep} sleep on`,
        `already there  ${known}`,
        `told again     ${told} messages`,
        `failed         ${failed.length}`,
        ...failed.slice(0, shownFailures).map(({ run, why }) => `  ${run}: ${why}`),
        ...(failed.length > shownFailures ? [`  and ${failed.length - shownFailures} more`] : []),
        ...(failed.length > 0 ? ['Run it again: what is there already is left alone.'] : []),
        '',
      ].join('\n'),
    );
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}
