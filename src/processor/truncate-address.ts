import { isIPv4, isIPv6 } from 'node:net';

/** What of an address stays: the network that a provider gives to many IPv4 customers, or to one site with IPv6. */
const KEPT_BITS = { v4: 24, v6: 48 } as const;

/** `203.0.113.7` is `203.0.113.0`, `2001:db8:85a3::8a2e` is `2001:db8:85a3::`; a network keeps its form. Undefined for other texts. */
export function truncateAddress(text: string): string | undefined {
  const [, address = '', , bits] = /^([^/%]+)(\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const network = (truncated: string, kept: number) =>
    bits === undefined ? truncated : `${truncated}/${Math.min(Number(bits), kept)}`;
  const [, prefix, inner] = /^(::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (inner !== undefined && isIPv4(inner)) {
    // Of a network, the bits count those of the IPv6 form.
    const kept = KEPT_BITS.v4 + (prefix === undefined ? 0 : 96);
    return network(`${prefix ?? ''}${inner.replace(/\d+$/, '0')}`, kept);
  }
  return isIPv6(address) ? network(`${siteOf(address)}::`, KEPT_BITS.v6) : undefined;
}

/** The first three groups, without leading zeros. */
function siteOf(address: string): string {
  const [left = ''] = address.split('::');
  const groups = left === '' ? [] : left.split(':');
  const site = [0, 1, 2].map(index => Number.parseInt(groups[index] ?? '0', 16).toString(16));
  while (site.at(-1) === '0') site.pop();
  return site.join(':');
}
