import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { PluginError } from '../contract.ts';

/** What plugins may reach. */
export interface EgressRule {
  /** Whether `address:port` on this machine or a private network may be reached all the same: the sandbox's own ports. */
  allows(host: string, port: number): boolean;
}

/** Says where plugins may connect to. */
export interface Egress {
  /** The address to connect to. Rejects with a `PluginError` when it may not be reached, or is not known. */
  resolve(host: string, port: number): Promise<{ address: string; port: number }>;
}

// One list a family: a list of both takes every IPv4 address for a mapped IPv6 one.
const closed4 = new BlockList();
const closed6 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  closed4.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  closed6.addSubnet(network, bits, 'ipv6');
}

/**
 * Resolves a host once and answers the address to connect to, so that what was checked is what is reached. Private,
 * loopback and link-local addresses are refused with a `PluginError` of kind `config`.
 */
export function createEgress(rule: EgressRule): Egress {
  return {
    async resolve(host, port) {
      const address = isIP(host) ? host : await addressOf(host);
      if (isClosed(address) && !rule.allows(address, port) && !rule.allows(host, port)) {
        throw new PluginError({
          code: 'egress-refused',
          kind: 'config',
          detail: `'${host}:${port}' is a private or local address, which connections may not reach: list it in SOJOURN_EGRESS_ALLOW if it is meant`,
        });
      }
      return { address, port };
    },
  };
}

function isClosed(address: string): boolean {
  return isIP(address) === 6 ? closed6.check(address, 'ipv6') : closed4.check(address, 'ipv4');
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new PluginError({
      code: 'host-unknown',
      kind: 'retryable',
      detail: `the host '${host}' cannot be found`,
      cause: error,
    });
  }
}
