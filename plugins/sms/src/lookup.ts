import { createHash } from 'node:crypto';
import type { PluginContext, Reconciliation } from '@sojourn/plugin-kit';
import { statusError, unknownOutcome } from './errors.ts';
import { settingsOf, withLine } from './line.ts';
import { sourceFields } from './phone.ts';
import { status, textIn } from './protocol.ts';

// SMPP has no idempotency key, and finds a text only by an id that came with the answer that was lost. The sandbox's SMSC keeps
// a key beside each text and finds it by that, and says so when one signs in; of any other the outcome stays unknown.

/** What an SMSC calls itself that answers `query_sm` with the hash of a key in place of its own id. */
export const lookupOffer = 'sojourn-lookup';

/** An idempotency key as an SMSC sees it: it tells nothing. */
export function keyHash(idempotencyKey: string): string {
  return createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40);
}

/** What became of the text of an effect. Throws `PluginError` of kind `unknown-outcome` when the SMSC cannot be asked. */
export async function findText(
  idempotencyKey: string,
  context: PluginContext,
): Promise<Reconciliation> {
  return await withLine<Reconciliation>(context, async (line) => {
    if (line.smsc !== lookupOffer)
      throw unknownOutcome('the SMSC cannot be asked whether it took the text');
    const found = await line.ask('query_sm', {
      message_id: keyHash(idempotencyKey),
      ...sourceFields(settingsOf(context).sourceAddress),
    });
    if (found.command_status === status.queryFailed) return { type: 'not-found' };
    if (found.command_status !== status.ok) throw statusError(found.command_status);
    return { type: 'accepted', reference: textIn(found, 'message_id') };
  });
}
