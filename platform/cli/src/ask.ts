import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsOf } from '@sojourn/stack';

/** Prints how each part of the running stack is. Answers 0 when all are up. */
export async function status(env: NodeJS.ProcessEnv): Promise<number> {
  const answer = await ask(env, 'GET', '/status');
  if (typeof answer === 'number') return answer;
  const { parts } = (await answer.json()) as {
    parts: { name: string; state: string; since: string; detail?: string }[];
  };
  for (const { name, state, since, detail } of parts) {
    process.stdout.write(
      `${name.padEnd(10)} ${state.padEnd(9)} since ${since}${detail === undefined ? '' : `  ${detail}`}\n`,
    );
  }
  return parts.every(({ state }) => state === 'up') ? 0 : 1;
}

/** Prints a new sign-in link. */
export async function signIn(env: NodeJS.ProcessEnv): Promise<number> {
  const answer = await ask(env, 'POST', '/sign-in-links');
  if (typeof answer === 'number') return answer;
  const { link } = (await answer.json()) as { link: string };
  process.stdout.write(`${link}\n`);
  return 0;
}

/** Asks the stack of this home with the owner's token. Says what is wrong and answers an exit code when it cannot. */
async function ask(
  env: NodeJS.ProcessEnv,
  method: string,
  path: string,
): Promise<Response | number> {
  const { port, home } = settingsOf(env);
  const tokenFile = join(home, 'token');
  const token = await readFile(tokenFile, 'utf8').catch(() => undefined);
  if (token === undefined) {
    process.stderr.write(
      `There is no token at ${tokenFile}: start Sojourn with this SOJOURN_HOME once.\n`,
    );
    return 1;
  }
  const url = `http://127.0.0.1:${port}/api/v1${path}`;
  try {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token.trim()}` },
    });
    if (response.ok) return response;
    process.stderr.write(
      `${method} ${url} answered ${response.status}: ${await response.text()}\n`,
    );
    return 1;
  } catch {
    process.stderr.write(
      `Nothing answers at ${url}: is Sojourn running, and is SOJOURN_PORT right?\n`,
    );
    return 1;
  }
}
