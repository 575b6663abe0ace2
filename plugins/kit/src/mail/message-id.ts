import { createHash } from 'node:crypto';

/**
 * The Message-ID of an effect: a hash of its idempotency key, so that every attempt has the same and it tells nothing. The
 * domain is the sender's, as RFC 5322 (3.6.4) recommends.
 */
export function messageIdOf(idempotencyKey: string, from: string): string {
  return `<${hashOf(idempotencyKey)}@${domainOf(from)}>`;
}

/** A text as a hash that tells nothing of it. */
export function hashOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/** The domain of an address, or of a name and an address. */
export function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'sojourn.invalid';
}
