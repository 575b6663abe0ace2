import {
  DeploymentKeyError,
  type KeysStanding,
  type RenewalProgress,
  type Store,
} from '@sojourn/store';
import { keyRefused, keyTextsOf, openStore } from './deployment.ts';
import { exchangeKeyFile, keyFile } from './key-file.ts';
import type { Report } from './parts.ts';
import { StackError } from './servers/index.ts';
import type { StackSettings } from './settings.ts';
import { reachable, wayToMongo } from './way-to.ts';

// What an operator does with the keys of a deployment, beside it while it runs. Each rejects with a `StackError` when MongoDB does not
// answer, or the keys do not open.

export type { KeysStanding, RenewalProgress };

/** How many keys and secrets stand under which generation. */
export function keysStanding(settings: StackSettings): Promise<KeysStanding> {
  return withStore(settings, ({ roots }) => roots.standing());
}

/** Begins a new generation, or goes on with one that was begun, and wraps everything anew under it. */
export function renewKeys(
  settings: StackSettings,
  report: (progress: RenewalProgress) => void,
): Promise<RenewalProgress> {
  return withStore(settings, ({ roots }) => roots.renew({ report }));
}

/** Makes a new key for the home, wraps the deployment's keys by it, and puts it in the place of the one before. */
export async function exchangeKey(settings: StackSettings): Promise<void> {
  if (settings.deploymentKey !== undefined)
    throw new StackError(
      'settings-invalid',
      'the key is the one in SOJOURN_KEY, not one in the home: start Sojourn with SOJOURN_KEY set to a new one and SOJOURN_FORMER_KEY to the one before',
    );
  if (!(await keyTextsOf(settings)))
    throw new StackError(
      'settings-invalid',
      `there is no key at ${keyFile(settings.home)}: set SOJOURN_HOME to the home that Sojourn was started with`,
    );
  await withStore(settings, () => Promise.resolve()); // reached, and the key is right: before there is another one
  await exchangeKeyFile(settings.home, () => withStore(settings, () => Promise.resolve()));
}

async function withStore<Answer>(
  settings: StackSettings,
  act: (store: Store) => Promise<Answer>,
): Promise<Answer> {
  const uri = await wayToMongo(settings);
  const silent: Report = () => undefined;
  const store = await reachable('MongoDB', uri, () => openStore(uri, settings, silent));
  try {
    return await act(store);
  } catch (error) {
    throw error instanceof DeploymentKeyError ? keyRefused(error) : error; // exchanged meanwhile
  } finally {
    await store.close();
  }
}
