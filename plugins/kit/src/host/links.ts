import { createHmac } from 'node:crypto';
import type { LinkGrant, LinkMaker } from '../contract.ts';

// The signed links of one message.
//
//   K1. They are signed with a key that is good for this one message: whoever has it can make no other's links.

/** A claim as text, signed: what stands in a link. The key is in hex. */
export function signedText(claim: object, key: string): string {
  const body = Buffer.from(JSON.stringify(claim), 'utf8').toString('base64url');
  return `${body}.${signatureOf(body, key)}`;
}

/** The signature of a claim's text. */
export function signatureOf(body: string, key: string): string {
  return createHmac('sha256', Buffer.from(key, 'hex'))
    .update(body)
    .digest()
    .subarray(0, 18)
    .toString('base64url');
}

/** The links of a message, made from what the host granted. */
export function createLinks(grant: LinkGrant): LinkMaker {
  const { baseUrl, key, channel, purpose, runId, effect, plugin } = grant;
  const about = { runId, effect, plugin };
  return {
    click: (url) => `${baseUrl}/t/${signedText({ kind: 'click', ...about, url }, key)}`,
    open: () => `${baseUrl}/t/${signedText({ kind: 'open', ...about }, key)}`,
    unsubscribe: () =>
      `${baseUrl}/u/${signedText({ kind: 'unsubscribe', ...about, channel, purpose }, key)}`,
    grant,
  };
}
