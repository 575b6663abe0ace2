import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '@sojourn/store';
import type { Home } from './servers/index.ts';

/** The deployment's key: SOJOURN_KEY, else one made in the home. Any text will do: its SHA-256 is the key. */
export async function deploymentKeyOf(given: string | undefined, home: Home): Promise<Uint8Array> {
  return keyFromText(given ?? (await home.secret('deployment.key')));
}

/** The deployment's key, of the text that stands for it. */
export function keyFromText(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/**
 * The secret that run ids are made under. It lives in the database and is never rotated: with another one, the same people
 * would enter again.
 */
export async function identitySecretOf(settings: Store['settings']): Promise<Uint8Array> {
  const { value } = await settings.putOnce('identity-secret', randomBytes(32).toString('hex'));
  return Buffer.from(value as string, 'hex');
}
