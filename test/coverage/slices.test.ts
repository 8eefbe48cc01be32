import { describe, expect, it } from 'vitest';
import type { Interval } from '../../src/coverage/intervals.ts';
import { firstPace, learnPace, nextSlice, pageLengthS } from '../../src/coverage/slices.ts';

const YEAR = 365 * 86_400;

/** Requests that filling [0, to) takes when a slice costs one request a started page. */
function requestsFor(to: number, countIn: (span: Interval) => number): number {
  let pace = firstPace;
  let requests = 0;
  for (let from = 0; from < to; ) {
    const slice = nextSlice({ from, to }, pace);
    const events = countIn(slice);
    requests += Math.max(1, Math.ceil(events / 100));
    pace = learnPace(pace, slice.to - slice.from, events);
    from = slice.to;
  }
  return requests;
}

describe('slices', () => {
  it('cover a gap from its first second to its last without a hole', () => {
    let pace = firstPace;
    let from = 7;
    const seen: Interval[] = [];
    while (from < YEAR) {
      const slice = nextSlice({ from, to: YEAR }, pace);
      expect(slice.from).toBe(from);
      expect(slice.to).toBeGreaterThan(slice.from);
      seen.push(slice);
      pace = learnPace(pace, slice.to - slice.from, 40);
      from = slice.to;
    }
    expect(seen.at(-1)?.to).toBe(YEAR);
  });

  it('cost a handful of requests in an empty year', () => {
    expect(requestsFor(YEAR, () => 0)).toBeLessThanOrEqual(8);
  });

  it('cost at most a twentieth more than one request a hundred events when these come evenly', () => {
    const perSecond = 0.05;
    const least = Math.ceil((YEAR * perSecond) / 100);
    const requests = requestsFor(YEAR, ({ from, to }) => Math.floor(to * perSecond) - Math.floor(from * perSecond));
    expect(requests).toBeLessThanOrEqual(least * 1.05 + 10);
  });

  it('get no shorter than a second, however dense it is', () => {
    const pace = learnPace({ lengthS: 1, targetPages: 30, density: 0 }, 1, 1_000_000);
    expect(nextSlice({ from: 5, to: 100 }, pace)).toEqual({ from: 5, to: 6 });
  });

  it('know how soon a page is full, and that it never is where nothing happens', () => {
    expect(pageLengthS(firstPace)).toBe(Number.POSITIVE_INFINITY);
    const dense = learnPace(firstPace, 10, 1000);
    expect(pageLengthS(dense)).toBe(1);
    expect(pageLengthS(learnPace(dense, 10, 0))).toBe(Number.POSITIVE_INFINITY);
  });
});
