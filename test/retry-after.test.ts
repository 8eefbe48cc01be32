import { expect, it } from 'vitest';
import { retryAfterMs } from '../src/retry-after.ts';

const NOW = Date.UTC(2026, 0, 1);

it.each<[string | undefined, number | undefined]>([
  ['17', 17_000],
  [' 0 ', 0],
  ['1.5', 1_500],
  [new Date(NOW + 60_000).toUTCString(), 60_000],
  [new Date(NOW - 60_000).toUTCString(), 0],
  [undefined, undefined],
  ['', undefined],
  ['soon', undefined],
  ['9'.repeat(400), undefined],
])('reads Retry-After: %s', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});

it('counts a date from the Date of the same answer, whatever the local clock shows', () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
  expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', NOW + 5 * 3_600_000, date)).toBe(60_000);
  expect(retryAfterMs('90', NOW, date)).toBe(90_000);
});
