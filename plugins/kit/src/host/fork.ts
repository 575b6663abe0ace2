import { fork, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const lettingGoMs = 1_000;
/** The loader of TypeScript, so that an author need not build. */
const tsxPath = fileURLToPath(import.meta.resolve('tsx'));
const isSource = import.meta.url.endsWith('.ts');

/**
 * Starts one of our modules beside a plugin's, in a process that holds no key, no database and nothing of our environment. `program` is
 * its name in this folder; `args` begin with the plugin's module; `memory` is in MiB.
 */
export function forkBeside(
  program: string,
  args: [path: string, ...more: string[]],
  memory: number,
): ChildProcess {
  const path = fileURLToPath(new URL(`./${program}.${isSource ? 'ts' : 'js'}`, import.meta.url));
  return fork(path, args, {
    cwd: dirname(args[0]),
    env: environment(),
    execArgv: [
      ...(isSource ? ['--conditions=@sojourn/source'] : []),
      '--import',
      tsxPath,
      `--max-old-space-size=${memory}`,
    ],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'], // what it prints may be a secret; it has a log
  });
}

/** What a process must have to run at all. */
function environment(): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { ...(PATH === undefined ? {} : { PATH }), TZ: 'UTC', NODE_ENV: 'production' };
}

/** Ends a process: it is told by the closing of its channel, and killed when it does not go. */
export async function endProcess(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  if (process.connected) process.disconnect();
  const timer = setTimeout(() => process.kill('SIGKILL'), lettingGoMs);
  await ended;
  clearTimeout(timer);
}
