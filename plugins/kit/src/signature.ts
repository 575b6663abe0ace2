import { createHmac, timingSafeEqual } from 'node:crypto';

// Signed callbacks: `X-Signature: t=<seconds since 1970>,v1=<hex of HMAC-SHA256 over "t.body">`.
//
//   G1. The body is taken as it came, byte for byte: nothing is parsed before it is known to be genuine.
//   G2. An old signature proves nothing: who recorded a callback may not send it again for ever.
//   G3. How long a comparison takes tells nothing of what was expected.

/** The header that carries a signature. */
export const signatureHeader = 'x-signature';

/** How far the moment of signing may be from now. */
export const signatureWindowMs = 300_000;

/** Signs a body at a moment. Answers the header's value. */
export function signBody(body: Uint8Array | string, secret: string, atMs: number): string {
  const seconds = String(Math.floor(atMs / 1_000));
  return `t=${seconds},v1=${digestOf(seconds, body, secret)}`;
}

/** Whether a header signs this very body, with this secret, within the window around now. Never throws. */
export function isSigned(
  header: string | undefined,
  body: Uint8Array | string,
  { secret, nowMs }: { secret: string; nowMs: number },
): boolean {
  const [, seconds, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (seconds === undefined || given === undefined || secret === '') return false;
  if (Math.abs(nowMs - Number(seconds) * 1_000) > signatureWindowMs) return false; // G2
  return isSameText(given, digestOf(seconds, body, secret));
}

/** Whether two texts are the same, in a time that depends on their lengths alone (G3). */
export function isSameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function digestOf(seconds: string, body: Uint8Array | string, secret: string): string {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex'); // G1
}
