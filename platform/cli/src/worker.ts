import { parseArgs } from 'node:util';
import { settingsOf, StackError, startPluginWorker } from '@sojourn/stack';
import { askedToStop } from './asked-to-stop.ts';

const usage = `sojourn worker --plugins <id>[,<id> …]

Performs the effects of these plugins and nothing else, beside a running deployment: more machines for one channel. On
another machine set MONGODB_URI, TEMPORAL_ADDRESS, SOJOURN_KEY and SOJOURN_URL as there, SOJOURN_FORMER_KEY too while the key
is exchanged.
`;

/** Starts a worker for some plugins and stays until it is told to stop. Answers the exit code. */
export async function worker(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const plugins = pluginsIn(words);
  if (!plugins) {
    process.stderr.write(usage);
    return 2;
  }
  const asked = askedToStop();
  try {
    const running = await startPluginWorker(settingsOf(env), plugins, ({ detail }) =>
      process.stdout.write(`${detail}\n`),
    );
    process.stdout.write(`Performing the effects of ${plugins.join(', ')}. Ctrl-C stops it.\n`);
    await asked.first;
    await running.stop();
    process.stdout.write('Stopped; what it had taken it finished.\n');
    return 0;
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function pluginsIn(words: readonly string[]): string[] | undefined {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { plugins: { type: 'string' } },
      strict: true,
    });
    const plugins = (values.plugins ?? '').split(',').filter((id) => id !== '');
    return plugins.length > 0 ? plugins : undefined;
  } catch {
    return undefined; // an option that there is not: the usage says which there are
  }
}
