import { describe, expect, it } from 'vitest';
import { beside, completedHours, joinedByDay } from '../../src/coverage/hours.ts';

const H = 3600;
const covered = (from: number, to: number, verifiedAt = 9) => ({ from, to, verifiedAt });

describe('completed hours', () => {
  it('are those that are whole now and were not before, under their oldest verification', () => {
    const after = [covered(0, 2 * H, 9), covered(2 * H, 4 * H + 10, 7)];
    expect(completedHours([covered(0, H + 5)], after, 0)).toEqual([
      covered(H, 2 * H, 9),
      covered(2 * H, 3 * H, 7),
      covered(3 * H, 4 * H, 7),
    ]);
    expect(completedHours([covered(0, H)], [covered(0, H + 10, 5), covered(H + 10, 2 * H, 8)], 0)).toEqual([
      covered(H, 2 * H, 5),
    ]);
  });

  it('are none when coverage was only verified again, or an hour has a hole', () => {
    expect(completedHours([covered(0, H)], [covered(0, H, 20)], 0)).toEqual([]);
    expect(completedHours([], [covered(0, 100), covered(101, H)], 0)).toEqual([]);
  });

  it('begin where the history begins', () => {
    expect(completedHours([], [covered(H + 100, 3 * H)], H + 100)).toEqual([
      covered(H + 100, 2 * H),
      covered(2 * H, 3 * H),
    ]);
    expect(completedHours([covered(100, H)], [covered(0, H)], 0)).toEqual([covered(0, H)]);
  });

  it('are joined within a day', () => {
    expect(joinedByDay([covered(22 * H, 23 * H, 4), covered(23 * H, 24 * H, 3), covered(24 * H, 25 * H)])).toEqual([
      covered(22 * H, 24 * H, 3),
      covered(24 * H, 25 * H),
    ]);
    expect(joinedByDay([covered(0, H), covered(2 * H, 3 * H)])).toHaveLength(2);
  });

  it('leave what lies beside a piece', () => {
    expect(beside(covered(0, 10), { from: 3, to: 5 })).toEqual([covered(0, 3), covered(5, 10)]);
    expect(beside(covered(3, 5), { from: 0, to: 9 })).toEqual([]);
  });
});
