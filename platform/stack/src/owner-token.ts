import { readFile, writeFile } from 'node:fs/promises';
import { issueToken, isToken } from '@sojourn/api';
import type { Store } from '@sojourn/store';

/** The owner's token: the one in the file while it is valid, else a new one. */
export async function ownerToken(
  store: Store,
  userId: string,
  path: string,
  clock: () => number,
): Promise<string> {
  const kept = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (kept !== undefined && (await isToken(store.access, kept, clock))) return kept;
  const token = await issueToken(store.access, userId, clock);
  await writeFile(path, `${token}\n`, { mode: 0o600 });
  return token;
}
