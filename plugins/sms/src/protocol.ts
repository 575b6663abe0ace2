import smpp from 'smpp';

// Words of SMPP 3.4 that both sides use.

/** Values of `command_status` (5.1.3). */
export const status = {
  ok: 0x00,
  wrongBindState: 0x04,
  alreadyBound: 0x05,
  systemError: 0x08,
  badSource: 0x0a,
  badDestination: 0x0b,
  bindFailed: 0x0d,
  badPassword: 0x0e,
  badSystemId: 0x0f,
  cancelFailed: 0x11,
  queueFull: 0x14,
  throttled: 0x58,
  temporary: 0x64,
  queryFailed: 0x67,
  unknown: 0xff,
} as const;

/** Bits of `esm_class` (5.2.12). */
export const esmClass = { kind: 0x3c, receipt: 0x04, hasHeader: 0x40 } as const;

/** Values of `data_coding` (5.2.19). */
export const dataCoding = { 'gsm-7': 0x00, 'ucs-2': 0x08 } as const;

/** A parameter of our own, of those left to vendors: a hash of the idempotency key. */
export const keyField = 'sojourn_key';
smpp.addTLV(keyField, { id: 0x1501, type: smpp.types.tlv.string });

// When a line ends within a message, the package takes what there is of it for the whole: half of an id would be believed.
smpp.PDU.fromStream = (stream, length) => {
  const rest = stream.read(length - 4) as Buffer | null;
  if (!rest) return false;
  if (rest.length < length - 4) throw new Error('the line ended within a message');
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return new smpp.PDU(Buffer.concat([head, rest]));
};

/** A field that is a text; empty when it is not there. */
export function textIn(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}
