import type { Clock } from '../clock.ts';

/** The organization's own time. It runs as fast as the clock below it, whatever that clock's wall time does. */
export interface EmulatedClock extends Clock {
  /** Moves the time by so many milliseconds, forwards or back. */
  jump(byMs: number): void;
}

/** `startMs` is the time it starts at, Unix milliseconds. */
export function createEmulatedClock(base: Clock, startMs: number): EmulatedClock {
  const originMs = base.monotonicMs();
  let jumpedMs = 0;
  return {
    nowMs: () => Math.floor(startMs + jumpedMs + base.monotonicMs() - originMs),
    monotonicMs: () => base.monotonicMs(),
    sleep: (ms, signal) => base.sleep(ms, signal),
    jump(byMs) {
      jumpedMs += byMs;
    },
  };
}
