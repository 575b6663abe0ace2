import { PluginError, type PluginContext } from '@sojourn/plugin-kit';
import { LineBrokenError, statusError, unknownOutcome, unreachable } from './errors.ts';
import { openLine, settingsOf, type Line } from './line.ts';
import { keyHash, lookupOffer } from './lookup.ts';
import { encodePart, partHeader, splitText, type Encoding } from './parts.ts';
import { destinationFields, sourceFields, toPhone } from './phone.ts';
import { dataCoding, esmClass, keyField, status, textIn } from './protocol.ts';

// Hands a text to the SMSC once.
//
//   S1. The parts of a text go one after the other, each when the one before is taken: whoever has the last has all.
//   S2. Of several parts only the last asks for a receipt. Each part has an id of its own, a receipt names nothing but that, and a
//       plugin keeps nothing that would tie the ids together: the id of the last is the reference, and its end is the text's.
//   S3. The number that ties the parts together comes from the idempotency key: a part that comes again is the same one to a phone.
//   S4. A part that was written and not answered leaves an unknown outcome; one that was refused was not taken.

/** More parts than that are a mistake: nobody reads them, and each is paid for. */
export const mostParts = 10;

/** A text to be sent. */
export interface OutgoingText {
  /** A number as it is written. */
  to: string | undefined;
  text: string;
  /** Whether the SMSC is asked to report how it ended. */
  wantsReceipt: boolean;
  idempotencyKey: string;
}

/** Hands it over. Answers the SMSC's own id; throws `PluginError`. */
export async function submitText(given: OutgoingText, context: PluginContext): Promise<string> {
  const to = recipientOf(given.to);
  const { encoding, parts } = splitText(given.text);
  if (parts.length > mostParts)
    throw new PluginError({
      code: 'text-too-long',
      kind: 'config',
      detail: `the text needs ${parts.length} parts, and may have ${mostParts}: shorten it`,
    });
  const line = await openLine(context, { as: 'transmitter' });
  try {
    const key = keyHash(given.idempotencyKey);
    let reference = '';
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      reference = await submitPart(line, {
        ...sourceFields(settingsOf(context).sourceAddress),
        ...destinationFields(to),
        ...body(part, encoding, { key, total: parts.length, number: index + 1 }),
        registered_delivery: given.wantsReceipt && isLast ? 1 : 0, // S2
        ...(line.smsc === lookupOffer ? { [keyField]: key } : {}), // others might refuse what they do not know
      }); // S1
    }
    return reference;
  } finally {
    await line.close();
  }
}

/** The id under which the SMSC took a part (S4). */
async function submitPart(line: Line, fields: Record<string, unknown>): Promise<string> {
  const answer = await line.ask('submit_sm', fields).catch((error: unknown) => {
    if (error instanceof LineBrokenError && !error.isSent) throw unreachable(error);
    throw unknownOutcome('the line broke after the text was handed over');
  });
  if (answer.command_status !== status.ok) throw statusError(answer.command_status);
  const id = textIn(answer, 'message_id');
  if (id !== '') return id;
  throw unknownOutcome('the SMSC took the text and gave it no id');
}

function body(
  part: string,
  encoding: Encoding,
  { key, total, number }: { key: string; total: number; number: number },
): Record<string, unknown> {
  const content = encodePart(part, encoding);
  const reference = Number.parseInt(key.slice(0, 2), 16); // S3
  return {
    data_coding: dataCoding[encoding],
    esm_class: total > 1 ? esmClass.hasHeader : 0,
    short_message:
      total > 1 ? Buffer.concat([partHeader(reference, total, number), content]) : content,
  };
}

function recipientOf(to: string | undefined): string {
  if (to === undefined || to.trim() === '')
    throw new PluginError({
      code: 'no-number',
      kind: 'permanent',
      detail: "the person has no attribute 'phone', and the step gives no 'to'",
    });
  const phone = toPhone(to);
  if (phone !== undefined) return phone;
  throw new PluginError({
    code: 'bad-number',
    kind: 'permanent',
    detail: 'the recipient is not one phone number with its country, such as +886 912 345 678',
  });
}
