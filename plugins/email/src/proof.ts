import { createHmac, scryptSync, timingSafeEqual } from 'node:crypto';
import type { EmailSettings } from './settings.ts';

// Whether what comes back was ours.
//
// Anybody can send a mail that looks like a bounce, and a hard bounce ends a person's consent. So each mail carries a code over its
// Message-ID and its recipient, under a key made of the connection's own secrets, and a bounce is believed when the headers it
// brings back carry the right one. That needs nothing to be remembered, and no mailbox with addresses of its own for each mail
// (VERP). It also says whom a bounce is about: the address that we wrote, whatever it was forwarded to. The recipient sees the
// code, so a password must not be found by trying: the key is made slowly, once.

/** The header that carries the code. */
export const proofHeader = 'X-Sojourn-Proof';

/** The code of a mail; undefined when the connection has no mailbox that a bounce could come to. */
export function proofOf(
  { inbound, dkim }: Pick<EmailSettings, 'inbound' | 'dkim'>,
  { messageId, to }: { messageId: string; to: string },
): string | undefined {
  if (!inbound) return undefined;
  const key = keyOf(`${inbound.address}\n${inbound.password ?? ''}\n${dkim?.privateKey ?? ''}`);
  return createHmac('sha256', key)
    .update(`${messageId}\n${to.toLowerCase()}`)
    .digest('base64url')
    .slice(0, 32);
}

/** Whether a code is that of a mail. */
export function isProven(
  settings: Pick<EmailSettings, 'inbound' | 'dkim'>,
  mail: { messageId: string; to: string },
  code: string,
): boolean {
  const right = Buffer.from(proofOf(settings, mail) ?? '');
  const given = Buffer.from(code);
  return right.length > 0 && right.length === given.length && timingSafeEqual(right, given);
}

const keys = new Map<string, Buffer>();
const mostKeys = 100;

function keyOf(secret: string): Buffer {
  const known = keys.get(secret);
  if (known) return known;
  if (keys.size >= mostKeys) keys.clear();
  const key = scryptSync(secret, 'sojourn/bounce', 32, { N: 32_768, maxmem: 64 * 1024 * 1024 });
  keys.set(secret, key);
  return key;
}
