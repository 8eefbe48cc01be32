import { expect, test } from 'vitest';
import { createEmulatedClock } from '../../src/emulator/emulated-clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';

test('runs from its start at the speed of the clock below, whatever that one says the time is', async () => {
  const base = createFakeClock({ startMs: 5_000_000 });
  const clock = createEmulatedClock(base, 1000);
  await base.advance(250);
  expect(clock.nowMs()).toBe(1250);
  base.jump(3_600_000);
  expect(clock.nowMs()).toBe(1250);
});

test('jumps by command, and monotonic time does not', () => {
  const base = createFakeClock({ startMs: 0 });
  const clock = createEmulatedClock(base, 1000);
  const before = clock.monotonicMs();
  clock.jump(60_000);
  clock.jump(-10_000);
  expect(clock.nowMs()).toBe(51_000);
  expect(clock.monotonicMs()).toBe(before);
});
