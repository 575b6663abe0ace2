import {
  happened,
  settled,
  type HappenedReport,
  type JsonObject,
  type SettledReport,
} from '@sojourn/plugin-kit';
import { phoneOf } from './phone.ts';
import { esmClass, textIn } from './protocol.ts';
import { endOf, readReceipt, type Receipt } from './receipt.ts';
import { isHelp, stopWordIn } from './words.ts';
import type { Part } from './assembly.ts';

// What an SMSC delivers, read, and what is reported of it.

/** What a delivery is. `nothing`: it says nothing to anybody, as a receipt of what is under way, or no text. */
export type Arrival =
  | { type: 'receipt'; receipt: Receipt }
  | { type: 'text'; from: string; to: string; text: string }
  | { type: 'part'; part: Part }
  | { type: 'nothing' };

type Fields = Record<string, unknown>;

/** Reads a delivery. */
export function readArrival(fields: Fields): Arrival {
  const { text, header } = contentOf(fields);
  const kind = Number(fields['esm_class'] ?? 0) & esmClass.kind;
  if (text === undefined) return { type: 'nothing' };
  if (kind === esmClass.receipt) {
    const receipt = readReceipt(text, fields);
    return receipt ? { type: 'receipt', receipt } : { type: 'nothing' };
  }
  if (kind !== 0) return { type: 'nothing' }; // what a phone or a network says of its own accord
  const from = phoneOf(textIn(fields, 'source_addr'), Number(fields['source_addr_ton'] ?? 0));
  const to = textIn(fields, 'destination_addr');
  if (from === undefined) return { type: 'nothing' }; // nobody has such an attribute
  const place = placeIn(header, fields);
  return place
    ? { type: 'part', part: { from, to, ...place, text } }
    : { type: 'text', from, to, text };
}

/** The end of a text that was sent; undefined when it has not ended. */
export function reportOfReceipt(receipt: Receipt): SettledReport | undefined {
  const { reference, state, error } = receipt;
  const outcome = endOf(receipt);
  if (outcome === undefined) return undefined;
  const output: JsonObject = { state, ...(error === undefined ? {} : { error }) };
  return settled(reference, outcome, output, { eventId: `${reference}/${state}` });
}

/** What a person wrote: `sms.stopped` when it is a word for that, else `sms.replied`. */
export function reportOfText(given: {
  from: string;
  text: string;
  parts: number;
  eventId: string;
}): HappenedReport {
  const { from, text, parts, eventId } = given;
  const subject = { attribute: 'phone', value: from };
  const stop = stopWordIn(text);
  const [type, data]: [string, JsonObject] = stop
    ? ['sms.stopped', { word: stop.word, language: stop.language }]
    : ['sms.replied', { text, parts, ...(isHelp(text) ? { help: true } : {}) }];
  return happened(type, subject, data, { eventId, message: { text } });
}

/** A text with the header that says of what it is a part. The text is undefined when the content is none. */
function contentOf(fields: Fields): { text?: string; header: Buffer[] } {
  for (const content of [fields['short_message'], fields['message_payload']]) {
    if (typeof content !== 'object' || content === null || !('message' in content)) continue;
    const { message } = content;
    if (message === '' || (Buffer.isBuffer(message) && message.length === 0)) continue;
    const header = 'udh' in content && Array.isArray(content.udh) ? content.udh : [];
    return {
      ...(typeof message === 'string' ? { text: message } : {}),
      header: header.filter((element): element is Buffer => Buffer.isBuffer(element)),
    };
  }
  return { header: [] };
}

/** Which part of which text it is: by its header (8 or 16 bits of reference), or by parameters of SMPP. */
function placeIn(
  header: readonly Buffer[],
  fields: Fields,
): Pick<Part, 'reference' | 'total' | 'number'> | undefined {
  const short = header.find((element) => element[0] === 0x00 && element.length >= 5);
  const long = header.find((element) => element[0] === 0x08 && element.length >= 6);
  const [reference, total, number] = short
    ? [short[2], short[3], short[4]]
    : long
      ? [long.readUInt16BE(2), long[4], long[5]]
      : [fields['sar_msg_ref_num'], fields['sar_total_segments'], fields['sar_segment_seqnum']];
  if (typeof reference !== 'number' || typeof total !== 'number' || typeof number !== 'number')
    return undefined;
  return total > 1 && number >= 1 && number <= total ? { reference, total, number } : undefined;
}
