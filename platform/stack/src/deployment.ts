import { createHash, randomBytes } from 'node:crypto';
import { createMongoStore, DeploymentKeyError, type Store } from '@sojourn/store';
import { keyFile, keysInHome, nextKeyFile, settleNextKey } from './key-file.ts';
import type { createLog } from './log.ts';
import type { Report } from './parts.ts';
import { StackError } from './servers/index.ts';
import type { StackSettings } from './settings.ts';

/** What a deployment is opened with. */
export interface KeyTexts {
  current: string;
  former: readonly string[];
  /** Where the current one comes from, in words. */
  place: string;
  /** Whether it is the one that takes the place of the home's. */
  isNext?: true;
}

/** The deployment's key, of the text that stands for it. Any text will do: its SHA-256 is the key. */
export function keyFromText(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/**
 * The keys that the environment gives, else those in the home, where an exchange that was cut off is gone on with: the next key is the
 * current one. Undefined when there is none.
 */
export async function keyTextsOf(settings: StackSettings): Promise<KeyTexts | undefined> {
  const before = settings.formerKey === undefined ? [] : [settings.formerKey];
  if (settings.deploymentKey !== undefined)
    return { current: settings.deploymentKey, former: before, place: 'SOJOURN_KEY' };
  const { current, next } = await keysInHome(settings.home);
  const kept = current === undefined ? [] : [current];
  if (next !== undefined)
    return {
      ...{ current: next, former: [...kept, ...before] },
      ...{ place: nextKeyFile(settings.home), isNext: true },
    };
  return current === undefined
    ? undefined
    : { current, former: before, place: keyFile(settings.home) };
}

/**
 * Connects to the store of a deployment, and opens its keys. A former key is exchanged for the current one. Rejects with a `StackError`
 * when no key opens them. `settles`: whoever has the home open finishes an exchange of its key that was cut off.
 * `log` hears when the key is exchanged while this process runs.
 */
export async function openStore(
  uri: string,
  settings: StackSettings,
  report: Report,
  {
    settles = false,
    log,
  }: { settles?: boolean; log?: Pick<ReturnType<typeof createLog>, 'warn'> } = {},
): Promise<Store> {
  for (let tried: KeyTexts | undefined; ;) {
    const texts = await keyTextsOf(settings);
    if (!texts) throw noKey(settings);
    try {
      const store = await createMongoStore({
        uri,
        deploymentKey: keyFromText(texts.current),
        formerKeys: texts.former.map(keyFromText),
        onExchange: () => report({ part: 'keys', detail: 'the deployment has another key now' }),
        onOutdated: ({ message }) => log?.warn({}, message),
      });
      if (settles && texts.isNext) await settled(store, settings.home, texts.current);
      return store;
    } catch (error) {
      if (!(error instanceof DeploymentKeyError)) throw error;
      if (error.code !== 'refused') throw keyRefused(error);
      if (tried && sameTexts(tried, texts)) throw refused(texts, settings, error);
      tried = texts; // an exchange beside us may just have replaced the file: it is read once more
    }
  }
}

async function settled(store: Store, home: string, opened: string): Promise<void> {
  try {
    await settleNextKey(home, opened);
  } catch (error) {
    await store.close();
    throw error;
  }
}

function noKey({ home }: StackSettings): StackError {
  return new StackError(
    'settings-invalid',
    `${home} has no key: set SOJOURN_HOME to the home that Sojourn was started with, or set SOJOURN_KEY`,
  );
}

/** What the store says of its keys, for whoever started it. */
export function keyRefused(error: DeploymentKeyError): StackError {
  return new StackError('key-refused', error.message, { cause: error });
}

function refused(texts: KeyTexts, settings: StackSettings, cause: Error): StackError {
  const tried =
    settings.formerKey === undefined
      ? `the key in ${texts.place} does not open`
      : `neither the key in ${texts.place} nor the one in SOJOURN_FORMER_KEY opens`;
  const restore =
    settings.deploymentKey === undefined
      ? `restore ${keyFile(settings.home)} from a backup`
      : 'set SOJOURN_KEY to the key that it was last started with';
  return new StackError(
    'key-refused',
    `${tried} what this deployment has sealed: ${restore}; to exchange that key for another one, set SOJOURN_KEY to the new one and SOJOURN_FORMER_KEY to that one. Nothing was changed`,
    { cause },
  );
}

const sameTexts = (one: KeyTexts, other: KeyTexts): boolean =>
  one.current === other.current && one.former.join('\n') === other.former.join('\n');

/**
 * The secret that run ids are made under. It lives in the database and is never rotated: with another one, the same people
 * would enter again.
 */
export async function identitySecretOf(settings: Store['settings']): Promise<Uint8Array> {
  const { value } = await settings.putOnce('identity-secret', randomBytes(32).toString('hex'));
  return Buffer.from(value as string, 'hex');
}
