import { describe, expect, it } from 'vitest';
import { Works } from '../../src/progress/works.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const work = { kind: 'history', organization: 'acme', stream: 'tenant', unit: 'seconds' } as const;

function begun() {
  const clock = createFakeClock();
  const works = new Works(clock);
  const task = works.begin(work);
  return { clock, works, task, leftMs: () => works.underWay()[0]?.leftMs };
}

describe('long work', () => {
  it('is under way from its beginning to its end, which may be said twice', async () => {
    const { clock, works, task } = begun();
    task.reached({ done: 1, total: 4, facts: { events: 7 } });
    await clock.advance(2_000);
    expect(works.underWay()).toEqual([{ task, ...work, done: 1, total: 4, tookMs: 2_000, facts: { events: 7 } }]);
    task.end();
    task.end();
    expect(works.underWay()).toEqual([]);
  });

  it('should end at the speed of the last minutes, which is not known at once', async () => {
    const { clock, task, leftMs } = begun();
    await clock.advance(1_000);
    task.reached({ done: 10, total: 100 });
    expect(leftMs()).toBeUndefined();
    await clock.advance(9_000);
    task.reached({ done: 20, total: 100 });
    expect(leftMs()).toBe(40_000);
  });

  it('counts for its speed only what was done since somebody looked', async () => {
    const clock = createFakeClock();
    const works = new Works(clock);
    const task = works.begin(work, 50);
    await clock.advance(10_000);
    task.reached({ done: 60, total: 100 });
    expect(works.underWay()[0]).toMatchObject({ done: 60, leftMs: 40_000 });
  });

  it('slows down while nothing moves, and has no speed after five minutes of that', async () => {
    const { clock, task, leftMs } = begun();
    await clock.advance(10_000);
    task.reached({ done: 50, total: 100 });
    expect(leftMs()).toBe(10_000);
    await clock.advance(10_000);
    expect(leftMs()).toBe(20_000);
    await clock.advance(300_000);
    expect(leftMs()).toBeUndefined();
  });

  it('forgets a speed of long ago', async () => {
    const { clock, task, leftMs } = begun();
    await clock.advance(1_000);
    task.reached({ done: 90_000, total: 100_000 });
    for (let minute = 1; minute <= 20; minute++) {
      await clock.advance(60_000);
      task.reached({ done: 90_000 + minute * 60, total: 100_000 });
    }
    expect(leftMs()).toBeCloseTo(8_800_000, -4);
  });

  it('does not end before the learned limits allow it, however fast it began', async () => {
    const { clock, task, leftMs } = begun();
    let leastMs = 600_000;
    task.reached({ done: 0, total: 100, leastMs: () => leastMs });
    expect(leftMs()).toBe(600_000);
    await clock.advance(10_000);
    task.reached({ done: 50, total: 100, leastMs: () => leastMs });
    expect(leftMs()).toBe(600_000);
    leastMs = 0;
    expect(leftMs()).toBe(10_000);
  });
});
