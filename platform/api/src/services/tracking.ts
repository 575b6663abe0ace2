import type { JsonObject } from '@sojourn/engine';
import type { Store } from '@sojourn/store';
import type { LinkClaim, LinkSigner } from '../links.ts';
import type { Clock } from '../ports.ts';
import { nameHash } from './ids.ts';
import type { Reports } from './reports.ts';
import type { Subjects } from './subjects.ts';

// The links in messages, followed.
//
//   T1. Each open of a message and each link of it counts once: the event is named by the claim.
//   T2. What looks like a machine does not count: a HEAD request, a prefetch, a request within a second of the provider's
//       acceptance, and every link of a message after the third within two seconds. The person is led on all the same.
//   T3. Unsubscribing withdraws the consent first, and tells it then; doing it again tells nothing more.

/** How a link was asked for. */
export interface LinkRequest {
  method: string;
  /** `Purpose`, `Sec-Purpose` or `X-Moz`, whichever was sent. */
  purpose: string | undefined;
}

export interface Tracking {
  /** What a `/t/…` link stands for, after counting it. */
  follow(
    signed: string,
    request: LinkRequest,
  ): Promise<{ type: 'picture' } | { type: 'redirect'; url: string } | undefined>;
  /** Whether a `/u/…` link is one of ours. */
  isUnsubscribe(signed: string): Promise<boolean>;
  /** False when the link is none of ours. */
  unsubscribe(signed: string): Promise<boolean>;
}

export interface TrackingDependencies {
  store: Pick<Store, 'runs' | 'effects'>;
  signer: LinkSigner;
  reports: Reports;
  subjects: Subjects;
  clock: Clock;
}

const acceptanceMs = 1_000;
const burstMs = 2_000;
const burstLinks = 3;
const mostBursts = 10_000;

/** The service behind the links in messages. */
export function createTracking(dependencies: TrackingDependencies): Tracking {
  const { store, signer, reports, subjects, clock } = dependencies;
  const bursts = new Map<string, { url: string; at: number }[]>();

  const count = async (claim: LinkClaim, eventType: string, data: JsonObject): Promise<void> => {
    const { runId, effect, plugin } = claim;
    const eventId = nameHash('link', JSON.stringify(claim)); // T1
    await reports.happened(
      plugin,
      { type: 'happened', eventId, eventType, data },
      { runId, effect },
    );
  };

  /** Whether a link is one too many in too short a time. */
  const isBurst = ({ runId, effect }: LinkClaim, url: string): boolean => {
    const message = `${runId}/${effect}`;
    const now = clock();
    const recent = (bursts.get(message) ?? []).filter(
      (item) => now - item.at < burstMs && item.url !== url,
    );
    recent.push({ url, at: now });
    bursts.delete(message);
    bursts.set(message, recent);
    if (bursts.size > mostBursts) bursts.delete(bursts.keys().next().value ?? '');
    return recent.length > burstLinks;
  };

  const isPerson = async (claim: LinkClaim, request: LinkRequest): Promise<boolean> => {
    if (request.method === 'HEAD' || /prefetch|preview/i.test(request.purpose ?? '')) return false;
    if (claim.kind === 'click' && isBurst(claim, claim.url)) return false;
    const outcome = (await store.effects.get(`${claim.runId}/${claim.effect}`))?.outcome;
    return outcome !== undefined && clock() - outcome.at >= acceptanceMs; // T2
  };

  const messageIdOf = async ({ runId, effect }: LinkClaim): Promise<JsonObject> => {
    const outcome = (await store.effects.get(`${runId}/${effect}`))?.outcome;
    const output = outcome?.type === 'effect.settled' ? outcome.output : null;
    const id =
      typeof output === 'object' && output !== null && !Array.isArray(output)
        ? output['messageId']
        : undefined;
    return typeof id === 'string' ? { messageId: id } : {};
  };

  const unsubscribeClaim = async (
    signed: string,
  ): Promise<Extract<LinkClaim, { kind: 'unsubscribe' }> | undefined> => {
    const claim = await signer.read(signed);
    return claim?.kind === 'unsubscribe' ? claim : undefined;
  };

  return {
    async follow(signed, request) {
      const claim = await signer.read(signed);
      if (claim?.kind !== 'open' && claim?.kind !== 'click') return undefined;
      const counts = await isPerson(claim, request);
      if (claim.kind === 'open') {
        if (counts) await count(claim, `${claim.plugin}.opened`, await messageIdOf(claim));
        return { type: 'picture' };
      }
      const { url } = claim;
      if (counts)
        await count(claim, `${claim.plugin}.clicked`, { ...(await messageIdOf(claim)), url });
      return { type: 'redirect', url };
    },

    isUnsubscribe: async (signed) => (await unsubscribeClaim(signed)) !== undefined,

    async unsubscribe(signed) {
      const claim = await unsubscribeClaim(signed);
      if (!claim) return false;
      const { runId, effect, plugin, channel, purpose } = claim;
      const run = await store.runs.get(runId);
      if (!run) return true; // erased: there is nobody left to contact
      const { at } = await subjects.withdraw(run.subject, {
        purpose,
        channel,
        source: 'unsubscribed',
      });
      await reports.happened(
        plugin,
        {
          type: 'happened',
          eventId: nameHash('unsubscribe', runId, effect, String(at)), // T3
          eventType: `${plugin}.unsubscribed`,
          data: await messageIdOf(claim),
        },
        { runId, effect },
      );
      return true;
    },
  };
}
