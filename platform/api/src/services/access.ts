import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AccessStore, CredentialRecord, UserRecord } from '@sojourn/store';
import type { Clock } from '../ports.ts';

// Who may come in.
//
//   A1. A secret is 32 random bytes. Only its SHA-256 is stored, and it is found by that: comparing secrets tells nothing.
//   A2. A sign-in link works once, and ten minutes at most. Only a sign-in secret is ever taken away by using it.

const sessionMs = 30 * 24 * 3_600_000;
const signInMs = 10 * 60_000;

/** The owner of the deployment; made when there is none. */
export async function ensureOwner(access: AccessStore, clock: Clock): Promise<UserRecord> {
  const known = await access.owner();
  if (known) return known;
  const owner: UserRecord = {
    id: `u-${randomUUID()}`,
    name: 'Owner',
    role: 'owner',
    createdAt: clock(),
  };
  await access.putUser(owner);
  return owner;
}

/** A bearer token of a user, for programs. It is told once. */
export async function issueToken(
  access: AccessStore,
  userId: string,
  clock: Clock,
): Promise<string> {
  return await issue(access, 'token', userId, clock());
}

/** Whether a text is a bearer token that lets somebody in. */
export async function isToken(access: AccessStore, secret: string, clock: Clock): Promise<boolean> {
  return (await createAccess(access, clock).userOf(secret, 'token')) !== undefined;
}

/** The secret of a sign-in link: it works once, within ten minutes. */
export async function issueSignIn(
  access: AccessStore,
  userId: string,
  clock: Clock,
): Promise<string> {
  return await issue(access, 'sign-in', userId, clock(), signInMs);
}

/** Sessions, tokens and sign-in links. */
export interface Access {
  /** The user of a secret of that kind. */
  userOf(secret: string, kind: 'session' | 'token'): Promise<UserRecord | undefined>;
  /** Uses a sign-in link up, and answers the secret of a new session (A2). */
  signIn(secret: string): Promise<{ session: string; maxAgeMs: number } | undefined>;
  signOut(session: string): Promise<void>;
}

/** The service that knows people by their secrets. */
export function createAccess(access: AccessStore, clock: Clock): Access {
  const credentialOf = async (
    secret: string,
    kind: CredentialRecord['kind'],
  ): Promise<CredentialRecord | undefined> => {
    const credential = await access.credential(hashOf(secret), clock());
    return credential?.kind === kind ? credential : undefined;
  };

  return {
    async userOf(secret, kind) {
      const credential = await credentialOf(secret, kind);
      return credential && (await access.user(credential.userId));
    },
    async signIn(secret) {
      if (!(await credentialOf(secret, 'sign-in'))) return undefined;
      const taken = await access.takeCredential(hashOf(secret), clock());
      if (!taken) return undefined; // somebody else was first
      const session = await issue(access, 'session', taken.userId, clock(), sessionMs);
      return { session, maxAgeMs: sessionMs };
    },
    async signOut(session) {
      if (await credentialOf(session, 'session'))
        await access.takeCredential(hashOf(session), clock());
    },
  };
}

async function issue(
  access: AccessStore,
  kind: CredentialRecord['kind'],
  userId: string,
  now: number,
  livesMs?: number,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url'); // A1
  await access.putCredential({
    hash: hashOf(secret),
    kind,
    userId,
    createdAt: now,
    ...(livesMs === undefined ? {} : { expiresAt: now + livesMs }),
  });
  return secret;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
