import { expect, it } from 'vitest';
import { truncateAddress } from '../../src/processor/truncate-address.ts';

it.each([
  ['203.0.113.7', '203.0.113.0'],
  [' 203.0.113.7 ', '203.0.113.0'],
  ['203.0.113.7/32', '203.0.113.0/24'],
  ['203.0.0.0/16', '203.0.0.0/16'],
  ['::ffff:203.0.113.7', '::ffff:203.0.113.0'],
  ['::ffff:203.0.113.7/128', '::ffff:203.0.113.0/120'],
  ['2001:db8:85a3:1::8a2e:370:7334', '2001:db8:85a3::'],
  ['2001:0DB8:85A3:0001:0:0:0:1', '2001:db8:85a3::'],
  ['2001:db8::1', '2001:db8::'],
  ['2001::85a3:0:0:1', '2001::'],
  ['2001:db8:85a3:1::/64', '2001:db8:85a3::/48'],
  ['::1', '::'],
  ['203.0.113.256', undefined],
  ['203.0.113', undefined],
  ['fe80::1%eth0', undefined],
  ['Berlin', undefined],
  ['', undefined],
])('%j without its host is %j', (address, truncated) => {
  expect(truncateAddress(address)).toBe(truncated);
});
