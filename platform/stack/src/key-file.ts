import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockWithin, systemCodeOf } from './servers/index.ts';

// The deployment's key in the home, and the one that takes its place.
//
//   F1. The next key is on the disk before anything is wrapped by it, and takes the place of the one before only after it has opened the
//       deployment's: cut off anywhere, one of the two files opens them.
//   F2. Of two exchanges at once the second waits, and one that was cut off is gone on with by the same next key: two keys at most
//       are ever there.

const waitMs = 60_000;

/** Where the key is. */
export const keyFile = (home: string): string => join(home, 'secrets', 'deployment.key');
/** Where the one is that takes its place. */
export const nextKeyFile = (home: string): string => `${keyFile(home)}.next`;

/** The keys in a home: the one, and the one that takes its place. */
export async function keysInHome(home: string): Promise<{ current?: string; next?: string }> {
  const next = await textIn(nextKeyFile(home)); // first: it becomes the current one, never the other way round
  const current = await textIn(keyFile(home));
  return {
    ...(current === undefined ? {} : { current }),
    ...(next === undefined ? {} : { next }),
  };
}

/** Makes the next key, while nobody else exchanges it, and puts it in the place of the one before once `wrap` has answered. */
export async function exchangeKeyFile<Answer>(
  home: string,
  wrap: () => Promise<Answer>,
): Promise<Answer> {
  return await alone(home, async () => {
    await makeNextKey(home); // F1
    const answer = await wrap();
    await settle(home);
    return answer;
  });
}

/** Puts the next key in the place of the one before, if it is still this one: it has opened what the deployment has sealed. */
export async function settleNextKey(home: string, opened: string): Promise<void> {
  await alone(home, async () => {
    if ((await textIn(nextKeyFile(home))) === opened) await settle(home);
  });
}

async function makeNextKey(home: string): Promise<void> {
  const file = nextKeyFile(home);
  const beside = `${file}.${randomBytes(4).toString('hex')}`;
  await mkdir(join(home, 'secrets'), { recursive: true, mode: 0o700 });
  await writeFile(beside, randomBytes(32).toString('hex'), { mode: 0o600, flush: true });
  try {
    await link(beside, file);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error; // cut off before: that one is gone on with (F2)
  } finally {
    await rm(beside, { force: true });
  }
  await toDisk(join(home, 'secrets'));
}

async function settle(home: string): Promise<void> {
  await rename(nextKeyFile(home), keyFile(home));
  await toDisk(join(home, 'secrets'));
}

/** Writes the names in a directory to the disk: without it a power cut may take a new file along. */
async function toDisk(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function alone<Answer>(home: string, act: () => Promise<Answer>): Promise<Answer> {
  const release = await lockWithin(join(home, 'secrets', 'exchange.lock'), waitMs);
  try {
    return await act();
  } finally {
    await release();
  }
}

async function textIn(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    return text === '' ? undefined : text;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
