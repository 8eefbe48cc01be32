import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Covered, cover, gaps, isCovered, uncover } from '../../src/coverage/intervals.ts';

const DAY = 86_400;
const HOUR = 3600;

describe('cover', () => {
  it('joins neighbours verified at about the same time, under the earlier time', () => {
    const list = cover([{ from: 0, to: 10, verifiedAt: 100 }], { from: 10, to: 20, verifiedAt: 160 }, HOUR);
    expect(list).toEqual([{ from: 0, to: 20, verifiedAt: 100 }]);
  });

  it('keeps apart what was verified a day apart', () => {
    const list = cover([{ from: 0, to: 10, verifiedAt: 100 }], { from: 5, to: 20, verifiedAt: 100 + DAY }, HOUR);
    expect(list).toEqual([
      { from: 0, to: 5, verifiedAt: 100 },
      { from: 5, to: 20, verifiedAt: 100 + DAY },
    ]);
  });

  it('does not let an older verification replace a later one', () => {
    const list = cover([{ from: 5, to: 10, verifiedAt: 5 * DAY }], { from: 0, to: 20, verifiedAt: DAY }, HOUR);
    expect(list).toEqual([
      { from: 0, to: 5, verifiedAt: DAY },
      { from: 5, to: 10, verifiedAt: 5 * DAY },
      { from: 10, to: 20, verifiedAt: DAY },
    ]);
  });

  it('ignores an empty piece', () => {
    const list: readonly Covered[] = [{ from: 0, to: 10, verifiedAt: 1 }];
    expect(cover(list, { from: 7, to: 7, verifiedAt: 9 }, HOUR)).toBe(list);
    expect(cover(list, { from: 9, to: 3, verifiedAt: 9 }, HOUR)).toBe(list);
  });
});

describe('uncover', () => {
  it('takes a span out and keeps what lies beside it', () => {
    const list = [
      { from: 0, to: 10, verifiedAt: 1 },
      { from: 20, to: 30, verifiedAt: 2 },
    ];
    expect(uncover(list, { from: 5, to: 25 })).toEqual([
      { from: 0, to: 5, verifiedAt: 1 },
      { from: 25, to: 30, verifiedAt: 2 },
    ]);
    expect(uncover(list, { from: 12, to: 15 })).toEqual(list);
    expect(uncover(list, { from: 28, to: 22 })).toEqual(list);
  });
});

describe('gaps', () => {
  it('finds what is open before, between and behind', () => {
    const list = [
      { from: 10, to: 20 },
      { from: 30, to: 40 },
    ];
    expect(gaps(list, { from: 0, to: 50 })).toEqual([
      { from: 0, to: 10 },
      { from: 20, to: 30 },
      { from: 40, to: 50 },
    ]);
    expect(gaps(list, { from: 12, to: 35 })).toEqual([{ from: 20, to: 30 }]);
    expect(gaps(list, { from: 12, to: 18 })).toEqual([]);
    expect(gaps([], { from: 5, to: 5 })).toEqual([]);
  });
});

const END = 60;
const piece = fc
  .record({
    from: fc.integer({ min: 0, max: END }),
    length: fc.integer({ min: 0, max: 20 }),
    day: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ from, length, day }): Covered => ({ from, to: Math.min(END, from + length), verifiedAt: day * DAY }));

describe('a list of coverage', () => {
  test.prop([fc.array(piece, { maxLength: 25 })])(
    'knows of each second the latest verification, and nothing else',
    pieces => {
      const list = pieces.reduce((known, each) => cover(known, each, HOUR), [] as readonly Covered[]);
      for (let second = 0; second < END; second++) {
        const latest = Math.max(-1, ...pieces.filter(p => p.from <= second && second < p.to).map(p => p.verifiedAt));
        const known = list.find(c => c.from <= second && second < c.to)?.verifiedAt ?? -1;
        expect(known).toBe(latest);
        expect(isCovered(list, second)).toBe(latest >= 0);
        expect(gaps(list, { from: 0, to: END }).some(g => g.from <= second && second < g.to)).toBe(latest < 0);
      }
    },
  );

  /** In the order in which they were verified, close to each other. */
  const inOrder = fc.array(fc.tuple(piece, fc.integer({ min: 0, max: HOUR })), { maxLength: 25 }).map(steps => {
    let verifiedAt = 0;
    return steps.map(([each, laterS]): Covered => {
      verifiedAt += laterS;
      return { ...each, verifiedAt };
    });
  });

  test.prop([inOrder], { numRuns: 1000 })('is never more than the tolerance behind the latest verification', pieces => {
    const list = pieces.reduce((known, each) => cover(known, each, HOUR), [] as readonly Covered[]);
    for (let second = 0; second < END; second++) {
      const latest = Math.max(-1, ...pieces.filter(p => p.from <= second && second < p.to).map(p => p.verifiedAt));
      const known = list.find(c => c.from <= second && second < c.to)?.verifiedAt ?? -1;
      expect(known).toBeLessThanOrEqual(latest);
      expect(known).toBeGreaterThanOrEqual(latest - HOUR);
    }
  });

  test.prop([fc.array(piece, { maxLength: 25 })])('is ascending, disjoint and without empty pieces', pieces => {
    const list = pieces.reduce((known, each) => cover(known, each, HOUR), [] as readonly Covered[]);
    for (const [i, covered] of list.entries()) {
      expect(covered.to).toBeGreaterThan(covered.from);
      expect(covered.from).toBeGreaterThanOrEqual(list[i - 1]?.to ?? 0);
    }
  });
});
