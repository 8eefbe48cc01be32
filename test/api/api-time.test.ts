import { describe, expect, it } from 'vitest';
import { ApiTime } from '../../src/api/api-time.ts';
import type { Clock } from '../../src/clock.ts';

/** A monotonic clock that is moved by hand. */
class HandClock implements Clock {
  ms = 0;
  nowMs = () => 0;
  monotonicMs = () => this.ms;
  sleep = () => Promise.resolve();
}

function answered(clock: HandClock, dates: readonly number[]): ApiTime {
  const time = new ApiTime(clock);
  for (const date of dates) time.observe(date);
  return time;
}

describe('ApiTime', () => {
  it('is not trusted before three answers', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000]);
    expect(time.trustedS(time.mark())).toBeUndefined();
    time.observe(1000);
    expect(time.trustedS(time.mark())).toBe(1000);
  });

  it('starts with the lowest of the first three answers', () => {
    const clock = new HandClock();
    const time = answered(clock, [5000, 1000, 9000]);
    expect(time.trustedS(time.mark())).toBe(1000);
  });

  it('goes on with the monotonic clock between answers', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    clock.ms += 30_000;
    expect(time.estimateS()).toBe(1030);
  });

  it('is not trusted where an answer had no Date, until one has', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    clock.ms += 30_000;
    const mark = time.mark();
    expect(time.trustedS(mark)).toBeUndefined();
    time.observe(1030);
    expect(time.trustedS(mark)).toBeUndefined();
    expect(time.trustedS(time.mark())).toBe(1030);
  });

  it('follows an answer that is behind, at once', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    time.observe(900);
    expect(time.estimateS()).toBe(900);
  });

  it('lets an answer run ahead by five seconds at most', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    time.observe(1020);
    expect(time.estimateS()).toBe(1005);
  });

  it('ignores one answer far ahead', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    time.observe(9000);
    expect(time.estimateS()).toBe(1000);
    clock.ms += 60_000;
    time.observe(1060);
    time.observe(9060);
    expect(time.estimateS()).toBe(1060);
  });

  it('believes three answers ahead over a minute: the machine was suspended', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    time.observe(9000);
    clock.ms += 31_000;
    time.observe(9031);
    expect(time.estimateS()).toBe(1031);
    clock.ms += 31_000;
    time.observe(9062);
    expect(time.estimateS()).toBe(9000);
  });

  it('does not believe three answers ahead within a minute', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000, 9000, 9000, 9000]);
    expect(time.estimateS()).toBe(1000);
  });

  it('bears any number of answers far ahead within a minute', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    for (let i = 0; i < 300_000; i++) time.observe(9000);
    clock.ms += 61_000;
    time.observe(9061);
    expect(time.estimateS()).toBe(9000);
  });

  it('measures a marked moment with no later jump', () => {
    const clock = new HandClock();
    const time = answered(clock, [1000, 1000, 1000]);
    const mark = time.mark();
    time.observe(9000);
    clock.ms += 61_000;
    time.observe(9061);
    time.observe(9061);
    expect(time.trustedS(mark)).toBe(1000);
  });

  it('corrects a marked moment down when the third answer shows that the first two were ahead', () => {
    const clock = new HandClock();
    const time = answered(clock, [5000]);
    const mark = time.mark();
    time.observe(5000);
    time.observe(1000);
    expect(time.trustedS(mark)).toBe(1000);
  });
});
