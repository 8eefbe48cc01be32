import { describe, expect, it } from 'vitest';
import { silence } from '../../src/coverage/silence.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const NOW = 1000 * DAY;
const every = (step: number, newest: number, count = 50) => Array.from({ length: count }, (_, i) => newest - i * step);

describe('silence', () => {
  it('is nothing while the pause is within a day, or within what is usual', () => {
    expect(silence(every(HOUR, NOW - 23 * HOUR), NOW)).toBeUndefined();
    expect(silence(every(2 * DAY, NOW - 5 * DAY), NOW)).toBeUndefined();
  });

  it('is a pause longer than a day and three times as long as any before', () => {
    expect(silence(every(HOUR, NOW - 25 * HOUR), NOW)).toEqual({ forS: 25 * HOUR, longestS: HOUR });
    expect(silence(every(2 * DAY, NOW - 7 * DAY), NOW)).toEqual({ forS: 7 * DAY, longestS: 2 * DAY });
  });

  it('is not seen in a handful of events', () => {
    expect(silence(every(HOUR, NOW - 90 * DAY, 19), NOW)).toBeUndefined();
    expect(silence([], NOW)).toBeUndefined();
  });
});
