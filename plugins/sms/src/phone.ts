// Numbers of phones, as people write them, as we keep them (E.164: +886912345678) and as SMPP carries them.

/** An address in SMPP: its type of number, its numbering plan, itself. */
export interface SmppAddress {
  ton: number;
  npi: number;
  address: string;
}

const type = { unknown: 0, international: 1, alphanumeric: 5 };
const plan = { unknown: 0, isdn: 1 };
const e164 = /^\+[1-9]\d{6,14}$/;

/** One number in E.164; undefined when the text is none, or does not say in which country. */
export function toPhone(text: string): string | undefined {
  const number = text
    .normalize('NFKC')
    .replace(/[\s\p{Pd}().]/gu, '')
    .replace(/^00/, '+');
  return e164.test(number) ? number : undefined;
}

/** Where a text comes from or goes to, for SMPP: a number, a short code or a name. */
function toAddress(text: string): SmppAddress {
  if (text.startsWith('+'))
    return { ton: type.international, npi: plan.isdn, address: text.slice(1) };
  return /^\d+$/.test(text)
    ? { ton: type.unknown, npi: plan.isdn, address: text }
    : { ton: type.alphanumeric, npi: plan.unknown, address: text };
}

/** The sender's address, as the requests of SMPP carry it. */
export function sourceFields(text: string): Record<string, unknown> {
  const { ton, npi, address } = toAddress(text);
  return { source_addr_ton: ton, source_addr_npi: npi, source_addr: address };
}

/** The recipient's address, as the requests of SMPP carry it. */
export function destinationFields(text: string): Record<string, unknown> {
  const { ton, npi, address } = toAddress(text);
  return { dest_addr_ton: ton, dest_addr_npi: npi, destination_addr: address };
}

/** The number of a phone that wrote; undefined when an address is none, as a short code or a number without its country. */
export function phoneOf(address: string, ton: number): string | undefined {
  if (ton !== type.international && ton !== type.unknown) return undefined;
  if (address.startsWith('+') || address.startsWith('00')) return toPhone(address);
  return address.length < 8 ? undefined : toPhone(`+${address}`);
}
