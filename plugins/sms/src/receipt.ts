// What an SMSC says of a text it was given (SMPP 3.4, appendix B):
// `id:… sub:001 dlvrd:001 submit date:… done date:… stat:DELIVRD err:000 text:…`.

/** A receipt, read. */
export interface Receipt {
  /** The SMSC's own id of the text. */
  reference: string;
  /** `DELIVRD`, `UNDELIV` … */
  state: string;
  /** The network's own code of what went wrong. */
  error?: string;
}

/** Values of `message_state` (5.2.28), by the words that receipts have for them. */
export const messageStates: Record<number, string> = {
  ...{ 1: 'ENROUTE', 2: 'DELIVRD', 3: 'EXPIRED', 4: 'DELETED' },
  ...{ 5: 'UNDELIV', 6: 'ACCEPTD', 7: 'UNKNOWN', 8: 'REJECTD' },
};

const ends: Record<string, 'delivered' | 'undelivered'> = {
  ...{ DELIVRD: 'delivered', EXPIRED: 'undelivered', DELETED: 'undelivered' },
  ...{ UNDELIV: 'undelivered', REJECTD: 'undelivered' },
};

/** Reads a receipt; undefined when it does not say of what it is, or how that stands. What has a field of its own counts first. */
export function readReceipt(
  text: string,
  fields: { receipted_message_id?: unknown; message_state?: unknown } = {},
): Receipt | undefined {
  const about = text.replace(/\btext:[^]*$/i, ''); // the text itself may look like anything
  const find = (name: string): string | undefined =>
    new RegExp(`\\b${name}:\\s*([^\\s:]+)`, 'i').exec(about)?.[1];
  const { receipted_message_id: id, message_state: told } = fields;
  const reference = typeof id === 'string' && id !== '' ? id : find('id');
  const state =
    (typeof told === 'number' ? messageStates[told] : undefined) ?? find('stat')?.toUpperCase();
  if (reference === undefined || state === undefined) return undefined;
  const error = find('err');
  return {
    reference,
    state,
    ...(error === undefined || /^0+$/.test(error) ? {} : { error }),
  };
}

/** How a text ended; undefined when it has not: it is on its way, or nobody knows. */
export function endOf({ state }: Receipt): 'delivered' | 'undelivered' | undefined {
  return Object.hasOwn(ends, state) ? ends[state] : undefined;
}
