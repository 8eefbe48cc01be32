import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

const signal = new AbortController().signal;

test('advance wakes sleepers in order of time, also those that sleep again', async () => {
  const clock = createFakeClock({ startMs: 1000 });
  const woken: string[] = [];
  const sleepTwice = async () => {
    await clock.sleep(10, signal);
    woken.push(`first at ${clock.nowMs()}`);
    await clock.sleep(15, signal);
    woken.push(`second at ${clock.nowMs()}`);
  };
  void sleepTwice();
  void clock.sleep(20, signal).then(() => woken.push(`other at ${clock.nowMs()}`));

  await clock.advance(25);

  expect(woken).toEqual(['first at 1010', 'other at 1020', 'second at 1025']);
});

test('a sleeper that is not due keeps sleeping', async () => {
  const clock = createFakeClock();
  let woken = false;
  void clock.sleep(100, signal).then(() => {
    woken = true;
  });

  await clock.advance(99);
  expect(woken).toBe(false);
  await clock.advance(1);
  expect(woken).toBe(true);
});

test('an abort ends a sleep with its reason', async () => {
  const clock = createFakeClock();
  const controller = new AbortController();
  const sleep = clock.sleep(100, controller.signal);

  controller.abort(new Error('stopping'));

  await expect(sleep).rejects.toThrow('stopping');
  expect(clock.sleeping).toBe(0);
});

test('with auto, time passes by itself', async () => {
  const clock = createFakeClock({ startMs: 0, auto: true });

  await clock.sleep(3_600_000, signal);

  expect(clock.nowMs()).toBe(3_600_000);
});

test('a jump moves the wall clock alone', () => {
  const clock = createFakeClock({ startMs: 5000 });
  clock.jump(-2000);

  expect(clock.nowMs()).toBe(3000);
  expect(clock.monotonicMs()).toBe(0);
});
