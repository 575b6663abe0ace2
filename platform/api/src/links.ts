import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

// The signed links in messages.
//
//   G1. A link says what it is for and is signed: a target can only be one that we wrote, so `/t/…` redirects nowhere else.
//   G2. A `GET` never changes a consent: scanners follow links. Unsubscribing takes a `POST`.
//   G3. It names the run, the effect and the purpose; the person is found from the run, so a link tells nothing about anybody.

/** What an address for callbacks stands for: the end of one effect, or whatever a provider with one fixed address reports. */
export type CallbackClaim =
  | { kind: 'callback'; runId: string; effect: string; plugin: string }
  | { kind: 'callbacks'; connection: string };

/** What a link in a message stands for. */
export type LinkClaim =
  | { kind: 'open'; runId: string; effect: string; plugin: string }
  | { kind: 'click'; runId: string; effect: string; plugin: string; url: string }
  | {
      kind: 'unsubscribe';
      runId: string;
      effect: string;
      plugin: string;
      channel: string;
      purpose: string;
    };

/** Signs claims and reads them back. */
export interface LinkSigner {
  sign(claim: LinkClaim | CallbackClaim): string;
  /** The claim of a signed text; undefined when it was not signed here, or altered. */
  read(signed: string): LinkClaim | CallbackClaim | undefined;
}

/** A signer under the deployment's key. */
export function createLinkSigner(deploymentKey: Uint8Array): LinkSigner {
  const key = new Uint8Array(hkdfSync('sha256', deploymentKey, 'sojourn/links', 'sign', 32));
  const mac = (body: string): string =>
    createHmac('sha256', key).update(body).digest().subarray(0, 18).toString('base64url');
  return {
    sign: (claim) => {
      const body = Buffer.from(JSON.stringify(claim), 'utf8').toString('base64url');
      return `${body}.${mac(body)}`;
    },
    read: (signed) => {
      const [body = '', signature = ''] = signed.split('.');
      const given = Buffer.from(signature); // as it is written: one signature has one spelling
      const expected = Buffer.from(mac(body));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as
        LinkClaim | CallbackClaim;
    },
  };
}

/** The links of one message, as a plugin asks for them. */
export function linksFor(
  signer: LinkSigner,
  baseUrl: string,
  message: { runId: string; effect: string; plugin: string; channel: string; purpose?: string },
): { click(target: string): string; open(): string; unsubscribe(): string } {
  const { runId, effect, plugin, channel, purpose } = message;
  const about = { runId, effect, plugin };
  return {
    click: (url) => `${baseUrl}/t/${signer.sign({ kind: 'click', ...about, url })}`,
    open: () => `${baseUrl}/t/${signer.sign({ kind: 'open', ...about })}`,
    unsubscribe: () =>
      `${baseUrl}/u/${signer.sign({ kind: 'unsubscribe', ...about, channel, purpose: purpose ?? '*' })}`,
  };
}

/** Where the provider of one effect may report its end. */
export function callbackUrlOf(
  signer: LinkSigner,
  baseUrl: string,
  about: { runId: string; effect: string; plugin: string },
): string {
  const { runId, effect, plugin } = about;
  const token = signer.sign({ kind: 'callback', runId, effect, plugin });
  return `${baseUrl}/api/v1/callbacks/${plugin}/${token}`;
}

/** Where a provider that knows one address alone reports: the connection's own. */
export function webhookUrlOf(
  signer: LinkSigner,
  baseUrl: string,
  { id, plugin }: { id: string; plugin: string },
): string {
  return `${baseUrl}/api/v1/callbacks/${plugin}/${signer.sign({ kind: 'callbacks', connection: id })}`;
}
