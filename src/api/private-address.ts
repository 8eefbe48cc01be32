import { BlockList, isIP, type LookupFunction } from 'node:net';
import { CollectorError } from '../errors.ts';

const LOOPBACK = blockListOf(['127.0.0.0/8'], ['::1/128']);

/** What no public name leads to: RFC 6890 and its registries at IANA. */
const PRIVATE = blockListOf(
  [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '224.0.0.0/3',
  ],
  ['::/127', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
);

/** Whether a host names this machine itself, before any look-up: `localhost`, 127.0.0.1, ::1. */
function isLoopbackName(host: string): boolean {
  return isIP(host) === 0 ? /^(?:.+\.)?localhost$/i.test(host) : holds(LOOPBACK, host);
}

/** Whether `host`, which has this address, leads into a private network, or to this machine without naming it. */
export function isPrivate(host: string, address: string): boolean {
  return isLoopbackName(host) && holds(LOOPBACK, address) ? false : holds(PRIVATE, address);
}

/** @throws CollectorError `api-address-private` for an address that stands in the URL itself, where no look-up is made. */
export function refusePrivateUrl(url: string): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isPrivate(host, host)) throw refusal(host, host);
}

/** A look-up that fails for a name with any private address. Made at each connection, since an answer may change. */
export function publicOnly(lookup: LookupFunction): LookupFunction {
  return (host, options, callback) =>
    lookup(host, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [address] : (address ?? []).map(each => each.address);
      const bad = error === null ? addresses.find(each => isPrivate(host, each)) : undefined;
      callback(bad === undefined ? error : (refusal(host, bad) as NodeJS.ErrnoException), address, family);
    });
}

function refusal(host: string, address: string): CollectorError {
  const where = host === address ? address : `${host} leads to ${address}, which`;
  return new CollectorError(
    'misconfigured',
    `${where} is in a private network, where the admin key is not sent: check base_url, or write ` +
      '`allow_private_address: true` for this organization',
    { code: 'api-address-private' },
  );
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function blockListOf(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  const add = (type: 'ipv4' | 'ipv6') => (range: string) => {
    const [network = '', bits] = range.split('/');
    list.addSubnet(network, Number(bits), type);
  };
  v4.forEach(add('ipv4'));
  v6.forEach(add('ipv6'));
  return list;
}
