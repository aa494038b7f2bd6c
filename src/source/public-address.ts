import { BlockList, isIP, isIPv6 } from 'node:net';

const V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];

/** Beside private ones, those that carry an IPv4 address which would have to be judged itself. */
const V6 = [
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const RESERVED = new BlockList();
for (const [subnets, family] of [
  [V4, 'ipv4'],
  [V6, 'ipv6'],
] as const) {
  for (const subnet of subnets) {
    const [address = '', prefix = ''] = subnet.split('/');
    RESERVED.addSubnet(address, Number(prefix), family);
  }
}

/**
 * True for an address on the public internet; false for loopback, private, link-local (where clouds keep
 * credentials), multicast and everything else that IANA's special-purpose registries reserve.
 */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPublicAddress(mapped);
  // BlockList judges an IPv4-mapped address in hex digits by the rules of IPv4.
  return !RESERVED.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
