import { createHmac, timingSafeEqual } from 'node:crypto';
import { isObject } from '@sojourn/engine';
import type { LinkMaker } from '@sojourn/plugin-kit';
import { createLinks, signatureOf, signedText } from '@sojourn/plugin-kit/host';
import { keyUnder, type Root, type Roots } from '@sojourn/store';

// The signed links in messages.
//
//   G1. A link says what it is for and is signed: a target can only be one that we wrote, so `/t/…` redirects nowhere else.
//   G2. A `GET` never changes a consent: scanners follow links. Unsubscribing takes a `POST`.
//   G4. Each message's links are signed with a key of their own: a plugin that makes them in a process of its own is given that one.
//   G5. Links are signed under the newest root and good under every one: what lies in a mailbox stays good when the keys are exchanged.
//       One that fits none is refused only after a look at the roots as they stand: another process may have begun one.
//   G3. It names the run, the effect and the purpose; the person is found from the run, so a link tells nothing about anybody.

/** What an address for callbacks stands for: the end of one effect, or whatever a provider with one fixed address reports. */
export type CallbackClaim =
  | { kind: 'callback'; runId: string; effect: string; plugin: string }
  | { kind: 'callbacks'; connection: string };

/** What the address of a calendar stands for: the appointments of a queue. `version`: addresses before it are no longer good. */
export interface FeedClaim {
  kind: 'feed';
  queue: string;
  version: number;
}

/** Whatever is signed. */
type Claim = LinkClaim | CallbackClaim | FeedClaim;

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
  sign(claim: Claim): string;
  /** The claim of a signed text; undefined when it was not signed here, or altered. */
  read(signed: string): Promise<Claim | undefined>;
  /** The key of one message's links, in hex: whoever has it can sign no other's. */
  keyOf(message: { runId: string; effect: string; plugin: string }): string;
}

/** A signer under the roots of the deployment. */
export function createLinkSigner(roots: Pick<Roots, 'newest' | 'all' | 'refresh'>): LinkSigner {
  const own = keyUnder('sojourn/links', 'sign');
  const derived = (root: Root, ...of: string[]): string =>
    createHmac('sha256', own(root)).update(JSON.stringify(of)).digest('hex');
  const keyFor = (claim: Claim, root: Root): string => {
    if (claim.kind === 'callbacks') return derived(root, claim.connection);
    if (claim.kind === 'feed') return derived(root, 'feed', claim.queue, String(claim.version), '');
    return derived(root, claim.runId, claim.effect, claim.plugin); // G4
  };
  const isGood = (body: string, signature: string, key: string): boolean => {
    const given = Buffer.from(signature); // as it is written: one signature has one spelling
    const expected = Buffer.from(signatureOf(body, key));
    return given.length === expected.length && timingSafeEqual(given, expected);
  };

  return {
    keyOf: ({ runId, effect, plugin }) => derived(roots.newest(), runId, effect, plugin),
    sign: (claim) => signedText(claim, keyFor(claim, roots.newest())),
    async read(signed) {
      const [body = '', signature = ''] = signed.split('.');
      const claim = claimIn(body);
      if (!claim) return undefined;
      const isOurs = (): boolean =>
        roots.all().some((root) => isGood(body, signature, keyFor(claim, root)));
      if (isOurs()) return claim;
      await roots.refresh(); // what cannot be found out is not refused: whoever asks may ask again
      return isOurs() ? claim : undefined; // G5
    },
  };
}

/** What a text claims, before anything is believed of it. */
function claimIn(body: string): Claim | undefined {
  try {
    const value = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as unknown;
    return isObject(value) ? (value as unknown as Claim) : undefined;
  } catch {
    return undefined; // no JSON: nothing that was signed here
  }
}

/** The links of one message, as a plugin asks for them. */
export function linksFor(
  signer: LinkSigner,
  baseUrl: string,
  message: { runId: string; effect: string; plugin: string; channel: string; purpose?: string },
): LinkMaker {
  const { runId, effect, plugin, channel, purpose = '*' } = message;
  const key = signer.keyOf(message);
  return createLinks({ baseUrl, key, runId, effect, plugin, channel, purpose });
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
