import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { dueSpans, type Tier } from '../../src/coverage/due.ts';
import { type Covered, cover } from '../../src/coverage/intervals.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const daily: Tier = { lastS: 30 * DAY, everyS: DAY };
const NOW = 400 * DAY;

describe('dueSpans', () => {
  it('is nothing while everything was verified lately', () => {
    expect(dueSpans([{ from: 0, to: NOW, verifiedAt: NOW - DAY + 1 }], daily, NOW)).toBeUndefined();
    expect(dueSpans([], daily, NOW)).toBeUndefined();
  });

  it('is all of the last 30 days a day after they were verified', () => {
    const verifiedAt = NOW - DAY;
    expect(dueSpans([{ from: 0, to: NOW, verifiedAt }], daily, NOW)).toEqual({
      tier: daily,
      spans: [{ from: verifiedAt - 30 * DAY, to: NOW }],
      overdueS: 0,
    });
  });

  it('takes along what will be due soon, and leaves what was verified lately', () => {
    const list: readonly Covered[] = [
      { from: NOW - 9 * DAY, to: NOW - 6 * DAY, verifiedAt: NOW - 2 * DAY },
      { from: NOW - 6 * DAY, to: NOW - 3 * DAY, verifiedAt: NOW - 0.6 * DAY },
      { from: NOW - 3 * DAY, to: NOW, verifiedAt: NOW - HOUR },
    ];
    expect(dueSpans(list, daily, NOW)?.spans).toEqual([{ from: NOW - 9 * DAY, to: NOW - 3 * DAY }]);
  });

  it('reads a span once more after it has grown older than `last`, and then never again', () => {
    const span = { from: NOW - 40 * DAY, to: NOW - 39 * DAY };
    expect(dueSpans([{ ...span, verifiedAt: NOW - 20 * DAY }], daily, NOW)?.spans).toEqual([span]);
    expect(dueSpans([{ ...span, verifiedAt: NOW - 2 * DAY }], daily, NOW)).toBeUndefined();
  });

  it('says for how long it has been waiting', () => {
    expect(dueSpans([{ from: NOW - DAY, to: NOW, verifiedAt: NOW - 3 * DAY }], daily, NOW)?.overdueS).toBe(2 * DAY);
  });

  test.prop([
    fc.integer({ min: 0, max: 30 * DAY }),
    fc.array(fc.integer({ min: 60, max: 10 * DAY }), { minLength: 1, maxLength: 60 }),
  ])('lets no event pass that appears within `last`, however late the readings come', (lateBy, pauses) => {
    const second = 1000;
    let now = second + HOUR;
    let coverage = cover([], { from: 0, to: second + 1, verifiedAt: now }, HOUR);
    let found = lateBy <= HOUR;
    for (const pause of [...pauses, 31 * DAY, 2 * DAY]) {
      now += pause;
      const due = dueSpans(coverage, daily, now);
      for (const span of due?.spans ?? []) {
        if (span.from <= second && second < span.to && second + lateBy <= now) found = true;
        coverage = cover(coverage, { ...span, verifiedAt: now }, HOUR);
      }
    }
    expect(found).toBe(true);
  });
});
