const one = /^[^\s@<>(),;:"\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** Whether a text is one plain address: no list, no name, no line break that could smuggle a header. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && one.test(text);
}

/** `Name <address>` or a bare address, taken apart; undefined when it is neither. */
export function parseSender(text: string): { name: string; address: string } | undefined {
  const match = /^\s*(?:"?([^"<>\r\n]*?)"?\s*<([^<>\s]+)>|(\S+))\s*$/.exec(text);
  const address = match?.[2] ?? match?.[3] ?? '';
  return isAddress(address) ? { name: match?.[1]?.trim() ?? '', address } : undefined;
}
